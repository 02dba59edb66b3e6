import { describe, expect, test } from 'vitest';
import type { StreamedBody } from './http.ts';
import { httpTransport } from './http-transport.ts';
import { readAll, serveHttp } from './test-support/loopback.ts';

function body(pieces: readonly string[], byteLength = Buffer.byteLength(pieces.join(''))): StreamedBody {
  return {
    byteLength,
    async *read() {
      for (const piece of pieces) yield Buffer.from(piece);
    },
  };
}

describe('a body that is sent as it is read', () => {
  test('arrives whole, also over a connection that is used again', async () => {
    await using server = await serveHttp(async (request, response) =>
      response.end(`${request.headers['content-length']} ${await readAll(request)}`),
    );
    await using http = httpTransport({ env: {} });
    for (const pieces of [['a', 'bé', 'c'], [], ['x'.repeat(300_000), 'y'.repeat(300_000)]]) {
      const response = await http({ method: 'POST', url: server.url, body: body(pieces) });
      expect(await response.text()).toBe(`${Buffer.byteLength(pieces.join(''))} ${pieces.join('')}`);
    }
    expect(server.sockets).toHaveLength(1);
  });

  test('waits for the other end', async () => {
    let read = 0;
    const taken = Promise.withResolvers<void>();
    await using server = await serveHttp(async (request, response) => {
      await taken.promise;
      response.end(String((await readAll(request)).length));
    });
    await using http = httpTransport({ env: {} });
    const answer = http({
      method: 'POST',
      url: server.url,
      body: {
        byteLength: 64 * 1_048_576,
        async *read() {
          for (let i = 0; i < 64; i++) {
            read++;
            yield Buffer.alloc(1_048_576, 'x');
          }
        },
      },
    });
    let last = -1;
    for (let same = 0; same < 2_000; same = read === last ? same + 1 : 0) {
      last = read;
      await new Promise(setImmediate);
    }
    expect(read).toBeLessThan(40);
    taken.resolve();
    expect(await (await answer).text()).toBe(String(64 * 1_048_576));
  });

  test.each([
    ['more', body(['abc', 'd'], 3)],
    ['less', body(['abc'], 4)],
  ])('that has %s than was said is refused', async (what, wrong) => {
    await using server = await serveHttp(async (request, response) => response.end(await readAll(request)));
    await using http = httpTransport({ env: {} });
    await expect(http({ method: 'POST', url: server.url, body: wrong })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining(what),
    });
  });

  test('that cannot be read ends the request with the reason', async () => {
    await using server = await serveHttp(async (request, response) => response.end(await readAll(request)));
    await using http = httpTransport({ env: {} });
    const failing: StreamedBody = {
      byteLength: 9,
      async *read() {
        yield Buffer.from('abc');
        throw new Error('the disk is gone');
      },
    };
    await expect(http({ method: 'POST', url: server.url, body: failing })).rejects.toThrow('the disk is gone');
  });
});
