import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../core/index.ts';
import { AnsweredKeys } from './answered-keys.ts';

test('has every key that was added, and no others', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3000), { maxLength: 4000 }), (numbers) => {
      const keys = new AnsweredKeys();
      for (const number of numbers) keys.add(sha256(String(number)));
      for (const number of numbers) expect(keys.has(sha256(String(number)))).toBe(true);
      for (let i = 0; i < 100; i++) expect(keys.has(sha256(`other ${i}`))).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test('keys that begin alike are one: who finds one looks whether it is the right one', () => {
  const keys = new AnsweredKeys();
  keys.add(`0000000000000${'a'.repeat(51)}`);
  expect(keys.has(`0000000000000${'b'.repeat(51)}`)).toBe(true);
  expect(keys.has(`0000000000001${'a'.repeat(51)}`)).toBe(false);
});
