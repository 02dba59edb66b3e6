import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Quota } from './quota.ts';

const MINUTE = 60_000;
const START = 1_000_000;

const quota = (limit: number, spanMs = MINUTE): Quota => new Quota('tokens', limit, spanMs, 'given', START);

interface Step {
  readonly cost: number;
  readonly idleMs: number;
  /** What it turns out to be, as a part of the cost. */
  readonly actual: number;
  readonly settleAfterMs: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  cost: fc.integer({ min: 1, max: 400 }),
  idleMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
  actual: fc.integer({ min: 0, max: 12 }).map((tenth) => tenth / 10),
  settleAfterMs: fc.integer({ min: 0, max: 90_000 }),
});

/** Takes as soon as it may; returns what was taken when. */
function taken(kept: Quota, steps: readonly Step[]): { at: number; amount: number }[] {
  const log: { at: number; amount: number }[] = [];
  let now = START;
  for (const { cost, idleMs } of steps) {
    now += idleMs;
    for (let wait = kept.waitMs(cost, now); wait > 0; wait = kept.waitMs(cost, now)) now += Math.max(1, Math.ceil(wait));
    kept.take(cost, now);
    log.push({ at: now, amount: cost });
  }
  return log;
}

describe('a quota', () => {
  test('never takes more than the limit within any span, wherever it begins', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), fc.constantFrom(1000, MINUTE), (steps, spanMs) => {
        const log = taken(quota(1000, spanMs), steps);
        for (const { at } of log) {
          const within = log.filter((each) => each.at >= at && each.at < at + spanMs).reduce((sum, each) => sum + each.amount, 0);
          expect(within).toBeLessThanOrEqual(1000.1);
        }
      }),
    );
  });

  test('takes nearly all of it when there is always somebody', () => {
    for (const cost of [1, 7, 20]) {
      const log = taken(
        quota(1000),
        Array.from({ length: Math.ceil(5000 / cost) }, () => ({ cost, idleMs: 0, actual: 1, settleAfterMs: 0 })),
      );
      const minutes = ((log.at(-1)?.at ?? 0) - START) / MINUTE;
      expect(5000 / minutes).toBeGreaterThan(950);
    }
  });

  test('has used what was really used, once everything is settled', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const kept = quota(1e6);
        let now = START;
        const open: { at: number; by: number; due: number; amount: number }[] = [];
        const settle = (): void => {
          for (const each of open.splice(0).toSorted((a, b) => a.due - b.due)) {
            if (each.due > now) open.push(each);
            else kept.settle(each.by, each.at, now);
          }
        };
        const all: { at: number; amount: number }[] = [];
        for (const { cost, idleMs, actual, settleAfterMs } of steps) {
          now += idleMs;
          settle();
          kept.take(cost, now);
          const amount = Math.round(cost * actual);
          open.push({ at: now, by: amount - cost, due: now + settleAfterMs, amount });
          all.push({ at: now, amount });
        }
        now += 90_000;
        settle();
        expect(open).toEqual([]);
        expect(kept.used(now)).toBeCloseTo(0, 6);
        // And before it left the span: everything of the last second, settled.
        const fresh = quota(1e6);
        for (const { amount } of all) {
          fresh.take(100, START);
          fresh.settle(amount - 100, START, START);
        }
        expect(fresh.used(START)).toBeCloseTo(
          all.reduce((sum, each) => sum + each.amount, 0),
          6,
        );
      }),
    );
  });

  test('lets something large go at once after a pause, and makes the others wait for it', () => {
    const kept = quota(1000);
    expect(kept.waitMs(500, START)).toBe(0);
    kept.take(500, START);
    expect(kept.waitMs(10, START)).toBeGreaterThan(25_000);
    kept.settle(-500, START, START + 100);
    expect(kept.waitMs(10, START + 100)).toBe(0);
  });

  test('something larger than the limit waits until nothing else is there', () => {
    const kept = quota(1000);
    kept.take(10, START);
    expect(kept.waitMs(5000, START)).toBeGreaterThan(MINUTE - 1000);
    expect(kept.waitMs(5000, START + 62_000)).toBe(0);
  });

  test('what somebody else has used of the same limit counts until the server’s reset', () => {
    const kept = quota(100);
    kept.correct(1000, 0, 30_000, 0, START);
    expect([kept.limit, kept.source, Math.round(kept.used(START))]).toEqual([1000, 'server', 1000]);
    expect(kept.waitMs(1, START)).toBeGreaterThan(0);
    expect(Math.round(kept.used(START + 15_000) / 100)).toBe(5);
    expect(kept.used(START + 30_500)).toBeCloseTo(0, 6);
  });

  test('what is under way here is not taken for somebody else’s', () => {
    const kept = quota(1000);
    kept.take(100, START);
    kept.correct(1000, 850, 1000, 100, START + 50);
    expect(kept.used(START + 50)).toBe(100);
  });
});
