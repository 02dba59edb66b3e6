import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryDelay } from './retry-policy.ts';

const limits = { baseMs: 500, maxMs: 30_000, maxRetryAfterMs: 60_000 };
const error = { retryable: true };

describe('retryDelay', () => {
  test('the bound doubles with every failure up to the maximum', () => {
    const bounds = [1, 2, 3, 6, 7, 8, 2_000].map((attempt) => retryDelay({ ...limits, attempt, error, random: () => 1 }));
    expect(bounds).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('the wait is anything between 0 and the bound', () => {
    const waits = [0, 0.25, 0.5].map((value) => retryDelay({ ...limits, attempt: 2, error, random: () => value }));
    expect(waits).toEqual([0, 250, 500]);
  });

  test('no wait makes a hopeless error better', () => {
    expect(retryDelay({ ...limits, attempt: 1, error: { retryable: false, retryAfterMs: 10 } })).toBeUndefined();
  });

  test('what the server asks for is the least, and too much of it ends the matter', () => {
    const asked = (retryAfterMs: number) =>
      retryDelay({ ...limits, attempt: 1, error: { retryable: true, retryAfterMs }, random: () => 0 });
    expect([0, 2_000, 60_000].map(asked)).toEqual([0, 2_000, 60_000]);
    expect(asked(60_001)).toBeUndefined();
  });

  test('always lies between what was asked and that plus the maximum', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(60_000), (attempt, retryAfterMs) => {
        const wait = retryDelay({ ...limits, attempt, error: { retryable: true, retryAfterMs } });
        expect(wait).toBeGreaterThanOrEqual(retryAfterMs);
        expect(wait).toBeLessThanOrEqual(retryAfterMs + limits.maxMs);
      }),
    );
  });
});
