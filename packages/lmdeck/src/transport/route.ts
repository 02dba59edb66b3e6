import { LmdeckError } from '../core/index.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { HttpRequest, TlsOptions } from './http.ts';
import { bareHost, proxyFor, type Proxy } from './proxy.ts';
import type { RequestTarget } from './request-encoder.ts';
import { TlsClient, tlsTrust, type TlsTrust } from './tls-settings.ts';

/** How requests to one URL are sent: everything that does not change from one to the next. */
export interface Route extends RequestTarget {
  readonly pool: ConnectionPool;
}

export interface RouterOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly idleSocketMs: number;
}

const maxRoutes = 1_000;
/** A read of this size takes what the kernel has gathered in one go. */
const readBytes = 65_536;

/** Finds the route of a request; keeps routes and connection pools. */
export class Router {
  readonly #options: RouterOptions;
  readonly #routes = new Map<string, Route>();
  readonly #pools = new Map<string, ConnectionPool>();
  readonly #trusts = new Map<string, TlsTrust>();
  #buffer: Buffer | undefined;

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

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
    this.#routes.clear();
  }

  #create(url: URL, given: string | false | undefined, tls: TlsOptions | undefined): Route {
    const proxy = proxyFor(url, given, this.#options.env);
    const encrypted = url.protocol === 'https:';
    const host = bareHost(url.hostname);
    const port = url.port === '' ? (encrypted ? 443 : 80) : Number(url.port);
    const place = `${url.hostname}:${port}`;
    const path = url.pathname + url.search;
    // HTTP/1.0 servers and proxies keep a connection only if they are asked to.
    const headers = `host: ${url.host}\r\nconnection: keep-alive\r\n`;
    // A plain HTTP request is handed to the proxy whole; an encrypted one goes through a tunnel.
    if (proxy !== undefined && !encrypted) {
      const authorization = proxy.authorization === undefined ? '' : `proxy-authorization: ${proxy.authorization}\r\n`;
      return {
        pool: this.#pool(proxy.host, proxy.port, proxy.secure ? {} : undefined, undefined),
        headStart: ` http://${url.host}${path} HTTP/1.1\r\n${headers}${authorization}`,
        place: `proxy ${proxy.host}:${proxy.port} (for ${place})`,
      };
    }
    const through = proxy === undefined ? '' : ` (through proxy ${proxy.host}:${proxy.port})`;
    return {
      pool: this.#pool(host, port, encrypted ? (tls ?? {}) : undefined, proxy),
      headStart: ` ${path} HTTP/1.1\r\n${headers}`,
      place: place + through,
    };
  }

  /** @param tls Set when TLS is spoken. */
  #pool(host: string, port: number, tls: TlsOptions | undefined, tunnel: Proxy | undefined): ConnectionPool {
    const key = JSON.stringify([host, port, tls && [tls.verify !== false, tls.ca], tunnel]);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new ConnectionPool(
        {
          host,
          port,
          tls: this.#tls(host, tls),
          tunnel: tunnel && { ...tunnel, tls: this.#tls(tunnel.host, tunnel.secure ? {} : undefined) },
        },
        { idleSocketMs: this.#options.idleSocketMs, buffer: () => (this.#buffer ??= Buffer.allocUnsafeSlow(readBytes)) },
      );
      this.#pools.set(key, pool);
    }
    return pool;
  }

  #tls(host: string, options: TlsOptions | undefined): TlsClient | undefined {
    if (options === undefined) return undefined;
    const key = JSON.stringify([options.verify !== false, options.ca]);
    let trust = this.#trusts.get(key);
    if (trust === undefined) this.#trusts.set(key, (trust = tlsTrust(options)));
    return new TlsClient(host, trust);
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
