import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { BodyWriter } from './body-writer.ts';
import { listen } from './test-support/loopback.ts';

const size = 64 * 1_048_576;

describe('a long body', () => {
  test.each<[string, string | Uint8Array]>([
    ['text', 'é'.repeat(size / 2)],
    ['bytes', new Uint8Array(size)],
  ])('of %s waits until the other end takes it', async (_, body) => {
    const accepted = Promise.withResolvers<Socket>();
    await using server = await listen(createServer({ pauseOnConnect: true }, accepted.resolve), 'http');
    const socket = connect(server.port, '127.0.0.1');
    const receiver = await accepted.promise;
    const writer = new BodyWriter(socket, body, 'utf8');
    for (let turn = 0; turn < 1_000; turn++) {
      await new Promise(setImmediate);
      // One piece: what the socket holds besides is in the kernel.
      expect(socket.writableLength).toBeLessThanOrEqual(4 * 1_048_576);
    }
    expect(writer.done).toBe(false);
    let received = 0;
    receiver.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received === size) socket.destroy();
    });
    receiver.resume();
    await once(socket, 'close');
    expect(received).toBe(size);
    expect(writer.done).toBe(true);
  });
});
