import { LmdeckError, sha256, type CallContext } from '../../core/index.ts';
import {
  httpError,
  httpTransport,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  type StreamedBody,
} from '../../transport/index.ts';
import type { Endpoint } from './endpoint.ts';
import { secretValues, withoutSecrets } from './sent-secrets.ts';

/** What of a call's context matters for a request. */
export type RequestContext = Partial<Pick<CallContext, 'apiKey' | 'headers' | 'signal' | 'timeouts' | 'trace'>>;

/** Sends requests to one endpoint: URLs, key, headers, errors. */
export class EndpointClient {
  readonly endpoint: Endpoint;
  /** The base URL without credentials and query: the same for everybody who means this server. */
  readonly publicUrl: string;
  readonly #query: string;
  readonly #authorization: string | undefined;
  /** What every request begins with; names in lower case. */
  readonly #baseHeaders: Readonly<Record<string, string>>;
  /** The headers of the last request of each kind: nearly always those of the next one. The transport may know the object again. */
  readonly #known = new Map<string, { readonly key: string; readonly headers: Readonly<Record<string, string>> }>();
  /** One string per path, so that the transport finds its route without reading the URL again. */
  readonly #urls = new Map<string, string>();
  /** The key of the last request. */
  #key = '';
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
   * @throws LmdeckError (as a rejection) `missing-key`, what the transport throws, and a status of 300 and above as the error it stands for.
   */
  send(path: string, body: string | undefined, accept: string, context: RequestContext): Promise<HttpResponse> {
    return this.#send(this.#url(path), body, accept, context);
  }

  /**
   * The same for what is asked once: a path of its own, which may have a query, or a URL that this server named.
   * @param once the request must reach the server at most once.
   * @throws LmdeckError `invalid-response` for a URL on another server.
   */
  async sendTo(
    place: string,
    body: string | StreamedBody | undefined,
    accept: string,
    context: RequestContext,
    once = false,
  ): Promise<HttpResponse> {
    const { origin } = new URL(this.publicUrl);
    if (place.startsWith('/')) return this.#send(this.#made(place), body, accept, context, once);
    if (URL.parse(place)?.origin === origin) return this.#send(place, body, accept, context, once);
    throw new LmdeckError('invalid-response', `${this.endpoint.name}: the server names an address that is not on ${origin}.`);
  }

  /** Takes something off the server. @throws LmdeckError like `send`. */
  async delete(path: string, context: RequestContext): Promise<void> {
    await (await this.#send(this.#made(path), undefined, 'application/json', context, false, 'DELETE')).text();
  }

  /** A digest that tells keys apart and does not give them away; `undefined` without a key. */
  async account(context: Pick<RequestContext, 'apiKey'>): Promise<string | undefined> {
    const { apiKey, keyEnv, headers = {} } = this.endpoint;
    const given = context.apiKey ?? (typeof apiKey === 'function' ? await apiKey() : apiKey);
    const key = given ?? keyFrom(keyEnv);
    return key === '' ? undefined : sha256(`lmdeck account\n${this.publicUrl}\n${key}\n${JSON.stringify(headers)}`).slice(0, 12);
  }

  async #send(
    url: string,
    body: string | StreamedBody | undefined,
    accept: string,
    context: RequestContext,
    once = false,
    method: HttpRequest['method'] = body === undefined ? 'GET' : 'POST',
  ): Promise<HttpResponse> {
    const { name, apiKey, tls, proxy } = this.endpoint;
    let key = context.apiKey ?? (typeof apiKey === 'function' ? apiKey() : apiKey);
    if (key instanceof Promise) key = await key;
    const request: { -readonly [K in keyof HttpRequest]: HttpRequest[K] } = {
      method,
      url,
      headers: this.#headers(key, body !== undefined, accept, context.headers),
    };
    if (body !== undefined) request.body = body;
    if (once) request.once = true;
    if (context.signal !== undefined) request.signal = context.signal;
    if (context.timeouts !== undefined) request.timeouts = context.timeouts;
    if (tls !== undefined) request.tls = tls;
    if (proxy !== undefined) request.proxy = proxy;
    const response = await (this.#transport ??= httpTransport())(request);
    context.trace?.headListener?.answered(response);
    if (response.status >= 300) throw this.hide(httpError(name, response, await response.text()), context);
    return response;
  }

  /** An error without what was sent in secret to this server: keys, headers, parameters, a password. */
  hide(error: unknown, { apiKey = '', headers = {} }: RequestContext): unknown {
    const named = [...Object.entries(this.#baseHeaders), ...Object.entries(headers), ...new URLSearchParams(this.#query)];
    const { password } = new URL(this.endpoint.baseUrl);
    return withoutSecrets(error, [apiKey, this.#key, decodeURIComponent(password), ...secretValues(named), ...this.#authorizationWords()]);
  }

  #authorizationWords(): readonly string[] {
    return this.#authorization?.split(' ') ?? [];
  }

  #url(path: string): string {
    let url = this.#urls.get(path);
    if (url === undefined) this.#urls.set(path, (url = this.#made(path)));
    return url;
  }

  #made(path: string): string {
    return `${this.publicUrl}${path}${path.includes('?') ? this.#query.replace('?', '&') : this.#query}`;
  }

  #headers(
    given: string | undefined,
    hasBody: boolean,
    accept: string,
    extra: Readonly<Record<string, string>> | undefined,
  ): Readonly<Record<string, string>> {
    const { keyEnv } = this.endpoint;
    const key = given ?? keyFrom(keyEnv);
    this.#key = key;
    if (extra !== undefined) return this.#withKey(key, hasBody, accept, extra);
    const kind = hasBody ? accept : `no body, ${accept}`;
    const known = this.#known.get(kind);
    if (known !== undefined && known.key === key) return known.headers;
    const headers = Object.freeze(this.#withKey(key, hasBody, accept, {}));
    this.#known.set(kind, { key, headers });
    return headers;
  }

  #withKey(key: string, hasBody: boolean, accept: string, extra: Readonly<Record<string, string>>): Record<string, string> {
    const headers: Record<string, string> = { accept };
    if (hasBody) headers['content-type'] = 'application/json';
    Object.assign(headers, this.#baseHeaders);
    const { keyHeader } = this.endpoint;
    if (key !== '') headers[keyHeader ?? 'authorization'] = keyHeader === undefined ? `Bearer ${key}` : key;
    else if (this.#authorization !== undefined) headers['authorization'] ??= this.#authorization;
    Object.assign(headers, lowerCased(extra));
    if (headers[keyHeader ?? 'authorization'] === undefined && headers['authorization'] === undefined) this.#demandKey();
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

/** The key that a variable has; those that are filled from files often end with a line feed. */
function keyFrom(variable: string | undefined): string {
  return variable === undefined ? '' : (process.env[variable] ?? '').trim();
}
