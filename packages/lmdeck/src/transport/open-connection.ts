import type { Socket } from 'node:net';
import { LmdeckError } from '../core/index.ts';
import { dial, type Address, type SocketReader } from './dial.ts';
import { networkError } from './network-error.ts';
import { timerDelay } from './timer-delay.ts';
import { openTunnel, type TunnelProxy } from './tunnel.ts';

/** A server and the way to it. */
export interface Destination extends Address {
  readonly tunnel: TunnelProxy | undefined;
}

/** What one request says about the time that a new connection may take. */
export interface ConnectLimit {
  readonly connectMs: number;
  /** `host:port` for messages. */
  readonly place: string;
}

/**
 * Opens a connection within a time limit that covers everything: name, TCP, proxy, TLS.
 *
 * @param opened Called once, with the connection or with why there is none.
 * @returns gives up; `opened` is not called then.
 */
export function openConnection(
  destination: Destination,
  { connectMs, place }: ConnectLimit,
  reader: SocketReader,
  opened: (error: LmdeckError | undefined, socket?: Socket) => void,
): () => void {
  const { tunnel } = destination;
  const dialled = (error: unknown, socket?: Socket): void => {
    clearTimeout(timer);
    if (socket === undefined) opened(networkError(error, place));
    else opened(undefined, socket);
  };
  let giveUp =
    tunnel === undefined
      ? dial(destination, reader, undefined, dialled)
      : openTunnel(destination, tunnel, (error, through) => {
          if (through === undefined) dialled(error);
          else giveUp = dial(destination, reader, through, dialled);
        });
  const timer = setTimeout(() => {
    giveUp();
    const text = `${place}: no connection within ${connectMs} ms. Check the network and the proxy settings, or raise timeouts.connectMs.`;
    opened(new LmdeckError('timeout', text, { data: { limit: 'connectMs', connectMs } }));
  }, timerDelay(connectMs));
  return () => {
    clearTimeout(timer);
    giveUp();
  };
}
