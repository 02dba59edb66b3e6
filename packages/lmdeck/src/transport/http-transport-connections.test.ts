/** What becomes of connections, and of requests that are longer than one write. */
import { getEventListeners, once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { LmdeckError } from '../core/index.ts';
import type { HttpRequest } from './http.ts';
import { httpTransport } from './http-transport.ts';
import { listen, readAll, serveHttp, serveRaw, type Loopback } from './test-support/loopback.ts';

const http = httpTransport({ env: {} });
afterAll(() => http.close());
afterEach(() => vi.useRealTimers());

const get = (url: string, more: Partial<HttpRequest> = {}) => http({ method: 'GET', url, ...more });
const post = (url: string, body: string | Uint8Array, more: Partial<HttpRequest> = {}) => http({ method: 'POST', url, body, ...more });
const ok = (body: string, head = ''): string => `HTTP/1.1 200 OK\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const closed = async (socket: Socket | undefined): Promise<void> => {
  if (socket?.closed === false) await once(socket, 'close');
};

describe('a connection is not used again', () => {
  test.each<[string, string]>([
    ['after connection: close', ok('x', 'connection: close\r\n')],
    ['when the server keeps it for a second only', ok('x', 'keep-alive: timeout=1\r\n')],
    ['when more than the answer came', `${ok('x')}HTTP/1.1 200 OK\r\n`],
    ['when an answer came that nobody asked for', ok('x') + ok('stolen')],
    ['after HTTP/1.0', ok('x').replace('1.1', '1.0')],
    ['after a length and chunks at once', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'],
  ])('%s', async (_, answer) => {
    await using server = await serveRaw((socket) => socket.write(answer));
    for (let i = 0; i < 3; i++) expect(await (await post(server.url, 'x')).text()).toBe('x');
    expect(server.sockets).toHaveLength(3);
    for (const socket of server.sockets) await closed(socket);
  });

  test('when the server says something after its answer', async () => {
    await using server = await serveRaw((socket) => socket.write(ok('x')));
    expect(await (await post(server.url, 'x')).text()).toBe('x');
    server.sockets[0]?.write(ok('stolen'));
    await closed(server.sockets[0]);
    expect(await (await post(server.url, 'x')).text()).toBe('x');
    expect(server.sockets).toHaveLength(2);
  });

  test('when the server has closed it', async () => {
    await using server = await serveRaw((socket) => socket.end(ok('x')));
    for (let i = 0; i < 3; i++) {
      expect(await (await post(server.url, 'x')).text()).toBe('x');
      await closed(server.sockets[i]);
    }
    expect(server.sockets).toHaveLength(3);
  });

  test('after it was unused for too long', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] });
    await using mine = httpTransport({ env: {}, idleSocketMs: 4_000 });
    const call = async (): Promise<string> => (await mine({ method: 'GET', url: server.url })).text();
    await call();
    vi.advanceTimersByTime(3_999);
    await call();
    expect(server.sockets).toHaveLength(1);
    vi.advanceTimersByTime(3_999);
    expect(server.sockets[0]?.closed).toBe(false);
    vi.advanceTimersByTime(1);
    await closed(server.sockets[0]);
    await call();
    expect(server.sockets).toHaveLength(2);
  });

  test('after it was unused for too long while nothing else could happen', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    vi.useFakeTimers({ toFake: ['hrtime'] });
    await using mine = httpTransport({ env: {}, idleSocketMs: 4_000 });
    for (let i = 0; i < 2; i++) {
      expect(await (await mine({ method: 'GET', url: server.url })).text()).toBe('x');
      vi.advanceTimersByTime(4_000);
    }
    expect(server.sockets).toHaveLength(2);
  });

  test('shortly before the server gives it up', async () => {
    await using server = await serveRaw((socket) => socket.write(ok('x', 'keep-alive: timeout=5\r\n')));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] });
    await using mine = httpTransport({ env: {} });
    const call = async (): Promise<string> => (await mine({ method: 'GET', url: server.url })).text();
    await call();
    vi.advanceTimersByTime(3_999);
    await call();
    expect(server.sockets).toHaveLength(1);
    vi.advanceTimersByTime(4_000);
    await call();
    expect(server.sockets).toHaveLength(2);
  });
});

describe('a connection is used again', () => {
  test.each<[string, string]>([
    ['after HTTP/1.0 with keep-alive', ok('x', 'connection: keep-alive\r\n').replace('1.1', '1.0')],
    ['after chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'],
    ['when the server keeps it longer', ok('x', 'keep-alive: timeout=5\r\n')],
  ])('%s', async (_, answer) => {
    await using server = await serveRaw((socket) => socket.write(answer));
    for (let i = 0; i < 3; i++) expect(await (await post(server.url, 'x')).text()).toBe('x');
    expect(server.sockets).toHaveLength(1);
  });

  test('although nobody has read the answer', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    for (let i = 0; i < 3; i++) expect((await get(server.url)).status).toBe(200);
    expect(server.sockets).toHaveLength(1);
  });

  test('the last one first', async () => {
    const waiting: (() => void)[] = [];
    const used: (number | undefined)[] = [];
    await using server = await serveHttp((request, response) => {
      used.push(request.socket.remotePort);
      if (request.url === '/wait') waiting.push(() => response.end('x'));
      else response.end('x');
    });
    const both = [get(`${server.url}/wait`), get(`${server.url}/wait`)];
    while (waiting.length < 2) await new Promise(setImmediate);
    waiting[0]?.();
    await Promise.race(both);
    waiting[1]?.();
    await Promise.all(both);
    for (let i = 0; i < 3; i++) await (await get(server.url)).text();
    expect(used.slice(2)).toEqual(Array(3).fill(used[1]));
    expect(server.sockets).toHaveLength(2);
  });

  test('by thousands of requests at once, each with its own answer', async () => {
    await using server = await serveHttp(async (request, response) => response.end(await readAll(request)));
    for (let round = 0; round < 2; round++) {
      const texts = await Promise.all(Array.from({ length: 2_000 }, async (_, i) => (await post(server.url, `${round} ${i}`)).text()));
      expect(texts).toEqual(Array.from({ length: 2_000 }, (_, i) => `${round} ${i}`));
    }
    expect(server.sockets.length).toBeLessThanOrEqual(2_000);
  });
});

describe('a request', () => {
  test('arrives byte for byte, whatever is in it and however long it is', async () => {
    const received: Buffer[] = [];
    await using server = await serveHttp(async (request, response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk);
      received.push(Buffer.concat(chunks));
      response.end(request.headers['content-length']);
    });
    const unit = fc.constantFrom('a', '\n', 'é', '€', '𝕏', '\ud835', '\udd4f', '\0');
    // Around the sizes at which it goes out in another way.
    const long = fc
      .tuple(fc.constantFrom(16_380, 32_760, 65_530, 131_060), fc.constantFrom('a', 'é', '𝕏'))
      .map(([n, each]) => each.repeat(n));
    const text = fc.tuple(fc.oneof(fc.constant(''), long), fc.string({ unit, maxLength: 40 })).map((parts) => parts.join(''));
    const body = fc.tuple(text, fc.boolean()).map(([all, asBytes]) => (asBytes ? new Uint8Array(Buffer.from(all)) : all));
    const header = fc.constantFrom('plain', 'caf\xe9');
    await fc.assert(
      fc.asyncProperty(body, header, async (each, name) => {
        const response = await post(server.url, each, { headers: { 'x-name': name } });
        const expected = Buffer.from(each);
        expect(await response.text()).toBe(String(expected.length));
        expect(received.pop()?.equals(expected)).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect(server.sockets).toHaveLength(1);
  });

  test('is not cut inside a character', async () => {
    await using server = await serveHttp(async (request, response) => response.end((await readAll(request)).slice(-9)));
    const end = 'é𝕏'.repeat(4);
    // Its pieces are of 4 Mi characters.
    const pad = 'a'.repeat(4 * 1_048_576 - 9);
    for (const shift of ['', 'a']) expect(await (await post(server.url, pad + shift + end)).text()).toBe((pad + shift + end).slice(-9));
  });

  test('leaves in one piece with its head when it is short', async () => {
    const reads: string[] = [];
    const raw = createServer((socket) => {
      socket.on('data', (chunk) => {
        reads.push(chunk.toString('latin1'));
        socket.write(ok('x'));
      });
    });
    await using server = await listen(raw, 'http');
    await (await post(server.url, '{"text":"é"}', { headers: { 'x-latin1': '\xe9' } })).text();
    await (await post(server.url, new Uint8Array([1, 2, 3]))).text();
    expect(reads).toHaveLength(2);
    expect(reads[0]).toContain('x-latin1: \xe9\r\n');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['and the connection stays open', (socket) => socket.write(`HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig`)],
    ['and is closed', (socket) => socket.end(`HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig`)],
    ['without a length', (socket) => socket.end(`HTTP/1.1 413 Too Large\r\n\r\nbig`)],
  ])('is answered before it has been sent %s', async (_, answer) => {
    const raw = createServer((socket) => {
      socket.once('data', () => {
        socket.pause();
        answer(socket);
      });
    });
    await using server = await listen(raw, 'http');
    const response = await post(server.url, 'x'.repeat(32 * 1_048_576));
    expect([response.status, await response.text()]).toEqual([413, 'big']);
    // A socket that is not read does not see its end.
    server.sockets[0]?.resume();
    await closed(server.sockets[0]);
  });

  test('goes on while its answer comes', async () => {
    const size = 8 * 1_048_576;
    await using server = await serveHttp((request, response) => {
      response.write('begin ');
      let received = 0;
      request.on('data', (chunk: Buffer) => (received += chunk.length));
      request.on('end', () => response.end(String(received)));
    });
    for (let i = 0; i < 2; i++) expect(await (await post(server.url, 'x'.repeat(size))).text()).toBe(`begin ${size}`);
    expect(server.sockets).toHaveLength(1);
  });

  test('that is aborted while it is sent is not sent to its end', async () => {
    const controller = new AbortController();
    const reason = new LmdeckError('aborted', 'enough');
    let received = 0;
    const raw = createServer((socket) => {
      socket.on('data', (chunk: Buffer) => {
        received += chunk.length;
        socket.pause();
        controller.abort(reason);
        setImmediate(() => socket.resume());
      });
    });
    await using server = await listen(raw, 'http');
    const size = 64 * 1_048_576;
    await expect(post(server.url, 'x'.repeat(size), { signal: controller.signal })).rejects.toBe(reason);
    await closed(server.sockets[0]);
    expect(received).toBeLessThan(size);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  test('that is long is sent again whole when the kept connection was gone', async () => {
    const bodies: number[] = [];
    await using server = await serveHttp(async (request, response) => {
      if (request.url === '/first') return response.end('x');
      if (server.sockets.length === 1) return request.socket.resetAndDestroy();
      bodies.push((await readAll(request)).length);
      response.end('x');
    });
    await (await get(`${server.url}/first`)).text();
    await (await post(server.url, 'x'.repeat(4 * 1_048_576))).text();
    expect(bodies).toEqual([4 * 1_048_576]);
  });
});

describe('headers that cannot be sent', () => {
  test.each<[string, string, RegExp]>([
    ['x-a', 'b\r\nx-b: c', /"x-a".*value/],
    ['x-a', 'b\nc', /"x-a".*value/],
    ['x-a', 'b\0c', /"x-a".*value/],
    ['x-a', '€', /"x-a".*value/],
    ['x a', 'b', /"x a".*name/],
    ['x-a:', 'b', /"x-a:".*name/],
    ['x\r\ny', 'b', /"x\\r\\ny".*name/],
    ['é', 'b', /"é".*name/],
    ['', 'b', /"".*name/],
  ])('%j: %j', async (name, value, message) => {
    const error = await get('http://127.0.0.1:9/', { headers: { [name]: value } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
    expect(String(error)).toContain('127.0.0.1:9');
  });
});

describe('answers', () => {
  test('with large headers', async () => {
    await using server = await serveRaw((socket, request) => {
      const count = Number(/count-(\d+)/.exec(request)?.[1]);
      socket.write(ok('x', `a: ${'y'.repeat(1_000)}\r\n`.repeat(count)));
    });
    const response = await get(`${server.url}/count-64`);
    expect(response.headers['a']?.length).toBe(64 * 1_002 - 2);
    await expect(get(`${server.url}/count-66`)).rejects.toMatchObject({
      code: 'invalid-response',
      message: expect.stringContaining('65536'),
    });
  });

  test('are the reader’s own: later reads do not change them', async () => {
    let more: (() => void) | undefined;
    await using server = await serveHttp((request, response) => {
      if (request.url === '/other') return response.end('z'.repeat(5_000));
      response.write('a'.repeat(100));
      more = () => response.end('b'.repeat(5_000));
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await get(server.url)).body) {
      chunks.push(chunk);
      await (await get(`${server.url}/other`)).text();
      more?.();
    }
    expect(Buffer.concat(chunks).toString()).toBe('a'.repeat(100) + 'b'.repeat(5_000));
  });

  test('that are chunked are one piece per read', async () => {
    const chunk = '1\r\nx\r\n'.repeat(50);
    await using server = await serveRaw((socket) => socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`));
    const pieces: number[] = [];
    for await (const piece of (await get(server.url)).body) pieces.push(piece.length);
    expect(pieces).toEqual([50]);
  });
});

describe('close', () => {
  test.each(['connects', 'waits', 'waits on a kept connection', 'reads'])('fails a request that %s', async (stage) => {
    let requests = 0;
    await using server: Loopback = await serveRaw((socket) => {
      requests += 1;
      if (stage.endsWith('kept connection') && requests === 1) socket.write(ok('x'));
      else if (stage === 'reads') socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx');
      else void mine.close();
    });
    const mine = httpTransport({ env: {} });
    if (stage.endsWith('kept connection')) await (await mine({ method: 'GET', url: server.url })).text();
    const pending = mine({ method: 'POST', url: server.url, body: 'x' });
    if (stage === 'connects') await mine.close();
    const text = pending.then((response) => {
      void mine.close();
      return response.text();
    });
    await expect(text).rejects.toMatchObject({ code: 'aborted', message: expect.stringContaining('closed'), retryable: false });
    expect(requests).toBeLessThanOrEqual(stage.endsWith('kept connection') ? 2 : 1);
  });

  test('leaves a transport that can be used again', async () => {
    await using server = await serveHttp((_, response) => response.end('x'));
    await using mine = httpTransport({ env: {} });
    for (let i = 0; i < 2; i++) {
      expect(await (await mine({ method: 'GET', url: server.url })).text()).toBe('x');
      await mine.close();
    }
    expect(server.sockets).toHaveLength(2);
  });
});
