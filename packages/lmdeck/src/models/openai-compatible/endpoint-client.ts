import { LmdeckError, type CallContext } from '../../core/index.ts';
import { httpError, nodeHttpTransport, type HttpResponse, type HttpTransport } from '../../transport/index.ts';
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
    this.#transport = endpoint.transport;
  }

  /**
   * Sends a request and returns the response, its body unread.
   * @throws LmdeckError `missing-key`, what the transport throws, and a status of 300 and above as the error it stands for.
   */
  async send(path: string, body: string | undefined, accept: string, context: RequestContext): Promise<HttpResponse> {
    const { endpoint } = this;
    const transport = (this.#transport ??= nodeHttpTransport());
    const headers = await this.#headers(body !== undefined, accept, context);
    const response = await transport({
      method: body === undefined ? 'GET' : 'POST',
      url: `${this.publicUrl}${path}${this.#query}`,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      ...(context.timeouts === undefined ? {} : { timeouts: context.timeouts }),
      ...(endpoint.tls === undefined ? {} : { tls: endpoint.tls }),
      ...(endpoint.proxy === undefined ? {} : { proxy: endpoint.proxy }),
    });
    if (response.status >= 300) throw httpError(endpoint.name, response, await response.text());
    return response;
  }

  async #headers(hasBody: boolean, accept: string, context: RequestContext): Promise<Record<string, string>> {
    const headers: Record<string, string> = { accept };
    if (hasBody) headers['content-type'] = 'application/json';
    for (const [name, value] of Object.entries(this.endpoint.headers ?? {})) headers[name.toLowerCase()] = value;
    const key = await this.#key(context);
    if (key !== undefined) headers['authorization'] = `Bearer ${key}`;
    else if (this.#authorization !== undefined) headers['authorization'] ??= this.#authorization;
    for (const [name, value] of Object.entries(context.headers ?? {})) headers[name.toLowerCase()] = value;
    if (key === undefined && headers['authorization'] === undefined) this.#demandKey();
    return headers;
  }

  async #key(context: RequestContext): Promise<string | undefined> {
    const { apiKey, keyEnv } = this.endpoint;
    const key =
      context.apiKey ?? (typeof apiKey === 'function' ? await apiKey() : apiKey) ?? (keyEnv === undefined ? '' : process.env[keyEnv]);
    return key === undefined || key === '' ? undefined : key;
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
