import { LmdeckError } from '../core/index.ts';
import { createPool, type ConnectionPool } from './connection-pool.ts';
import type { HttpRequest, TlsOptions } from './http.ts';
import { bareHost, proxyFor, type Proxy } from './proxy.ts';

/** How requests to one URL are sent: everything that does not change from one to the next. */
export interface Route {
  readonly pool: ConnectionPool;
  /** True when TLS is spoken to the other end of the connection (server or proxy). */
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly servername: string;
  readonly path: string;
  /** Leading headers, names and values in turn. */
  readonly headers: readonly string[];
  /** `host:port` of the server, and of the proxy on the way. */
  readonly place: string;
}

export interface RouterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly idleSocketMs: number;
}

const maxRoutes = 1_000;

/** Finds the route of a request; keeps routes and connection pools. */
export class Router {
  readonly #options: RouterOptions;
  readonly #routes = new Map<string, Route>();
  readonly #pools = new Map<string, ConnectionPool>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** @throws LmdeckError `config` for a URL, proxy or certificate that cannot be used. */
  route({ url, proxy, tls }: Pick<HttpRequest, 'url' | 'proxy' | 'tls'>): Route {
    const key = proxy === undefined && tls === undefined ? url : JSON.stringify([url, proxy, tls?.verify, tls?.ca]);
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    const route = this.#create(parseUrl(url), proxy, tls);
    // URLs with changing parts (ids, queries) must not pile up.
    if (this.#routes.size >= maxRoutes) this.#routes.clear();
    this.#routes.set(key, route);
    return route;
  }

  destroy(): void {
    for (const { agent } of this.#pools.values()) agent.destroy();
    this.#pools.clear();
    this.#routes.clear();
  }

  #create(url: URL, given: string | false | undefined, tls: TlsOptions | undefined): Route {
    const proxy = proxyFor(url, given, this.#options.env);
    const encrypted = url.protocol === 'https:';
    const host = bareHost(url.hostname);
    const port = url.port === '' ? (encrypted ? 443 : 80) : Number(url.port);
    const place = `${url.hostname}:${port}`;
    const headers = ['host', url.host];
    const path = url.pathname + url.search;
    // A plain HTTP request is handed to the proxy whole; an encrypted one goes through a tunnel.
    if (proxy !== undefined && !encrypted) {
      if (proxy.authorization !== undefined) headers.push('proxy-authorization', proxy.authorization);
      return {
        pool: this.#pool(proxy.secure, undefined, undefined),
        secure: proxy.secure,
        host: proxy.host,
        port: proxy.port,
        servername: serverName(proxy.host),
        path: `http://${url.host}${path}`,
        headers,
        place: `proxy ${proxy.host}:${proxy.port} (for ${place})`,
      };
    }
    const through = proxy === undefined ? '' : ` (through proxy ${proxy.host}:${proxy.port})`;
    return {
      pool: this.#pool(encrypted, tls, proxy),
      secure: encrypted,
      host,
      port,
      servername: serverName(host),
      path,
      headers,
      place: place + through,
    };
  }

  #pool(secure: boolean, tls: TlsOptions | undefined, tunnel: Proxy | undefined): ConnectionPool {
    const key = JSON.stringify([secure, secure && tls?.verify !== false, secure ? tls?.ca : undefined, tunnel]);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = createPool({ secure, tls, tunnel, idleSocketMs: this.#options.idleSocketMs });
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '') {
    const shown = JSON.stringify(text.replace(/\/\/[^/]*@/, '//').replace(/[?#].*/s, ''));
    const why =
      url === null || url.username + url.password === ''
        ? 'is not an HTTP URL: it begins with http:// or https://'
        : 'has a user name or password in it: send them as an authorization header instead';
    throw new LmdeckError('config', `The URL ${shown} ${why}.`);
  }
  return url;
}

/** TLS names hosts, never addresses. */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}
