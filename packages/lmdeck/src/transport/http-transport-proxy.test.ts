import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as forward, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import type { LmdeckError } from '../core/index.ts';
import { httpTransport } from './http-transport.ts';
import { sendsFast, whereItStops } from './test-support/back-pressure.ts';
import { testCertificate, testKey } from './test-support/certificate.ts';
import { closedPort, listen, serveHttp, serveHttps, serveRaw, type Loopback } from './test-support/loopback.ts';

const http = httpTransport({ env: {} });
afterAll(() => http.close());
afterEach(() => vi.useRealTimers());

interface ProxyServer extends Loopback {
  /** First line and authorization of every request that the proxy has seen. */
  readonly seen: string[];
}

/** An HTTP proxy: forwards requests in absolute form, opens tunnels. With `status`, it refuses. */
async function serveProxy(status?: number, protocol: 'http' | 'https' = 'http'): Promise<ProxyServer> {
  const seen: string[] = [];
  const note = (method = '', target = '', authorization = 'no authorization'): void =>
    void seen.push(`${method} ${target} ${authorization}`);
  const onRequest: RequestListener = (incoming, response) => {
    note(incoming.method, incoming.url, incoming.headers['proxy-authorization']);
    if (status !== undefined) return response.writeHead(status).end('refused');
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    incoming.pipe(
      forward(incoming.url ?? '', { method: incoming.method ?? 'GET', headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }),
    );
  };
  const server: Server =
    protocol === 'http' ? createServer(onRequest) : createSecureServer({ cert: testCertificate, key: testKey }, onRequest);
  server.on('connect', (incoming, client: Socket, head: Buffer) => {
    note('CONNECT', incoming.url, incoming.headers['proxy-authorization']);
    client.on('error', () => undefined);
    if (status !== undefined) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const url = new URL(`http://${incoming.url}`);
    const upstream = connect(Number(url.port), url.hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client);
      client.pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  return Object.assign(await listen(server, protocol), { seen });
}

async function say(socket: Socket, text: string): Promise<void> {
  for (const byte of text) await new Promise((resolve) => socket.write(byte, () => setImmediate(resolve)));
}

async function closed(socket: Socket | undefined): Promise<void> {
  if (socket?.closed === false) await once(socket, 'close');
}

describe('a proxy', () => {
  test('gets plain requests whole', async () => {
    await using server = await serveHttp((request, response) => response.end(`${request.method} ${request.url} ${request.headers.host}`));
    await using proxy = await serveProxy();
    for (let i = 0; i < 2; i++) {
      const response = await http({ method: 'POST', url: `${server.url}/v1?q=1`, body: 'x', proxy: proxy.url });
      expect(await response.text()).toBe(`POST /v1?q=1 127.0.0.1:${server.port}`);
    }
    expect(proxy.seen).toEqual(Array(2).fill(`POST ${server.url}/v1?q=1 no authorization`));
    expect(proxy.sockets).toHaveLength(1);
  });

  test('opens one tunnel for encrypted requests, and learns the key to itself only', async () => {
    await using server = await serveHttps((request, response) => response.end(JSON.stringify(request.headers)));
    await using proxy = await serveProxy();
    const url = `https://localhost:${server.port}/v1`;
    for (let i = 0; i < 2; i++) {
      const response = await http({
        method: 'POST',
        url,
        body: 'x',
        headers: { authorization: 'Bearer k' },
        tls: { ca: testCertificate },
        proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}`,
      });
      const headers: unknown = JSON.parse(await response.text());
      expect(headers).toMatchObject({ host: `localhost:${server.port}`, authorization: 'Bearer k' });
      expect(headers).not.toHaveProperty('proxy-authorization');
    }
    expect(proxy.seen).toEqual([`CONNECT localhost:${server.port} Basic ${btoa('me:p@ss')}`]);
  });

  test('gets its authorization with plain requests too', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    await using proxy = await serveProxy();
    await (await http({ method: 'GET', url: server.url, proxy: `http://me:pass@127.0.0.1:${proxy.port}` })).text();
    expect(proxy.seen).toEqual([`GET ${server.url}/ Basic ${btoa('me:pass')}`]);
  });

  test('that refuses a tunnel is named, its password is not', async () => {
    await using proxy = await serveProxy(407);
    const error = await http({ method: 'GET', url: 'https://api.example.com/', proxy: `http://me:secret@127.0.0.1:${proxy.port}` }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'network',
      retryable: false,
      message: expect.stringMatching(`proxy 127.0.0.1:${proxy.port} refused a connection to api.example.com:443 with HTTP 407`),
    });
    expect(String(error)).not.toContain('secret');
  });

  test('that refuses a plain request has answered it', async () => {
    await using proxy = await serveProxy(403);
    const response = await http({ method: 'GET', url: 'http://api.example.com/', proxy: proxy.url });
    expect([response.status, await response.text()]).toEqual([403, 'refused']);
  });

  test('that is not there is named', async () => {
    const port = await closedPort();
    for (const url of ['http://api.example.com/', 'https://api.example.com/'])
      await expect(http({ method: 'GET', url, proxy: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
        code: 'network',
        message: expect.stringContaining(`ECONNREFUSED proxy 127.0.0.1:${port}`),
      });
  });

  test('is spoken to in TLS when its URL says so', async () => {
    await using proxy = await serveHttps((_, response) => response.end('x'));
    for (const url of ['http://api.example.com/', 'https://api.example.com/'])
      await expect(http({ method: 'GET', url, proxy: proxy.url })).rejects.toMatchObject({
        code: 'network',
        message: expect.stringMatching(`^proxy 127.0.0.1:${proxy.port}.*DEPTH_ZERO_SELF_SIGNED_CERT`),
      });
  });

  test.each(['http', 'https'] as const)('that speaks TLS carries %s requests', async (protocol) => {
    await using server = await (protocol === 'http' ? serveHttp : serveHttps)((_, response) => response.end('x'));
    await using proxy = await serveProxy(undefined, 'https');
    const folder = await mkdtemp(join(tmpdir(), 'lmdeck-proxy-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, testCertificate);
    // Authorities of the machine's own are read once, when a process starts.
    const child = fork(new URL('test-support/two-requests.ts', import.meta.url), [server.url, proxy.url], {
      stdio: 'inherit',
      execArgv: [],
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
    });
    const [code] = await once(child, 'exit');
    await rm(folder, { recursive: true });
    expect(code).toBe(0);
    const forwarded = `GET ${server.url}/ no authorization`;
    expect(proxy.seen).toEqual(protocol === 'http' ? [forwarded, forwarded] : [`CONNECT 127.0.0.1:${server.port} no authorization`]);
  });

  test('carries long requests and answers through its tunnel, held back when nobody reads', async () => {
    const size = 64 * 1_048_576;
    await using server = await serveHttps(sendsFast(Buffer.alloc(size, 'x')));
    await using proxy = await serveProxy();
    const tls = { ca: testCertificate };
    const through = { tls, proxy: proxy.url };
    const sent = await http({ method: 'POST', url: server.url, body: 'x'.repeat(size), ...through });
    expect(await sent.text()).toBe(String(size));
    const response = await http({ method: 'GET', url: server.url, ...through });
    const askSent = async (): Promise<string> => (await http({ method: 'GET', url: `${server.url}/sent`, tls })).text();
    expect(await whereItStops(askSent)).toBeLessThan(size);
    let read = 0;
    for await (const bytes of response.body) read += bytes.length;
    expect(read).toBe(size);
    expect(proxy.seen).toHaveLength(1);
  });

  test.each<[string, (socket: Socket) => unknown, Partial<LmdeckError>]>([
    ['speaks no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), { code: 'invalid-response' }],
    ['hangs up', (socket) => socket.end(), { code: 'network', retryable: true }],
    ['hangs up within its answer', (socket) => socket.end('HTTP/1.1 200 Conn'), { code: 'network', retryable: true }],
    [
      'is no proxy',
      (socket) => socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno'),
      { code: 'network', retryable: false },
    ],
    [
      'talks in the tunnel',
      (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nhello, this is no TLS'),
      { code: 'network', retryable: false },
    ],
    ['answers in pieces', (socket) => void say(socket, 'HTTP/1.1 502 Bad Gateway\r\n\r\n'), { code: 'network', retryable: true }],
  ])('that %s is named', async (_, answer, expected) => {
    await using proxy = await serveRaw((socket) => answer(socket));
    await expect(http({ method: 'GET', url: 'https://api.example.com/', proxy: proxy.url })).rejects.toMatchObject({
      ...expected,
      message: expect.stringContaining(`proxy 127.0.0.1:${proxy.port}`),
    });
    await closed(proxy.sockets[0]);
  });

  test('that says nothing is given up in time', async () => {
    await using proxy = await serveRaw(() => vi.advanceTimersByTime(5_000));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const request = { method: 'GET', url: 'https://api.example.com/', proxy: proxy.url, timeouts: { connectMs: 5_000 } } as const;
    await expect(http(request)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining(`proxy 127.0.0.1:${proxy.port}`),
    });
    await closed(proxy.sockets[0]);
  });

  test('that breaks the tunnel off', async () => {
    await using proxy = await serveProxy();
    await expect(http({ method: 'GET', url: `https://127.0.0.1:${await closedPort()}/`, proxy: proxy.url })).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining(`proxy 127.0.0.1:${proxy.port}`),
    });
  });

  test('an abort ends the wait for its tunnel', async () => {
    const controller = new AbortController();
    const server = createServer();
    server.on('connect', () => controller.abort());
    await using proxy = await listen(server, 'http');
    const { signal } = controller;
    await expect(http({ method: 'GET', url: 'https://api.example.com/', proxy: proxy.url, signal })).rejects.toMatchObject({
      code: 'aborted',
    });
  });

  test('from the environment', async () => {
    await using proxy = await serveProxy(418);
    await using mine = httpTransport({ env: { http_proxy: proxy.url, NO_PROXY: 'no.example.com' } });
    expect((await mine({ method: 'GET', url: 'http://api.example.com/' })).status).toBe(418);
    await using server = await serveHttp((_, response) => response.end('direct'));
    expect(await (await mine({ method: 'GET', url: server.url })).text()).toBe('direct');
    expect(proxy.seen).toEqual(['GET http://api.example.com/ no authorization']);
  });
});
