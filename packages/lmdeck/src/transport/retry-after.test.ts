import { describe, expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

describe('retryAfterMs', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  const inTenSeconds = 'Thu, 01 Jan 2026 12:00:10 GMT';

  test.each<[string, Record<string, string>, number | undefined]>([
    ['nothing', {}, undefined],
    ['seconds', { 'retry-after': '3' }, 3_000],
    ['a fraction', { 'retry-after': '0.25' }, 250],
    ['a long fraction is rounded up', { 'retry-after': '1.0001' }, 1_001],
    ['zero', { 'retry-after': '0' }, 0],
    ['milliseconds win', { 'retry-after-ms': '1500', 'retry-after': '9' }, 1_500],
    ['milliseconds that are no number', { 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
    ['a date', { 'retry-after': inTenSeconds }, 10_000],
    ['a date of the old form', { 'retry-after': 'Thursday, 01-Jan-26 12:00:10 GMT' }, 10_000],
    ['a date in C’s form, which is in GMT', { 'retry-after': 'Thu Jan  1 12:00:10 2026' }, 10_000],
    ['a date that is over', { 'retry-after': 'Thu, 01 Jan 2026 11:00:00 GMT' }, 0],
    [
      'a date by the server’s clock, which is an hour behind',
      { 'retry-after': 'Thu, 01 Jan 2026 11:00:10 GMT', date: 'Thu, 01 Jan 2026 11:00:00 GMT' },
      10_000,
    ],
    [
      'a date by the server’s clock, which is a year ahead',
      { 'retry-after': 'Fri, 01 Jan 2027 12:00:10 GMT', date: 'Fri, 01 Jan 2027 12:00:00 GMT' },
      10_000,
    ],
    ['a date beside a date that is none', { 'retry-after': inTenSeconds, date: 'today' }, 10_000],
    ['a negative number', { 'retry-after': '-5' }, undefined],
    ['a word', { 'retry-after': 'soon' }, undefined],
    ['infinity', { 'retry-after': 'Infinity' }, undefined],
    ['an empty text', { 'retry-after': '' }, undefined],
    ['a weekday', { 'retry-after': 'Monday' }, undefined],
  ])('%s', (_, headers, expected) => expect(retryAfterMs(headers, now)).toBe(expected));
});
