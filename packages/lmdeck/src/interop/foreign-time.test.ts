import { describe, expect, test } from 'vitest';
import { timeReader } from './foreign-time.ts';

const utc = (...parts: [number, number, number, number?, number?, number?, number?]): number => Date.UTC(...parts);

describe('timeReader', () => {
  test.each([
    ['2024-12-12T09:36:32.403069', utc(2024, 11, 12, 9, 36, 32, 403)],
    ['2024-12-12T09:36:32', utc(2024, 11, 12, 9, 36, 32)],
    ['2024-12-12 09:36:32.4', utc(2024, 11, 12, 9, 36, 32, 400)],
    ['2024-12-12T09:36', utc(2024, 11, 12, 9, 36)],
    ['2024-12-12', utc(2024, 11, 12)],
    ['2024-12-12T09:36:32.403069+00:00', utc(2024, 11, 12, 9, 36, 32, 403)],
    ['2024-12-12T09:36:32-0500', utc(2024, 11, 12, 14, 36, 32)],
    ['2024-12-12T09:36:32Z', utc(2024, 11, 12, 9, 36, 32)],
  ])('%s', (text, time) => {
    expect(timeReader('UTC')(text)).toBe(time);
  });

  test.each(['', 'yesterday', '12.12.2024', '1733996192', '2024-13-40T00:00:00', '2024-12-12T09:36:32 nonsense'])(
    '%j is no time',
    (text) => {
      expect(timeReader('UTC')(text)).toBeUndefined();
    },
  );

  test('a time without a zone is of the given one, summer time included; one with a zone is not', () => {
    const toronto = timeReader('America/Toronto');
    expect(toronto('2024-12-12T09:36:32')).toBe(utc(2024, 11, 12, 14, 36, 32));
    expect(toronto('2024-07-12T09:36:32')).toBe(utc(2024, 6, 12, 13, 36, 32));
    expect(toronto('2024-07-12T09:36:32Z')).toBe(utc(2024, 6, 12, 9, 36, 32));
    // On both sides of the clock change of 3 November 2024, 02:00.
    expect(toronto('2024-11-03T00:30:00')).toBe(utc(2024, 10, 3, 4, 30));
    expect(toronto('2024-11-03T03:30:00')).toBe(utc(2024, 10, 3, 8, 30));
    expect(timeReader('+05:30')('2024-12-12T09:36')).toBe(utc(2024, 11, 12, 4, 6));
  });

  test('an unknown zone is refused', () => {
    expect(() => timeReader('Mars/Olympus')).toThrow('There is no time zone "Mars/Olympus"');
  });
});
