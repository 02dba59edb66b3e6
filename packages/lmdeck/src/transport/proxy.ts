import { LmdeckError } from '../core/index.ts';

/** A forward proxy, taken apart. */
export interface Proxy {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Value of the `proxy-authorization` header, made from the URL's user info. */
  readonly authorization: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL. A proxy that is given is used for every host; one from the environment is not used for hosts
 * that `NO_PROXY` names, nor for loopback addresses: a proxy cannot reach this machine's own servers.
 *
 * @param given As in `HttpRequest.proxy`.
 * @throws LmdeckError `config` for a proxy URL that is none.
 */
export function proxyFor(url: URL, given: string | false | undefined, env: Environment): Proxy | undefined {
  if (given === false) return undefined;
  if (given !== undefined) return parseProxy(given, 'the proxy option');
  if (isLoopback(url.hostname) || isExempt(url, variable(env, 'no_proxy')?.[1] ?? '')) return undefined;
  const found = variable(env, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') ?? variable(env, 'all_proxy');
  return found === undefined ? undefined : parseProxy(found[1], `the environment variable ${found[0]}`);
}

/** Lower case first, as curl does. */
function variable(env: Environment, name: string): readonly [name: string, value: string] | undefined {
  for (const each of [name, name.toUpperCase()]) {
    const value = env[each];
    if (value !== undefined && value !== '') return [each, value];
  }
  return undefined;
}

function parseProxy(text: string, source: string): Proxy {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    throw new LmdeckError('config', `${source} is not the URL of an HTTP proxy. Write it like http://user:password@host:3128.`);
  const secure = url.protocol === 'https:';
  const user = url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    secure,
    host: bareHost(url.hostname),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    authorization: user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`,
  };
}

/**
 * `NO_PROXY`: names separated by commas or spaces; `*` exempts all; a name exempts itself and what lies below it, with or
 * without a leading dot or `*.`; a port behind it limits it to that port.
 */
function isExempt(url: URL, list: string): boolean {
  const host = bareHost(url.hostname).toLowerCase();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const parts = /^(?:\*?\.)?(?<name>\[[^\]]*\]|[^:]+|[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:]*)(?::(?<port>\d+))?$/i.exec(entry)?.groups;
    if (parts?.name === undefined || (parts.port !== undefined && parts.port !== port)) return false;
    const name = bareHost(parts.name).toLowerCase();
    return host === name || host.endsWith(`.${name}`);
  });
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

/** An IPv6 address without its brackets. */
export function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
