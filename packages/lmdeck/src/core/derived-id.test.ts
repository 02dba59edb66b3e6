import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derivedId } from './derived-id.ts';
import { ulidTime } from './ulid.ts';

test('the id of a row is a ULID of its time, the same every time and another for another row', () => {
  // The digits are promised: they are on people's tapes, and a row imported again must find its call.
  expect(derivedId(Date.UTC(2024, 11, 12, 9, 36, 32, 403), 'row')).toBe('01jex3m8mkcd3phpq18x2gds5z');
  fc.assert(
    fc.property(fc.nat(2 ** 46), fc.string(), fc.string(), (time, a, b) => {
      const id = derivedId(time, a);
      expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
      expect(ulidTime(id)).toBe(time);
      expect(derivedId(time, b) === id).toBe(a === b);
    }),
  );
});

test('times before 1970 and parts of milliseconds do not break it', () => {
  expect(derivedId(-5, 'x').slice(0, 10)).toBe('0000000000');
  expect(derivedId(5.7, 'x')).toBe(derivedId(5, 'x'));
});
