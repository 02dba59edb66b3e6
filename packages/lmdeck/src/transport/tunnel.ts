import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { LmdeckError } from '../core/index.ts';
import { networkError } from './network-error.ts';
import type { Proxy } from './proxy.ts';

/**
 * Opens a connection to `host:port` through an HTTP proxy with CONNECT. Calls back once, with the connection or with an
 * `LmdeckError` that names the proxy. The returned request can be destroyed to give up.
 */
export function openTunnel(
  target: { readonly host: string; readonly port: number },
  proxy: Proxy,
  callback: (error: LmdeckError | null, socket?: Socket) => void,
): ClientRequest {
  const { request } = proxy.secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const place = `proxy ${proxy.host}:${proxy.port}`;
  const connect = request({
    host: proxy.host,
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }) },
  });
  connect.once('connect', (response, socket: Socket, head) => {
    if (response.statusCode === 200) {
      if (head.length > 0) socket.unshift(head);
      return callback(null, socket);
    }
    socket.destroy();
    callback(refusal(place, authority, response.statusCode ?? 0));
  });
  connect.once('error', (error) => callback(networkError(error, place)));
  connect.end();
  return connect;
}

function refusal(place: string, authority: string, status: number): LmdeckError {
  const fix =
    status === 407
      ? 'It wants a user name and password: write them into the proxy URL, http://user:password@host:port.'
      : 'Check the proxy settings, or name the host in NO_PROXY.';
  return new LmdeckError('network', `${place} refused a connection to ${authority} with HTTP ${status}. ${fix}`, {
    retryable: status >= 500,
    data: { proxyStatus: status },
  });
}
