import type { Socket } from 'node:net';
import { LmdeckError } from '../core/index.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { dial, type Address } from './dial.ts';
import { hangUp, networkError } from './network-error.ts';
import { headTooLarge, maxHeadBytes, parseResponseHead, type ResponseHead } from './response-head.ts';

/** An HTTP proxy that is asked for tunnels. */
export interface TunnelProxy extends Address {
  /** Value of the `proxy-authorization` header. */
  readonly authorization: string | undefined;
}

/**
 * Opens a connection to `host:port` through an HTTP proxy with CONNECT (RFC 9110, 9.3.6).
 *
 * @param done Called once, with the connection or with an `LmdeckError` that names the proxy.
 * @returns gives up; `done` is not called then.
 */
export function openTunnel(
  { host, port }: { readonly host: string; readonly port: number },
  proxy: TunnelProxy,
  done: (error: LmdeckError | undefined, socket?: Socket) => void,
): () => void {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const place = `proxy ${proxy.host}:${proxy.port}`;
  let giveUp = dial(proxy, undefined, undefined, (error, socket) => {
    if (socket === undefined) return done(networkError(error, place));
    giveUp = () => socket.destroy();
    const authorization = proxy.authorization === undefined ? '' : `proxy-authorization: ${proxy.authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization}\r\n`, 'latin1');
    readAnswer(socket, (problem, status) => {
      if (problem !== undefined) done(networkError(problem, place));
      else if (status >= 200 && status < 300) return done(undefined, socket);
      else done(refusal(place, authority, status));
      socket.destroy();
    });
  });
  return () => giveUp();
}

/** Reads no further than the answer's head: what follows is the tunnel. */
function readAnswer(socket: Socket, done: (problem: unknown, status: number) => void): void {
  const received = new ByteBuffer();
  const detach = (): void => {
    socket.pause().off('data', onData).off('error', onError).off('end', onEnd).off('close', onEnd);
    socket.on('error', ignore);
  };
  const onError = (error: unknown): void => {
    detach();
    done(error, 0);
  };
  const onEnd = (): void => onError(hangUp());
  const onData = (chunk: Buffer): void => {
    received.append(chunk);
    let head: ResponseHead | undefined;
    try {
      head = parseResponseHead(received.bytes, 0, received.length);
      if (head === undefined && received.length > maxHeadBytes) throw headTooLarge();
    } catch (error) {
      return onError(error);
    }
    if (head === undefined) return;
    detach();
    if (received.length > head.byteLength) socket.unshift(received.bytes.subarray(head.byteLength));
    done(undefined, head.status);
  };
  socket.on('data', onData).on('error', onError).on('end', onEnd).on('close', onEnd);
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

function ignore(): void {
  // Either the connection is given up, or TLS on top of it tells.
}
