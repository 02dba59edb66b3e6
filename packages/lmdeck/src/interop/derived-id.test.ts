import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ulidTime } from '../core/index.ts';
import { derivedId, ulidAsUuid } from './derived-id.ts';

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

test('a ULID as a UUID has the same 128 bits', () => {
  expect(ulidAsUuid('01jex3m8mkcd3phpq18x2gds5z')).toBe('0193ba3a-2293-6347-68da-e1474506e4bf');
  expect(ulidAsUuid('00000000000000000000000000')).toBe('00000000-0000-0000-0000-000000000000');
});
