import { expect, test } from 'vitest';
import { ulid, ulidTime } from './ulid.ts';

test('has 26 lower-case Crockford characters and carries its time', () => {
  const now = Date.now() + 60_000;
  const id = ulid(now);
  expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  expect(ulidTime(id)).toBe(now);
  expect(ulidTime(id.toUpperCase())).toBe(now);
});

test('increases strictly within one millisecond', () => {
  const now = Date.now() + 120_000;
  const ids = Array.from({ length: 20_000 }, () => ulid(now));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});

test('increases also when the clock is set back by an hour', () => {
  const now = Date.now() + 240_000;
  const before = ulid(now);
  const after = ulid(now - 3_600_000);
  expect(after > before).toBe(true);
  expect(ulid(now + 1) > after).toBe(true);
});
