import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { testCertificate, testKey } from './certificate.ts';

/** A server on 127.0.0.1 that is gone, with all its connections, at the end of its scope. */
export interface Loopback extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Every connection that was made, also closed ones. */
  readonly sockets: readonly Socket[];
}

/** May take its time. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Speaks HTTP as it should. */
export function serveHttp(listener: RequestListener): Promise<Loopback> {
  return listen(
    createHttpServer((request, response) => void listener(request, response)),
    'http',
  );
}

/** Speaks HTTP over TLS with the self-signed test certificate. */
export function serveHttps(listener: RequestListener): Promise<Loopback> {
  return listen(
    createHttpsServer({ cert: testCertificate, key: testKey }, (request, response) => void listener(request, response)),
    'https',
  );
}

/** Does whatever `onRequest` writes: called for every read that ends a request (or anything else) with what came in so far. */
export function serveRaw(onRequest: (socket: Socket, received: string, connection: number) => void): Promise<Loopback> {
  let connections = 0;
  const server = createServer((socket) => {
    const connection = ++connections;
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!isWhole(received)) return;
      const request = received;
      received = '';
      onRequest(socket, request, connection);
    });
  });
  return listen(server, 'http');
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await listen(createServer(), 'http');
  await server[Symbol.asyncDispose]();
  return server.port;
}

/** Collects what a body yields, decoded. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function isWhole(received: string): boolean {
  const head = received.indexOf('\r\n\r\n');
  if (head === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? '0';
  return received.length >= head + 4 + Number(length);
}

/** Starts a server on a free port of 127.0.0.1. */
export async function listen(server: Server, protocol: 'http' | 'https'): Promise<Loopback> {
  const sockets: Socket[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    // Faults are the point here: a connection that the client cut is no error of the server.
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const { port } = address;
  return {
    port,
    url: `${protocol}://127.0.0.1:${port}`,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
