import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nastyText } from './test-support/nasty-text.ts';
import { tokenOffsets } from './token-offsets.ts';

const bytes = (...tokens: readonly string[]): Uint8Array[] => tokens.map((token) => Buffer.from(token));

test('tokens of a text, also parts of characters, and a space that is not there', () => {
  expect(tokenOffsets('hello world', bytes('hello', ' world'))).toEqual([
    [0, 5],
    [5, 11],
  ]);
  expect(tokenOffsets('hello', bytes(' hello'))).toEqual([[0, 5]]);
  expect(tokenOffsets('a👍b', [Buffer.from('a'), Buffer.from([0xf0, 0x9f]), Buffer.from([0x91, 0x8d, 0x62])])).toEqual([
    [0, 1],
    [1, 3],
    [1, 4],
  ]);
  expect(tokenOffsets('', bytes(' ', ''))).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('tokens of another text have no places', () => {
  expect(tokenOffsets('Hello', bytes('hello'))).toBeUndefined();
  expect(tokenOffsets('hello!', bytes('hello'))).toBeUndefined();
  expect(tokenOffsets('hell', bytes('hello'))).toBeUndefined();
});

test('any cutting of any text', () => {
  fc.assert(
    fc.property(nastyText, fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (text, sizes) => {
      const all = new TextEncoder().encode(text);
      const tokens: Uint8Array[] = [];
      for (let at = 0; at < all.length;) {
        const { value: size = 1 } = sizes.next();
        tokens.push(all.subarray(at, at + size));
        at += size;
      }
      const offsets = tokenOffsets(text, tokens);
      expect(offsets).toHaveLength(tokens.length);
      let covered = 0;
      for (const [start, end] of offsets ?? []) {
        expect(start).toBeLessThanOrEqual(covered);
        covered = end;
      }
      expect(covered).toBe(text.length);
    }),
  );
});
