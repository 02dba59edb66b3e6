import { expect, test } from 'vitest';

import { parseTime } from './parse-time.ts';

const now = new Date(2026, 10, 20, 12, 30).getTime();

test.each([
  ['90m', now - 90 * 60_000],
  ['1.5h', now - 5_400_000],
  ['3d', now - 3 * 86_400_000],
  ['now', now],
  ['today', new Date(2026, 10, 20).getTime()],
  ['yesterday', new Date(2026, 10, 19).getTime()],
  ['2026-11-18', new Date(2026, 10, 18).getTime()],
  ['2026-11-18T10:00', new Date(2026, 10, 18, 10).getTime()],
  ['2026-11-18T10:00Z', Date.UTC(2026, 10, 18, 10)],
])('%s', (text, expected) => {
  expect(parseTime(text, '--since', now)).toBe(expected);
});

test('what is no time is refused', () => {
  expect(() => parseTime('soon', '--since', now)).toThrow('--since takes a date (2026-11-20)');
});
