import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrderOf } from './fixture-order.ts';

const order = (items: string, before: string): string => inOrderOf(items.split(''), before.split(''), (item) => item).join('');

test.each([
  ['abc', '', 'abc'],
  ['cab', 'abc', 'abc'],
  ['axbc', 'abc', 'axbc'],
  ['xabc', 'abc', 'xabc'],
  ['cxab', 'abc', 'abcx'],
  ['axyzb', 'ba', 'baxyz'],
  ['aab', 'aba', 'aba'],
])('%s, which was %s, becomes %s', (items, before, expected) => {
  expect(order(items, before)).toBe(expected);
});

test('nothing is lost or doubled, and what was there stays in its order', () => {
  const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const letters = fc.oneof(
    fc.array(letter, { maxLength: 8 }).map((each) => each.join('')),
    fc.uniqueArray(letter).map((each) => each.join('')),
  );
  fc.assert(
    fc.property(letters, letters, (items, before) => {
      const result = order(items, before);
      expect(result.split('').sort()).toEqual(items.split('').sort());
      expect(order(result, result)).toBe(result);
      if (new Set(items).size < items.length || new Set(before).size < before.length) return;
      const kept = (text: string): string[] => text.split('').filter((each) => items.includes(each) && before.includes(each));
      expect(kept(result)).toEqual(kept(before));
    }),
  );
});
