import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from './sha256.ts';
import { smallSha256 } from './small-sha256.ts';

test('makes the digests of the standard', () => {
  const digest = (text: string): string => smallSha256(new TextEncoder().encode(text));
  expect(digest('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(digest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(digest('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  );
});

test('makes the digests of node:crypto, at every length around a block and for any bytes', () => {
  const check = (bytes: Uint8Array): void => {
    expect(smallSha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  };
  for (let length = 0; length < 200; length++) check(new Uint8Array(length).fill(0xff));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), check));
});

test('the digest of a text is the same before and after node:crypto is loaded', () => {
  const texts = Array.from({ length: 200 }, (_, i) => `${'é😀 text '.repeat(i)}${i}`);
  for (const text of [...texts, ...texts, 'x'.repeat(20_000)]) expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
});
