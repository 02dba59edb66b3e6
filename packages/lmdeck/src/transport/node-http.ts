import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Readable } from 'node:stream';
import { LmdeckError } from '../core/index.ts';
import type { ConnectOptions } from './connection-pool.ts';
import { decodeContent } from './content-decoding.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from './http.ts';
import { bodyError, errorCode, networkError } from './network-error.ts';
import { ResponseBody, type BodyOwner } from './response-body.ts';
import { Router, type Route } from './route.ts';

export interface NodeHttpTransportOptions {
  /** Until a new connection stands (DNS, TCP, proxy, TLS), milliseconds, unless the request says otherwise. Default: 10,000. */
  readonly connectMs?: number;
  /** How long an unused connection is kept, milliseconds, unless the server announces less. Default: 30,000. */
  readonly idleSocketMs?: number;
  /** Where the proxy variables are read. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A transport that owns its connections. */
export interface NodeHttpTransport extends HttpTransport, AsyncDisposable {
  /** Closes all connections; requests that are under way fail. */
  close(): Promise<void>;
}

/**
 * HTTP/1.1 over `node:http` and `node:https` with keep-alive connections, as many at once as there are requests.
 * Unused connections do not keep the process alive.
 *
 * - A request on a kept connection that the server closes at that very moment is sent once more, on a new one.
 * - Redirects are not followed: a 3xx is an answer like any other, because a redirected POST loses its body or its key.
 * - Compression is not asked for (answers are small, streams suffer); gzip, deflate, br and zstd are undone when they come.
 * - Proxies come from the request or from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; loopback addresses never use
 *   one from the environment.
 * - Reading a body to its end lets its connection be used again; leaving early closes it.
 *
 * Why `node:http`: it is built in and loads in 3 ms (undici: 77 ms). Streams cost the same on both; short answers under load
 * cost about half with undici's dispatch, and 2.6 times as much with the global fetch (docs/performance.md).
 *
 * @throws LmdeckError (as a rejection) `network`, `timeout` (no connection in time), `aborted`, `invalid-response` (not HTTP),
 * `config` (URL, proxy or certificate); while the body is read also `incomplete-response`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { nodeHttpTransport } from 'lmdeck/transport';
 *
 * const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
 * await new Promise((resolve) => server.once('listening', resolve));
 * const address = server.address();
 * const port = typeof address === 'object' ? address?.port : undefined;
 *
 * await using http = nodeHttpTransport();
 * const response = await http({ method: 'GET', url: `http://127.0.0.1:${port}/` });
 * console.log(response.status, await response.text()); // 200 hello
 * server.close();
 * ```
 */
export function nodeHttpTransport(options: NodeHttpTransportOptions = {}): NodeHttpTransport {
  const { connectMs = 10_000, idleSocketMs = 30_000, env = process.env } = options;
  const router = new Router({ env, idleSocketMs });
  const close = async (): Promise<void> => router.destroy();
  const transport = (request: HttpRequest): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      if (request.signal?.aborted === true) return reject(LmdeckError.from(request.signal.reason, 'aborted'));
      new Exchange(request, router.route(request), request.timeouts?.connectMs || connectMs, resolve, reject).send();
    });
  return Object.assign(transport, { close, [Symbol.asyncDispose]: close });
}

/** One request and its answer. */
class Exchange implements BodyOwner {
  readonly #request: HttpRequest;
  readonly #route: Route;
  readonly #connectMs: number;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: LmdeckError) => void;
  #sent: ClientRequest | undefined;
  #message: IncomingMessage | undefined;
  #stream: Readable | undefined;
  #body: ResponseBody | undefined;
  #again = false;
  #settled = false;

  constructor(
    request: HttpRequest,
    route: Route,
    connectMs: number,
    resolve: (response: HttpResponse) => void,
    reject: (error: LmdeckError) => void,
  ) {
    this.#request = request;
    this.#route = route;
    this.#connectMs = connectMs;
    this.#resolve = resolve;
    this.#reject = reject;
    request.signal?.addEventListener('abort', this.#onAbort);
  }

  send(): void {
    const { method, body } = this.#request;
    const { pool, secure, host, port, servername, path, place } = this.#route;
    const options: ConnectOptions = {
      method,
      host,
      port,
      path,
      servername,
      headers: this.#headers(),
      connectMs: this.#connectMs,
      place,
      agent: pool.agent,
    };
    const fresh: RequestOptions = { agent: undefined, createConnection: (_, callback) => pool.connect(options, callback) };
    try {
      const { request } = secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
      this.#sent = request(this.#again ? { ...options, ...fresh } : options, this.#onResponse);
      this.#sent.on('error', this.#onError);
      this.#sent.end(body);
    } catch (error) {
      this.#fail(networkError(error, place));
    }
  }

  /** Names and values in turn: Node writes such a list as it is, without a map of its own. */
  #headers(): string[] {
    const { headers, body, method } = this.#request;
    const list = [...this.#route.headers];
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined && name !== 'host' && name !== 'content-length') list.push(name, value);
    }
    if (body !== undefined) list.push('content-length', String(typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength));
    else if (method === 'POST' || method === 'PUT') list.push('content-length', '0');
    return list;
  }

  readonly #onResponse = (message: IncomingMessage): void => {
    if (this.#settled) return;
    try {
      const encoding = rawHeader(message.rawHeaders, 'content-encoding');
      this.#stream = encoding === undefined ? message : decodeContent(message, encoding, this.#route.place);
    } catch (error) {
      this.#fail(LmdeckError.from(error));
      message.destroy();
      return;
    }
    this.#message = message;
    this.#body = new ResponseBody(this.#stream, this);
    this.#resolve(new NodeHttpResponse(message, this.#body));
  };

  readonly #onError = (error: Error): void => {
    if (this.#body !== undefined) this.#body.fail(bodyError(error, this.#route.place));
    else if (this.#wasClosedOnReuse(error)) {
      this.#again = true;
      this.send();
    } else this.#fail(networkError(error, this.#route.place));
  };

  readonly #onAbort = (): void => {
    const error = LmdeckError.from(this.#request.signal?.reason, 'aborted');
    if (this.#body === undefined) this.#fail(error);
    else this.#body.abort(error);
    this.#sent?.destroy();
  };

  /** The server closed a kept connection while this request was on its way to it: it has not seen the request. */
  #wasClosedOnReuse(error: Error): boolean {
    const sent = this.#sent;
    // The new connection is not a used one, so this cannot come twice.
    if (this.#settled || sent?.reusedSocket !== true) return false;
    const code = errorCode(error);
    return (code === 'ECONNRESET' || code === 'EPIPE') && sent.socket !== null && this.#route.pool.untouched(sent.socket);
  }

  #fail(error: LmdeckError): void {
    if (this.#settled) return;
    this.bodySettled();
    this.#reject(error);
  }

  bodySettled(): void {
    this.#settled = true;
    // A long-lived signal must not hold on to every request it once could have aborted.
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
  }

  bodyError(error: unknown): LmdeckError {
    return bodyError(error, this.#route.place);
  }

  bodyLeft(): void {
    // What has arrived whole needs only be passed over, and the connection stays usable.
    if (this.#message?.complete === true) this.#stream?.resume();
    else this.#message?.destroy();
  }
}

class NodeHttpResponse implements HttpResponse {
  readonly status: number;
  readonly body: ResponseBody;
  readonly #message: IncomingMessage;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor(message: IncomingMessage, body: ResponseBody) {
    this.status = message.statusCode ?? 0;
    this.body = body;
    this.#message = message;
  }

  // Made when it is asked for: the answer to a plain call is often read without a look at its headers.
  get headers(): Readonly<Record<string, string>> {
    return (this.#headers ??= joinHeaders(this.#message.rawHeaders));
  }

  text(): Promise<string> {
    return this.body.text();
  }
}

/** @param raw Names and values in turn, as they came. */
function joinHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = raw[i + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

function rawHeader(raw: readonly string[], name: string): string | undefined {
  for (let i = 0; i < raw.length; i += 2) if (raw[i]?.length === name.length && raw[i]?.toLowerCase() === name) return raw[i + 1];
  return undefined;
}
