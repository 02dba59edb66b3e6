import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256, ulid } from '../../core/index.ts';
import { AnsweredCalls } from './answered-calls.ts';

test('finds every call by its key, and none by others', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3000), { maxLength: 4000 }), (numbers) => {
      const calls = new AnsweredCalls();
      const expected = new Map<string, string>();
      for (const number of numbers) {
        const [key, id] = [sha256(String(number)), ulid()];
        calls.set(key, id);
        expected.set(key, id);
      }
      for (const [key, id] of expected) expect(calls.get(key)).toBe(id);
      for (let i = 0; i < 100; i++) expect(calls.get(sha256(`other ${i}`))).toBeUndefined();
    }),
    { numRuns: 20 },
  );
});

test('keys that begin alike are one: who finds a call looks whether it is the right one', () => {
  const calls = new AnsweredCalls();
  const id = ulid();
  calls.set(`0000000000000${'a'.repeat(51)}`, id);
  expect(calls.get(`0000000000000${'b'.repeat(51)}`)).toBe(id);
});

test('a call whose id is no ULID is not kept', () => {
  const calls = new AnsweredCalls();
  calls.set(sha256('a'), 'call-1');
  expect(calls.get(sha256('a'))).toBeUndefined();
});
