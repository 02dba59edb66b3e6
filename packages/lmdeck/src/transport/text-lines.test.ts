import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textLines } from './text-lines.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('lines come out the same however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 9 }), fc.boolean(), async (texts, size, ended) => {
      const lines = texts.map((text) => JSON.stringify(text.toWellFormed()));
      const bytes = new TextEncoder().encode(lines.join('\n') + (ended ? '\n' : ''));
      const read: string[] = [];
      for await (const line of textLines(pieces(bytes, size))) read.push(line);
      expect(read).toEqual(lines);
    }),
  );
});

test('blank lines are none, other separators end nothing', async () => {
  const read: string[] = [];
  for await (const line of textLines(pieces(new TextEncoder().encode('\n"a\u2028b\r"\n \r\n\n2\r\n'), 2))) read.push(line.trim());
  expect(read).toEqual(['"a\u2028b\r"', '2']);
});
