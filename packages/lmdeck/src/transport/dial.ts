import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { hangUp } from './network-error.ts';
import type { TlsClient } from './tls-settings.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Set when TLS is spoken there. */
  readonly tls: TlsClient | undefined;
}

/** How bytes come in. */
export interface SocketReader {
  /** What every read is put into: always the same block, shared by all connections. */
  readonly buffer: Buffer;
  /** Takes the first `length` of `bytes` before it returns; false holds the sender back until `socket.resume()`. */
  readonly onRead: (bytes: Buffer, length: number) => boolean;
}

/** Called once, with the connection or with why there is none. */
export type Dialled = (error: unknown, socket?: Socket) => void;

/** A peer that died without a word is found out: probes begin after this silence, milliseconds. */
const keepAliveDelayMs = 1_000;

/**
 * Connects to an address: name look-up, TCP (several addresses in turn), TLS.
 *
 * With a `reader`, the socket's own reads are used and not its stream: a stream makes a new block of 64 KiB and several calls of every
 * read. Inside a tunnel Node has only the stream.
 *
 * @param through A connection to a proxy that leads there.
 * @returns gives up; `done` is not called then.
 */
export function dial(address: Address, reader: SocketReader | undefined, through: Socket | undefined, done: Dialled): () => void {
  const { tls } = address;
  const socket = connect(address, reader, through);
  const stop = (): void => {
    socket
      .off(tls === undefined ? 'connect' : 'secureConnect', onReady)
      .off('error', onError)
      .off('close', onClose);
  };
  const onReady = (): void => {
    stop();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveDelayMs);
    done(undefined, socket);
  };
  const onError = (error: unknown): void => {
    stop();
    // Whatever else it has to say about it.
    socket.on('error', ignore);
    tls?.forget();
    done(error);
  };
  const onClose = (): void => onError(hangUp());
  socket
    .on(tls === undefined ? 'connect' : 'secureConnect', onReady)
    .on('error', onError)
    .on('close', onClose);
  return () => {
    stop();
    socket.on('error', ignore);
    socket.destroy();
  };
}

function connect({ host, port, tls }: Address, reader: SocketReader | undefined, through: Socket | undefined): Socket {
  const options: TcpNetConnectOpts & ConnectionOptions = { host, port };
  if (reader !== undefined && through === undefined)
    options.onread = { buffer: reader.buffer, callback: (length) => reader.onRead(reader.buffer, length) };
  if (tls === undefined) return process.getBuiltinModule('node:net').connect(options);
  if (through !== undefined) options.socket = through.on('error', ignore);
  const socket = process.getBuiltinModule('node:tls').connect({ ...options, ...tls.options() });
  socket.on('session', tls.remember);
  if (reader !== undefined && through !== undefined)
    socket.on('data', (chunk: Buffer) => {
      if (!reader.onRead(chunk, chunk.length)) socket.pause();
    });
  return socket;
}

function ignore(): void {
  // The connection has been given up.
}
