import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isOneEdit } from './one-edit.ts';

test('one typo', () => {
  expect(isOneEdit('modles', 'models')).toBe(true);
  expect(isOneEdit('chart', 'chat')).toBe(true);
  expect(isOneEdit('ogs', 'logs')).toBe(true);
  expect(isOneEdit('logz', 'logs')).toBe(true);
  expect(isOneEdit('logs', 'logs')).toBe(false);
  expect(isOneEdit('hello', 'help')).toBe(false);
  expect(isOneEdit('', 'ab')).toBe(false);
});

test('leaving out any letter is one typo, in both directions', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 8 }), fc.nat(7), (word, at) => {
      const shorter = word.slice(0, at % word.length) + word.slice((at % word.length) + 1);
      expect([isOneEdit(word, shorter), isOneEdit(shorter, word)]).toEqual([true, true]);
    }),
  );
});
