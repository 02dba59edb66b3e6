import type { Agent, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { LmdeckError } from '../core/index.ts';
import type { TlsOptions } from './http.ts';
import type { Proxy } from './proxy.ts';
import { openTunnel } from './tunnel.ts';

/** Options of a request that its agent, which makes the connections, reads too. */
export interface ConnectOptions extends RequestOptions {
  readonly host: string;
  readonly port: number;
  /** Name for TLS; empty for an IP address. */
  readonly servername: string;
  readonly connectMs: number;
  /** `host:port` for messages. */
  readonly place: string;
}

export interface PoolOptions {
  /** TLS on the connection, or inside the tunnel. */
  readonly secure: boolean;
  readonly tls: TlsOptions | undefined;
  /** Reach the server through a tunnel (CONNECT). */
  readonly tunnel: Proxy | undefined;
  readonly idleSocketMs: number;
}

/** Node takes longer delays for 1 ms. */
const maxTimerMs = 2 ** 31 - 1;

type SocketOptions = ConnectOptions & ConnectionOptions;

/**
 * What an agent calls to get a connection. Written as methods, which may be put in each other's place more freely: Node's types
 * know neither that a request's options reach the agent nor that an error comes without a socket.
 */
interface Connector {
  connect(options: ConnectOptions, callback: Connector['connected']): Duplex | undefined;
  connected(error: Error | null, socket?: Duplex): void;
}

/** Keep-alive connections that have the same TLS and proxy settings, for any number of servers. */
export interface ConnectionPool {
  readonly agent: Agent;
  /** Makes a connection that the pool does not know. */
  readonly connect: Connector['connect'];
  /** True when nothing has come over this connection since it was last put back. */
  readonly untouched: (socket: Socket) => boolean;
}

/** The number of connections has no limit here: that is the business of whoever makes the calls. */
export function createPool({ secure, tls, tunnel, idleSocketMs }: PoolOptions): ConnectionPool {
  const settings = {
    keepAlive: true,
    maxSockets: Infinity,
    maxFreeSockets: Infinity,
    noDelay: true,
    timeout: idleSocketMs,
  };
  const all = secure ? { ...settings, ...tlsSettings(tls) } : settings;
  const agent: Agent = secure
    ? new (process.getBuiltinModule('node:https').Agent)(all)
    : new (process.getBuiltinModule('node:http').Agent)(all);
  const open = agent.createConnection.bind(agent);
  const keep = agent.keepSocketAlive.bind(agent);
  const receivedBefore = new WeakMap<Duplex, number>();

  function connect(options: ConnectOptions, callback: Connector['connected']): Duplex | undefined {
    // The agent has merged its own options in; a connection outside the pool needs them too.
    const merged: SocketOptions = { ...options, ...all, path: undefined };
    if (tunnel === undefined) {
      const socket = open(merged) ?? undefined;
      if (socket !== undefined) limitConnect(options, socket)(socket, secure);
      return socket;
    }
    const request = openTunnel(options, tunnel, (error, socket) => {
      if (socket === undefined) return callback(error);
      const inside: SocketOptions = { ...merged, socket };
      const secured = open(inside) ?? undefined;
      if (secured !== undefined) connecting(secured, true);
      callback(null, secured);
    });
    const connecting = limitConnect(options, request);
    return undefined;
  }

  agent.createConnection = connect;
  agent.keepSocketAlive = (socket: Socket) => {
    receivedBefore.set(socket, socket.bytesRead);
    return keep(socket);
  };
  return { agent, connect, untouched: (socket) => receivedBefore.get(socket) === socket.bytesRead };
}

/** Ends `first`, or what a later call has put into its place, when the connection does not stand in time. */
function limitConnect(
  { connectMs, place }: ConnectOptions,
  first: { destroy(error: Error): unknown; once(event: 'close', listener: () => void): unknown },
): (socket: Duplex, secure: boolean) => void {
  let current = first;
  const timer = setTimeout(
    () => {
      const text = `${place}: no connection within ${connectMs} ms. Check the network and the proxy settings, or raise timeouts.connectMs.`;
      current.destroy(new LmdeckError('timeout', text, { data: { limit: 'connectMs', connectMs } }));
    },
    Math.min(connectMs, maxTimerMs),
  );
  const stop = (): void => clearTimeout(timer);
  return (socket, secure) => {
    current = socket;
    socket.once(secure ? 'secureConnect' : 'connect', stop);
    socket.once('close', stop);
  };
}

function tlsSettings(tls: TlsOptions | undefined): Pick<ConnectionOptions, 'rejectUnauthorized' | 'secureContext'> {
  const { ca, verify = true } = tls ?? {};
  if (ca === undefined) return { rejectUnauthorized: verify };
  const { createSecureContext, getCACertificates } = process.getBuiltinModule('node:tls');
  try {
    // Node passes over text that is no certificate, and every server would then look untrusted.
    void new (process.getBuiltinModule('node:crypto').X509Certificate)(ca);
    return { rejectUnauthorized: verify, secureContext: createSecureContext({ ca: [...getCACertificates('default'), ca] }) };
  } catch (error) {
    throw new LmdeckError(
      'config',
      'tls.ca is not the PEM text of a certificate (-----BEGIN CERTIFICATE-----…); a file name will not do.',
      {
        cause: error,
      },
    );
  }
}
