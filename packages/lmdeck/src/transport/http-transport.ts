import { LmdeckError } from '../core/index.ts';
import { Exchange } from './exchange.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from './http.ts';
import { RequestEncoder } from './request-encoder.ts';
import { Router } from './route.ts';

export interface HttpTransportOptions {
  /** Until a new connection stands (DNS, TCP, proxy, TLS), milliseconds, unless the request says otherwise. Default: 10,000. */
  readonly connectMs?: number;
  /** How long an unused connection is kept, milliseconds, unless the server announces less. Default: 30,000. */
  readonly idleSocketMs?: number;
  /** Where the proxy variables are read. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A transport that owns its connections. */
export interface ClosableHttpTransport extends HttpTransport, AsyncDisposable {
  /** Closes all connections; requests that are under way fail with `aborted`. */
  close(): Promise<void>;
}

/**
 * HTTP/1.1 over `node:net` and `node:tls` with keep-alive connections, as many at once as there are requests.
 * Unused connections do not keep the process alive.
 *
 * - A request on a kept connection that the server closes at that very moment is sent once more, on a new one, unless it says `once`.
 * - Redirects are not followed: a 3xx is an answer like any other, because a redirected POST loses its body or its key.
 * - Compression is not asked for (answers are small, streams suffer); gzip, deflate, br and zstd are undone when they come.
 * - Proxies come from the request or from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; loopback addresses never use
 *   one from the environment.
 * - Reading a body to its end lets its connection be used again; leaving early closes it.
 * - Answers are read strictly: what Node's own parser refuses is refused here too, because bytes that two programs understand in two
 *   ways end up in somebody else's answer.
 *
 * Why not `node:http`: a call is one write and mostly one read, and a general client does much between them. A short answer costs less
 * than a third of the CPU time that `node:http` takes and two thirds of what undici's dispatch takes; a process has its first answer some
 * milliseconds earlier, because `node:http` and its parser need not be loaded. Numbers in docs/performance.md.
 *
 * @throws LmdeckError (as a rejection) `network`, `timeout` (no connection in time), `aborted`, `invalid-response` (not HTTP),
 * `config` (URL, proxy or certificate), `usage` (a header that cannot be sent); while the body is read also `incomplete-response`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { httpTransport } from 'lmdeck/transport';
 *
 * const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
 * await new Promise((resolve) => server.once('listening', resolve));
 * const address = server.address();
 * const port = typeof address === 'object' ? address?.port : undefined;
 *
 * await using http = httpTransport();
 * const response = await http({ method: 'GET', url: `http://127.0.0.1:${port}/` });
 * console.log(response.status, await response.text()); // 200 hello
 * server.close();
 * ```
 */
export function httpTransport(options: HttpTransportOptions = {}): ClosableHttpTransport {
  const { connectMs = 10_000, idleSocketMs = 30_000, env = process.env } = options;
  const router = new Router({ env, idleSocketMs });
  const encoder = new RequestEncoder();
  const close = async (): Promise<void> => router.close();
  const transport = (request: HttpRequest): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      const { signal, timeouts } = request;
      if (signal?.aborted === true) return reject(LmdeckError.from(signal.reason, 'aborted'));
      const route = router.route(request);
      const limit = { connectMs: timeouts?.connectMs || connectMs, place: route.place };
      new Exchange(encoder.encode(request, route), route, limit, signal, resolve, reject).start();
    });
  return Object.assign(transport, { close, [Symbol.asyncDispose]: close });
}
