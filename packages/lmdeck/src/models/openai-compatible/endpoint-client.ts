import { LmdeckError, type CallContext } from '../../core/index.ts';
import { httpError, httpTransport, type HttpRequest, type HttpResponse, type HttpTransport } from '../../transport/index.ts';
import type { Endpoint } from './endpoint.ts';

/** What of a call's context matters for a request. */
type RequestContext = Partial<Pick<CallContext, 'apiKey' | 'headers' | 'signal' | 'timeouts'>>;

/** Sends requests to one endpoint: URLs, key, headers, errors. */
export class EndpointClient {
  readonly endpoint: Endpoint;
  /** The base URL without credentials and query: the same for everybody who means this server. */
  readonly publicUrl: string;
  readonly #query: string;
  readonly #authorization: string | undefined;
  /** What every request begins with; names in lower case. */
  readonly #baseHeaders: Readonly<Record<string, string>>;
  /** One string per path, so that the transport finds its route without reading the URL again. */
  readonly #urls = new Map<string, string>();
  #transport: HttpTransport | undefined;

  /** @throws LmdeckError `config` for a base URL that is none. */
  constructor(endpoint: Endpoint) {
    const url = URL.parse(endpoint.baseUrl);
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      throw new LmdeckError(
        'config',
        `${endpoint.name}: the base URL ${JSON.stringify(endpoint.baseUrl)} is not an http(s) URL like http://127.0.0.1:8000/v1.`,
      );
    }
    this.endpoint = endpoint;
    this.publicUrl = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    this.#query = url.search;
    this.#authorization = basicAuthorization(url);
    this.#baseHeaders = lowerCased(endpoint.headers);
    this.#transport = endpoint.transport;
  }

  /**
   * Sends a request and returns the response, its body unread.
   * @throws LmdeckError `missing-key`, what the transport throws, and a status of 300 and above as the error it stands for.
   */
  async send(path: string, body: string | undefined, accept: string, context: RequestContext): Promise<HttpResponse> {
    const { endpoint } = this;
    const transport = (this.#transport ??= httpTransport());
    const headers = this.#headers(body !== undefined, accept, context);
    const request: { -readonly [K in keyof HttpRequest]: HttpRequest[K] } = {
      method: body === undefined ? 'GET' : 'POST',
      url: this.#url(path),
      headers: headers instanceof Promise ? await headers : headers,
    };
    if (body !== undefined) request.body = body;
    if (context.signal !== undefined) request.signal = context.signal;
    if (context.timeouts !== undefined) request.timeouts = context.timeouts;
    if (endpoint.tls !== undefined) request.tls = endpoint.tls;
    if (endpoint.proxy !== undefined) request.proxy = endpoint.proxy;
    const response = await transport(request);
    if (response.status >= 300) throw httpError(endpoint.name, response, await response.text());
    return response;
  }

  #url(path: string): string {
    let url = this.#urls.get(path);
    if (url === undefined) this.#urls.set(path, (url = `${this.publicUrl}${path}${this.#query}`));
    return url;
  }

  /** Not `async`: unless the key has to be waited for, there is nothing to wait for. */
  #headers(hasBody: boolean, accept: string, context: RequestContext): Record<string, string> | Promise<Record<string, string>> {
    const { apiKey, keyEnv } = this.endpoint;
    const given = context.apiKey ?? (typeof apiKey === 'function' ? apiKey() : apiKey);
    const withKey = (key: string | undefined): Record<string, string> =>
      this.#withKey(key ?? (keyEnv === undefined ? '' : (process.env[keyEnv] ?? '')), hasBody, accept, context);
    return given instanceof Promise ? given.then(withKey) : withKey(given);
  }

  #withKey(key: string, hasBody: boolean, accept: string, context: RequestContext): Record<string, string> {
    const headers: Record<string, string> = { accept };
    if (hasBody) headers['content-type'] = 'application/json';
    Object.assign(headers, this.#baseHeaders);
    if (key !== '') headers['authorization'] = `Bearer ${key}`;
    else if (this.#authorization !== undefined) headers['authorization'] ??= this.#authorization;
    if (context.headers !== undefined) Object.assign(headers, lowerCased(context.headers));
    if (key === '' && headers['authorization'] === undefined) this.#demandKey();
    return headers;
  }

  #demandKey(): void {
    const { name, keyName, keyEnv } = this.endpoint;
    if (keyName === undefined) return;
    const env = keyEnv === undefined ? '' : `, or set the environment variable ${keyEnv}`;
    throw new LmdeckError('missing-key', `${name}: no API key. Store one with \`lmdeck keys set ${keyName}\`${env}.`, {
      data: { keyName },
    });
  }
}

function basicAuthorization(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
