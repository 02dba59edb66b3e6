import { isJsonObject, LmdeckError, pause, type JsonObject, type JsonValue } from '../../core/index.ts';
import { httpError, httpTransport, retryDelay, type HttpRequest, type HttpTransport, type TlsOptions } from '../../transport/index.ts';

/** Where a server is and how it is asked. */
export interface JsonClientOptions {
  /** With or without `/v1` at its end. */
  readonly baseUrl: string;
  /** The key, or how to get it; asked for at every request. */
  readonly apiKey?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Proxy URL; `false` for none; absent: from the environment. */
  readonly proxy?: string | false | undefined;
  /** Default: HTTP/1.1 with kept-alive connections. */
  readonly transport?: HttpTransport | undefined;
  /** For one attempt, milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined;
  /** How many attempts may follow the first. Default: 2. */
  readonly retries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Asks a server for JSON objects, again where it makes sense. */
export class JsonClient {
  /** The server's root, without credentials. */
  readonly root: string;
  readonly #options: JsonClientOptions;
  readonly #authorization: string | undefined;
  readonly #query: string;
  readonly #transport: HttpTransport;

  /** @throws LmdeckError `config` for a base URL that is none. */
  constructor(options: JsonClientOptions) {
    const url = URL.parse(options.baseUrl);
    if (url === null || !/^https?:$/.test(url.protocol))
      throw new LmdeckError(
        'config',
        `The base URL ${JSON.stringify(options.baseUrl)} is not an http(s) URL like http://127.0.0.1:8000/v1.`,
      );
    this.root = `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}`;
    this.#query = url.search;
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    this.#authorization = pair === ':' ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`;
    this.#options = options;
    this.#transport = options.transport ?? httpTransport();
  }

  /** @throws LmdeckError what the transport throws, an HTTP error, `timeout`, `invalid-response`. */
  async request(path: string, body?: JsonObject): Promise<JsonObject> {
    const { retries = 2 } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(path, body);
      } catch (thrown) {
        const error = LmdeckError.from(thrown);
        const delayMs = attempt > retries ? undefined : retryDelay({ attempt, error, baseMs: 500, maxMs: 30_000, maxRetryAfterMs: 60_000 });
        if (delayMs === undefined || this.#options.signal?.aborted === true) throw error;
        await pause(delayMs, this.#options.signal);
      }
    }
  }

  async #attempt(path: string, body: JsonObject | undefined): Promise<JsonObject> {
    const { timeoutMs = 30_000, signal, tls, proxy } = this.#options;
    const controller = new AbortController();
    const limit = new LmdeckError('timeout', `${this.root}${path}: no answer within ${timeoutMs} ms (timeoutMs).`);
    const timer = setTimeout(() => controller.abort(limit), timeoutMs);
    try {
      const request: { -readonly [K in keyof HttpRequest]: HttpRequest[K] } = {
        method: body === undefined ? 'GET' : 'POST',
        url: `${this.root}${path}${this.#query}`,
        headers: await this.#headers(body !== undefined),
        signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
      };
      if (body !== undefined) request.body = JSON.stringify(body);
      if (tls !== undefined) request.tls = tls;
      if (proxy !== undefined) request.proxy = proxy;
      const response = await this.#transport(request);
      const text = await response.text();
      if (response.status >= 300) throw httpError(`${this.root}${path}`, response, text);
      return this.#parse(path, text);
    } finally {
      clearTimeout(timer);
    }
  }

  #parse(path: string, text: string): JsonObject {
    let value: JsonValue = null;
    try {
      value = JSON.parse(text);
    } catch {
      // Told below.
    }
    if (isJsonObject(value)) return value;
    throw new LmdeckError(
      'invalid-response',
      `${this.root}${path}: the server answered something that is no JSON object. Is the base URL right?`,
    );
  }

  async #headers(hasBody: boolean): Promise<Record<string, string>> {
    const { apiKey, headers } = this.#options;
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
    const all: Record<string, string> = { accept: 'application/json' };
    if (hasBody) all['content-type'] = 'application/json';
    if (key !== undefined && key !== '') all['authorization'] = `Bearer ${key}`;
    else if (this.#authorization !== undefined) all['authorization'] = this.#authorization;
    for (const [name, value] of Object.entries(headers ?? {})) all[name.toLowerCase()] = value;
    return all;
  }
}
