import { fork } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { deflateSync, brotliCompressSync, gzipSync, zstdCompressSync, createGzip } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { LmdeckError } from '../core/index.ts';
import type { HttpRequest } from './http.ts';
import { httpTransport } from './http-transport.ts';
import { sendsFast, whereItStops } from './test-support/back-pressure.ts';
import { closedPort, readAll, serveHttp, serveRaw } from './test-support/loopback.ts';

const http = httpTransport({ env: {} });
afterAll(() => http.close());
afterEach(() => vi.useRealTimers());

const get = (url: string, more: Partial<HttpRequest> = {}) => http({ method: 'GET', url, ...more });
const post = (url: string, body: string | Uint8Array, more: Partial<HttpRequest> = {}) => http({ method: 'POST', url, body, ...more });
const ok = (body: string, head = ''): string => `HTTP/1.1 200 OK\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const chunkedHead = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

describe('a request', () => {
  test('sends method, path, headers and body; gives status, headers and text', async () => {
    await using server = await serveHttp(async (request, response) => {
      response.writeHead(201, [
        ['X-Id', 'a'],
        ['x-id', 'b'],
        ['Set-Cookie', 'c=1'],
        ['set-cookie', 'd=2'],
      ]);
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: await readAll(request) }));
    });
    const response = await post(`${server.url}/v1/é?q=1#top`, '{"text":"é𝕏"}', {
      headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
    });
    expect(response.status).toBe(201);
    expect(response.headers).toMatchObject({ 'x-id': 'a, b', 'set-cookie': 'c=1, d=2' });
    expect(JSON.parse(await response.text())).toEqual({
      method: 'POST',
      url: '/v1/%C3%A9?q=1',
      headers: {
        host: `127.0.0.1:${server.port}`,
        'content-type': 'application/json',
        authorization: 'Bearer k',
        'content-length': '17',
        connection: 'keep-alive',
      },
      body: '{"text":"é𝕏"}',
    });
  });

  test.each<[string, HttpRequest['method'], string | Uint8Array | undefined, string | undefined, string]>([
    ['bytes', 'PUT', new Uint8Array([0xc3, 0xa9]), '2', 'é'],
    ['an empty text', 'POST', '', '0', ''],
    ['no body where one belongs', 'POST', undefined, '0', ''],
    ['no body where none belongs', 'GET', undefined, undefined, ''],
    ['DELETE with a body', 'DELETE', 'x', '1', 'x'],
  ])('%s', async (_, method, body, length, received) => {
    await using server = await serveHttp(async (request, response) => {
      response.end(JSON.stringify([request.headers['content-length'], request.headers['transfer-encoding'], await readAll(request)]));
    });
    const response = await http({ method, url: server.url, ...(body === undefined ? {} : { body }) });
    expect(JSON.parse(await response.text())).toEqual([length ?? null, null, received]);
  });

  test('host, length and connection are the transport’s to set', async () => {
    await using server = await serveHttp((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    const headers = { host: 'elsewhere', 'content-length': '1', 'Transfer-Encoding': 'chunked', connection: 'close' };
    const response = await post(server.url, 'abc', { headers });
    expect(JSON.parse(await response.text())).toEqual([
      'host',
      `127.0.0.1:${server.port}`,
      'connection',
      'keep-alive',
      'content-length',
      '3',
    ]);
  });

  test('redirects are answers', async () => {
    await using server = await serveHttp((_, response) => response.writeHead(307, { location: '/there' }).end('moved'));
    const response = await post(server.url, 'x');
    expect([response.status, response.headers['location'], await response.text()]).toEqual([307, '/there', 'moved']);
  });

  test('an error status is an answer', async () => {
    await using server = await serveHttp((_, response) => response.writeHead(500).end('no'));
    const response = await get(server.url);
    expect([response.status, await response.text()]).toEqual([500, 'no']);
  });

  test('an interim answer is skipped', async () => {
    await using server = await serveRaw((socket) => socket.end(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${ok('x')}`));
    const response = await get(server.url);
    expect([response.status, await response.text()]).toEqual([200, 'x']);
  });
});

describe('connections', () => {
  test('are used again, one after the other', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    for (let i = 0; i < 5; i++) await (await post(server.url, 'x')).text();
    expect(server.sockets).toHaveLength(1);
  });

  test('are as many as there are requests', async () => {
    const waiting: (() => void)[] = [];
    await using server = await serveHttp((_, response) => {
      waiting.push(() => response.end('x'));
      if (waiting.length === 600) for (const answer of waiting) answer();
    });
    const texts = await Promise.all(Array.from({ length: 600 }, async () => (await post(server.url, 'x')).text()));
    expect(texts).toHaveLength(600);
    expect(server.sockets).toHaveLength(600);
  });

  test.each(['before anything', 'with a reset'])('one that the server closes on reuse %s is replaced once', async (how) => {
    const bodies: string[] = [];
    await using server = await serveRaw((socket, request, connection) => {
      bodies.push(request.slice(-3));
      if (connection === 1 && bodies.length === 2) return how === 'with a reset' ? socket.resetAndDestroy() : socket.destroy();
      socket.write(ok(`on ${connection}`));
    });
    expect(await (await post(server.url, 'one')).text()).toBe('on 1');
    expect(await (await post(server.url, 'two')).text()).toBe('on 2');
    expect(bodies).toEqual(['one', 'two', 'two']);
  });

  test('one that fails after part of an answer is not asked again', async () => {
    let requests = 0;
    await using server = await serveRaw((socket) => {
      requests += 1;
      if (requests === 2) socket.end('HTTP/1.1 200 OK\r\ncontent-');
      else socket.write(ok('x'));
    });
    await (await post(server.url, 'one')).text();
    await expect(post(server.url, 'two')).rejects.toMatchObject({ code: 'network' });
    expect(requests).toBe(2);
  });

  test('a new one that fails is not replaced, nor is the replacement', async () => {
    let requests = 0;
    await using server = await serveRaw((socket) => {
      requests += 1;
      if (requests === 1) socket.write(ok('x'));
      else socket.resetAndDestroy();
    });
    await (await post(server.url, 'one')).text();
    await expect(post(server.url, 'two')).rejects.toMatchObject({ code: 'network', retryable: true });
    expect(requests).toBe(3);
    await expect(post(server.url, 'three')).rejects.toMatchObject({ code: 'network' });
    expect(requests).toBe(4);
  });

  test('keep the process alive while they are used, and only then', async () => {
    await using server = await serveRaw((socket) => socket.write(ok('x')));
    const child = fork(new URL('test-support/two-requests.ts', import.meta.url), [server.url], { stdio: 'inherit', execArgv: [] });
    try {
      const [code] = await once(child, 'exit');
      expect(code).toBe(0);
      expect(server.sockets).toHaveLength(1);
    } finally {
      child.kill();
    }
  });

  test('close ends them', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    {
      await using mine = httpTransport({ env: {} });
      await (await mine({ method: 'GET', url: server.url })).text();
    }
    const [socket] = server.sockets;
    if (socket?.closed === false) await once(socket, 'close');
    expect(socket?.closed).toBe(true);
  });
});

describe('the body', () => {
  test('comes as the server sends it', async () => {
    let more: (() => void) | undefined;
    await using server = await serveHttp((_, response) => {
      response.write('one');
      more = () => response.end('two');
    });
    const pieces: string[] = [];
    for await (const piece of (await get(server.url)).body) {
      pieces.push(Buffer.from(piece).toString());
      more?.();
    }
    expect(pieces).toEqual(['one', 'two']);
  });

  test('arrives whole, however it is cut and read', async () => {
    await using server = await serveRaw((socket, request) => {
      const cuts: number[] = JSON.parse(request.slice(request.indexOf('\r\n\r\n') + 4));
      const answer = Buffer.from(`${chunkedHead}${chunk('é one ')}${chunk('𝕏 two ')}${chunk('three')}0\r\n\r\n`);
      let start = 0;
      const next = (i: number): void => {
        const end = cuts[i] ?? answer.length;
        socket.write(answer.subarray(start, end), () => (end < answer.length ? setImmediate(next, i + 1) : undefined));
        start = end;
      };
      next(0);
    });
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 89 }), { maxLength: 6 }).map((list) => list.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(cuts, fc.boolean(), async (list, asText) => {
        const response = await post(server.url, JSON.stringify(list));
        expect(asText ? await response.text() : await readAll(response.body)).toBe('é one 𝕏 two three');
      }),
      { numRuns: 60 },
    );
  });

  test('text drops a byte order mark and gives the rest after a first piece', async () => {
    await using server = await serveHttp((_, response) => response.end('\uFEFF{"a":1}'));
    expect(await (await get(server.url)).text()).toBe('{"a":1}');
    expect(await (await get(server.url)).text()).toBe('{"a":1}');
  });

  test('has one reader', async () => {
    await using server = await serveHttp((_, response) => response.write('x'));
    const iterator = (await get(server.url)).body[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'usage' });
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('is held back when nobody reads it', async () => {
    const total = 64 * 1_048_576;
    await using server = await serveHttp(sendsFast(Buffer.alloc(total, 'x')));
    const response = await get(server.url);
    expect(await whereItStops(async () => (await get(`${server.url}/sent`)).text())).toBeLessThan(total / 2);
    let read = 0;
    for await (const bytes of response.body) read += bytes.length;
    expect(read).toBe(total);
  });

  test('leaving it closes the connection', async () => {
    await using server = await serveHttp((_, response) => response.write('x'));
    for await (const _ of (await get(server.url)).body) break;
    const [socket] = server.sockets;
    if (socket?.closed === false) await once(socket, 'close');
    expect(socket?.closed).toBe(true);
  });

  test('leaving it when it has arrived whole keeps the connection', async () => {
    // More than is kept for a slow reader, less than two reads of the socket: it is all here, but its end is still held back.
    await using server = await serveHttp((_, response) => response.end('x'.repeat(80_000)));
    await using elsewhere = await serveHttp((_, response) => response.end());
    const otherTraffic = async (): Promise<void> => {
      for (let trips = 0; trips < 20; trips++) await (await get(elsewhere.url)).text();
    };
    for (let i = 0; i < 3; i++) {
      const { body } = await get(server.url);
      await otherTraffic();
      for await (const _ of body) break;
      await otherTraffic();
    }
    expect(server.sockets).toHaveLength(1);
  });

  test.each<[string, string, string]>([
    ['a length that is not reached', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', 'end'],
    ['chunks without their end', `${chunkedHead}${chunk('abc')}`, 'end'],
    ['a chunk that is cut', `${chunkedHead}3\r\nabc\r\n8\r\nde`, 'end'],
    ['a reset', `${chunkedHead}${chunk('abc')}`, 'reset'],
  ])('ends early: %s', async (_, answer, how) => {
    await using server = await serveRaw((socket) => {
      socket.write(answer, () => {
        if (how === 'end') socket.end();
      });
    });
    const cut = (): void => {
      if (how === 'reset') server.sockets.at(-1)?.resetAndDestroy();
    };
    const response = await get(server.url);
    const seen: string[] = [];
    const reading = async () => {
      for await (const piece of response.body) {
        seen.push(Buffer.from(piece).toString());
        cut();
      }
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'incomplete-response',
      retryable: true,
      message: expect.stringContaining(`127.0.0.1:${server.port}`),
    });
    expect(seen.join('')).toMatch(/^abc/);
    const again = await get(server.url);
    if (how === 'reset') server.sockets.at(-1)?.resetAndDestroy();
    await expect(again.text()).rejects.toMatchObject({ code: 'incomplete-response' });
  });

  test('garbage in the middle', async () => {
    await using server = await serveRaw((socket) => socket.write(`${chunkedHead}${chunk('abc')}this is no chunk size\r\n`));
    const response = await get(server.url);
    await expect(readAll(response.body)).rejects.toMatchObject({ code: 'invalid-response' });
  });
});

describe('compression', () => {
  const encodings: readonly (readonly [string, (text: string) => Buffer])[] = [
    ['gzip', (text) => gzipSync(text)],
    ['X-GZip', (text) => gzipSync(text)],
    ['deflate', (text) => deflateSync(text)],
    ['br', (text) => brotliCompressSync(text)],
    ['zstd', (text) => zstdCompressSync(text)],
    ['gzip, br', (text) => brotliCompressSync(gzipSync(text))],
    ['identity', (text) => Buffer.from(text)],
  ];
  const long = 'é text '.repeat(50_000);

  test.each(encodings)('%s', async (encoding, encode) => {
    await using server = await serveHttp((request, response) => {
      response.setHeader('content-encoding', encoding);
      response.end(request.headers['accept-encoding'] === undefined ? encode(long) : 'asked for it');
    });
    expect((await (await get(server.url)).text()) === long).toBe(true);
    expect((await readAll((await get(server.url)).body)) === long).toBe(true);
    expect(server.sockets).toHaveLength(1);
  });

  test('a compressed stream keeps its pace', async () => {
    let more: (() => void) | undefined;
    await using server = await serveHttp((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write('one');
      gzip.flush();
      more = () => gzip.end('two');
    });
    const pieces: string[] = [];
    for await (const piece of (await get(server.url)).body) {
      pieces.push(Buffer.from(piece).toString());
      more?.();
    }
    expect(pieces.join('|')).toBe('one|two');
  });

  test.each([
    ['cut by the connection', (bytes: Buffer) => ({ length: bytes.length, sent: bytes.subarray(0, -9) }), 'incomplete-response'],
    ['cut by the server', (bytes: Buffer) => ({ length: bytes.length - 9, sent: bytes.subarray(0, -9) }), 'incomplete-response'],
    ['garbage', () => ({ length: 7, sent: Buffer.from('garbage') }), 'invalid-response'],
  ])('%s', async (_, make, code) => {
    await using server = await serveRaw((socket) => {
      const { length, sent } = make(gzipSync(long));
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${length}\r\n\r\n`);
      socket.end(sent);
    });
    await expect((await get(server.url)).text()).rejects.toMatchObject({ code });
    await expect(readAll((await get(server.url)).body)).rejects.toMatchObject({ code });
  });

  test('a reader who lags holds back the sender', async () => {
    const total = 64 * 1_048_576;
    await using server = await serveHttp(sendsFast(gzipSync(Buffer.alloc(total, 'x'), { level: 0 }), { 'content-encoding': 'gzip' }));
    const response = await get(server.url);
    // Decoders work beside the event loop, and take their time.
    expect(await whereItStops(async () => (await get(`${server.url}/sent`)).text(), 500)).toBeLessThan(total / 2);
    let read = 0;
    for await (const bytes of response.body) read += bytes.length;
    expect(read).toBe(total);
  });

  test('an encoding that nobody knows', async () => {
    await using server = await serveHttp((_, response) => response.writeHead(200, { 'content-encoding': 'rot13' }).end('x'));
    await expect(get(server.url)).rejects.toMatchObject({ code: 'invalid-response', message: expect.stringContaining('"rot13"') });
  });

  test('leaving a compressed body closes the connection', async () => {
    await using server = await serveHttp((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write('one');
      gzip.flush();
    });
    for await (const _ of (await get(server.url)).body) break;
    const [socket] = server.sockets;
    if (socket?.closed === false) await once(socket, 'close');
    expect(socket?.closed).toBe(true);
  });
});

describe('an abort', () => {
  const reason = new LmdeckError('aborted', 'enough');

  test('before the request', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    await expect(get(server.url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(server.sockets).toHaveLength(0);
  });

  test('while the connection is made', async () => {
    const controller = new AbortController();
    // A server that never says a word of the TLS handshake.
    await using server = await serveRaw(() => undefined);
    const pending = get(server.url.replace('http:', 'https:'), { signal: controller.signal });
    while (server.sockets[0] === undefined) await new Promise(setImmediate);
    await once(server.sockets[0], 'data');
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await once(server.sockets[0], 'close');
  });

  test('before the name is known', async () => {
    const controller = new AbortController();
    await using server = await serveRaw(() => undefined);
    const pending = get(server.url, { signal: controller.signal });
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });

  test('while the answer is awaited: the server sees it', async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    await using server = await serveHttp((request) => {
      closed = once(request.socket, 'close');
      controller.abort(reason);
    });
    await expect(get(server.url, { signal: controller.signal })).rejects.toBe(reason);
    await closed;
  });

  test.each(['text', 'pieces'])('while the body is read as %s', async (how) => {
    const controller = new AbortController();
    await using server = await serveHttp((_, response) => response.write('x'));
    const response = await get(server.url, { signal: controller.signal });
    const reading = how === 'text' ? response.text() : readAll(response.body);
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    const [socket] = server.sockets;
    if (socket?.closed === false) await once(socket, 'close');
  });

  test('drops what nobody has read', async () => {
    const controller = new AbortController();
    await using server = await serveHttp((_, response) => response.write('x'.repeat(200_000)));
    const response = await get(server.url, { signal: controller.signal });
    const iterator = response.body[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort(reason);
    await expect(iterator.next()).rejects.toBe(reason);
  });

  test('after the end changes nothing, and a long-lived signal keeps no listener', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await using server = await serveHttp((request, response) => {
      if (request.url === '/reset') request.socket.destroy();
      else if (request.url === '/endless') response.write('x');
      else response.end('x');
    });
    const response = await get(server.url, { signal });
    expect(await response.text()).toBe('x');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await expect(get(`${server.url}/reset`, { signal })).rejects.toMatchObject({ code: 'network' });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    for await (const _ of (await get(`${server.url}/endless`, { signal })).body) break;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await expect(get('no url', { signal })).rejects.toMatchObject({ code: 'config' });
    await expect(get(server.url, { signal, headers: { a: 'b\nc' } })).rejects.toMatchObject({ code: 'usage' });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('an error', () => {
  test('nothing listens', async () => {
    const port = await closedPort();
    await expect(get(`http://127.0.0.1:${port}/v1?key=secret`)).rejects.toMatchObject({
      code: 'network',
      retryable: true,
      message: expect.stringMatching(new RegExp(`^connect ECONNREFUSED 127\\.0\\.0\\.1:${port}: .*Is the server running`)),
      data: { cause: 'ECONNREFUSED' },
    });
    await expect(get(`http://localhost:${port}/`)).rejects.toMatchObject({
      message: expect.stringContaining(`ECONNREFUSED localhost:${port}`),
    });
  });

  test('a host that does not exist', async () => {
    await expect(get('http://no-such-host.invalid/')).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/^getaddrinfo E\w+ no-such-host\.invalid:80: /),
    });
  });

  test.each<[string, (socket: Socket) => unknown, Partial<LmdeckError>]>([
    ['the server hangs up', (socket) => socket.end(), { code: 'network', retryable: true, message: expect.stringContaining('ECONNRESET') }],
    ['a reset', (socket) => socket.resetAndDestroy(), { code: 'network', retryable: true }],
    [
      'no HTTP',
      (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
      { code: 'invalid-response', message: expect.stringContaining('not HTTP/1.1') },
    ],
  ])('%s', async (_, answer, expected) => {
    await using server = await serveRaw((socket) => answer(socket));
    await expect(post(server.url, 'x')).rejects.toMatchObject({
      ...expected,
      message: expected.message ?? expect.stringContaining(`127.0.0.1:${server.port}`),
    });
  });

  test.each([
    ['localhost:8000/v1', /"localhost:8000\/v1" is not an HTTP URL/],
    ['/v1', /"\/v1" is not an HTTP URL/],
    ['ftp://host/x?key=secret', /"ftp:\/\/host\/x" is not/],
    ['http://me:secret@host/v1', /"http:\/\/host\/v1" has a user name/],
    ['http://me:secret@ho st/v1', /is not an HTTP URL/],
  ])('the URL %s', async (url, message) => {
    const error = await get(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'config', message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('secret');
  });

  test('a header that cannot be sent does not show its value', async () => {
    const error = await get('http://127.0.0.1:9/', { headers: { authorization: 'Bearer secret\n' } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('authorization') });
    expect(String(error)).not.toContain('secret');
  });

  test('the connection takes too long', async () => {
    // A server that never says a word of the TLS handshake.
    await using server = await serveRaw(() => undefined);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const pending = get(server.url.replace('http:', 'https:'), { timeouts: { connectMs: 5_000 } });
    while (server.sockets[0] === undefined) await new Promise(setImmediate);
    await once(server.sockets[0], 'data');
    const outcome = expect(pending).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
      message: expect.stringContaining('connectMs'),
      data: { limit: 'connectMs', connectMs: 5_000 },
    });
    vi.advanceTimersByTime(5_000);
    await outcome;
    await once(server.sockets[0], 'close');
  });

  test('the connect limit ends with the connection: an answer may take its time', async () => {
    await using server = await serveRaw((socket) => {
      vi.advanceTimersByTime(60_000);
      socket.write(ok('x'));
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    // Without a limit for unused connections there is no timer for them.
    await using mine = httpTransport({ env: {}, idleSocketMs: Infinity });
    for (let i = 0; i < 2; i++) expect(await (await mine({ method: 'GET', url: server.url })).text()).toBe('x');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('no connect limit', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    expect(await (await get(server.url, { timeouts: { connectMs: Infinity } })).text()).toBe('x');
  });
});
