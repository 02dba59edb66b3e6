import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrapInterval, meanInterval, wilsonInterval } from './confidence-interval.ts';
import { compareRuns, pairScores } from './compare-runs.ts';
import { holmAdjusted, multipleComparisonNote } from './holm.ts';
import { mcnemarTest } from './mcnemar.ts';
import { normalQuantile } from './normal-quantile.ts';
import { signFlipTest } from './sign-flip-test.ts';

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [0.025, -1.959963984540054],
  [1e-10, -6.361340902404056],
  [1e-300, -37.0471],
])('the normal quantile of %d', (p, value) => {
  expect(normalQuantile(p)).toBeCloseTo(value, p < 1e-100 ? 3 : 13);
});

describe('McNemar', () => {
  // 9 against 2 is the example of the R package exact2x2 (p = 0.06543); the others are sums of binomial coefficients.
  test.each([
    [9, 2, 0.0654296875],
    [2, 9, 0.0654296875],
    [0, 5, 0.0625],
    [0, 6, 0.03125],
    [10, 10, 1],
    [0, 0, 1],
    [1, 0, 1],
  ])('%d against %d', (first, second, pValue) => {
    expect(mcnemarTest(first, second)).toBeCloseTo(pValue, 14);
  });

  test('agrees with the sum of exact binomial coefficients', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), (first, second) => {
        const tosses = first + second;
        let coefficient = 1n;
        let sum = 0n;
        for (let i = 0; i <= Math.min(first, second); i++) {
          sum += coefficient;
          coefficient = (coefficient * BigInt(tosses - i)) / BigInt(i + 1);
        }
        const share = Number((sum * 2n * 10n ** 40n) / 2n ** BigInt(tosses)) / 1e40;
        const exact = Math.min(1, share);
        expect(Math.abs(mcnemarTest(first, second) - exact)).toBeLessThanOrEqual(1e-10 * exact + 1e-39);
      }),
    );
  });

  test('holds for very many documents', () => {
    expect(mcnemarTest(500_000, 500_000)).toBe(1);
    expect(mcnemarTest(499_000, 501_000)).toBeCloseTo(0.0456, 4);
    expect(mcnemarTest(0, 1_000_000)).toBe(0);
  });
});

describe('confidence intervals', () => {
  // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("Wilson's for %d of %d", (successes, total, low, high) => {
    const interval = wilsonInterval(successes, total);
    expect(interval).toMatchObject({ level: 0.95, method: 'wilson' });
    expect([interval.low, interval.high].map((end) => Number(end.toFixed(4)))).toEqual([low, high]);
  });

  test('are mirrored when successes and failures are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.5, max: 0.999, noNaN: true }),
        (total, share, level) => {
          const successes = Math.round(share * total);
          const [one, other] = [wilsonInterval(successes, total, { level }), wilsonInterval(total - successes, total, { level })];
          expect(one.low).toBeCloseTo(1 - other.high, 12);
          expect(one.low).toBeLessThanOrEqual(successes / total);
          expect(one.high).toBeGreaterThanOrEqual(successes / total);
          expect(one.low >= 0 && one.high <= 1).toBe(true);
        },
      ),
    );
  });

  test("the bootstrap's lies around the mean and depends on the seed alone", () => {
    const values = Array.from({ length: 50 }, (_, i) => Math.sin(i) * 3);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const interval = bootstrapInterval(values, { seed: 3 });
    expect(interval).toEqual(bootstrapInterval(values, { seed: 3 }));
    expect(interval).not.toEqual(bootstrapInterval(values, { seed: 4 }));
    // Two standard errors (0.30) to each side, as for a mean of fifty.
    expect(interval.low).toBeCloseTo(mean - 1.96 * 0.3, 1);
    expect(interval.high).toBeCloseTo(mean + 1.96 * 0.3, 1);
    expect(bootstrapInterval([2, 2, 2])).toMatchObject({ low: 2, high: 2 });
    const narrow = bootstrapInterval(values, { seed: 3, level: 0.5 });
    expect(narrow.high - narrow.low).toBeLessThan((interval.high - interval.low) / 2);
  });

  test('zeros and ones are a proportion', () => {
    expect(meanInterval([1, 0, 1]).method).toBe('wilson');
    expect(meanInterval([1, 0.5, 1]).method).toBe('bootstrap');
  });

  test.each([
    ['no values', () => wilsonInterval(0, 0)],
    ['no values to draw from', () => bootstrapInterval([])],
    ['a level of one', () => wilsonInterval(1, 2, { level: 1 })],
  ])('%s is refused', (_, interval) => {
    expect(interval).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('the sign-flip test', () => {
  // Fisher 1935, "The Design of Experiments" §21: 863 of 32,768 assignments on either side.
  const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

  test("on Darwin's maize", () => {
    expect(signFlipTest(maize)).toEqual({ pValue: (2 * 863) / 32768, exact: true });
    const drawn = signFlipTest(maize, { iterations: 20_000, seed: 1 });
    expect(drawn.exact).toBe(false);
    expect(drawn).toEqual(signFlipTest(maize, { iterations: 20_000, seed: 1 }));
    expect(drawn.pValue).toBeCloseTo((2 * 863) / 32768, 2);
  });

  test('documents without a difference do not count', () => {
    expect(signFlipTest([...maize, 0, 0, 0])).toEqual(signFlipTest(maize));
    expect(signFlipTest([0, 0])).toEqual({ pValue: 1, exact: true });
  });

  test('is never zero when drawn', () => {
    expect(
      signFlipTest(
        Array.from({ length: 60 }, () => 1),
        { iterations: 999 },
      ).pValue,
    ).toBe(1 / 1000);
  });

  test('gives the share of all assignments, whatever the scale and the sign', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.integer({ min: -20, max: 20 }).filter((value) => value !== 0),
          { minLength: 1, maxLength: 9 },
        ),
        (values) => {
          const found = Math.abs(values.reduce((sum, value) => sum + value, 0));
          let extreme = 0;
          for (let signs = 0; signs < 2 ** values.length; signs++) {
            const sum = values.reduce((total, value, i) => total + ((signs >> i) & 1 ? -value : value), 0);
            if (Math.abs(sum) >= found) extreme += 1;
          }
          const expected = { pValue: extreme / 2 ** values.length, exact: true };
          expect(signFlipTest(values)).toEqual(expected);
          expect(signFlipTest(values.map((value) => -value / 7))).toEqual(expected);
        },
      ),
    );
  });
});

describe('Holm', () => {
  // The first from the steps of the procedure by hand; the second has ties and a value above one.
  test.each([
    [
      [0.01, 0.02, 0.03, 0.04, 0.05],
      [0.05, 0.08, 0.09, 0.09, 0.09],
    ],
    [
      [0.6, 0.01, 0.6],
      [1, 0.03, 1],
    ],
    [[0.04], [0.04]],
    [[], []],
  ])('%j', (pValues, adjusted) => {
    expect(holmAdjusted(pValues).map((value) => Number(value.toFixed(12)))).toEqual(adjusted);
  });

  test('keeps the order of the p-values and never lowers one', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (pValues) => {
        const adjusted = holmAdjusted(pValues);
        for (const [i, a] of pValues.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(a);
          expect(adjusted[i]).toBeLessThanOrEqual(1);
          for (const [j, b] of pValues.entries()) if (a < b) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? 0);
        }
      }),
    );
  });

  test('a word on several comparisons', () => {
    expect(multipleComparisonNote(1)).toBeUndefined();
    expect(multipleComparisonNote(10)).toContain(
      '10 comparisons: by chance alone one of them would fall below p = 0.05 in up to 40 of 100 cases',
    );
  });
});

describe('two runs', () => {
  const scores = (first: number, second: number, count: number): { first: number; second: number }[] =>
    Array.from({ length: count }, () => ({ first, second }));

  test('of right and wrong answers', () => {
    const pairs = [...scores(0, 1, 9), ...scores(1, 0, 2), ...scores(1, 1, 12), ...scores(0, 0, 9)];
    const comparison = compareRuns(pairs);
    expect(comparison).toMatchObject({ documents: 32, difference: 7 / 32, higher: 9, lower: 2, equal: 21, test: 'mcnemar', exact: true });
    expect(comparison.pValue).toBeCloseTo(0.0654296875, 14);
    expect(comparison.first).toEqual({ mean: 14 / 32, interval: wilsonInterval(14, 32) });
    expect(comparison.second).toEqual({ mean: 21 / 32, interval: wilsonInterval(21, 32) });
    expect(comparison.differenceInterval.low).toBeLessThan(7 / 32);
    expect(comparison.differenceInterval.high).toBeGreaterThan(7 / 32);
  });

  test('of other scores', () => {
    const pairs = [0.5, -0.25, 0.125, 1].map((difference, i) => ({ first: i, second: i + difference }));
    // 1.375 is reached with no minus, one before 0.125, one before 0.25, and with the opposite of these.
    expect(compareRuns(pairs)).toMatchObject({
      difference: 1.375 / 4,
      higher: 3,
      lower: 1,
      test: 'sign-flip',
      exact: true,
      pValue: 6 / 16,
    });
    expect(compareRuns(pairs, { seed: 1 })).toEqual(compareRuns(pairs, { seed: 1 }));
  });

  test('exchanging them changes signs and nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ first: fc.integer({ min: 0, max: 3 }), second: fc.integer({ min: 0, max: 3 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        (pairs) => {
          const [one, other] = [
            compareRuns(pairs, { iterations: 500 }),
            compareRuns(
              pairs.map(({ first, second }) => ({ first: second, second: first })),
              { iterations: 500 },
            ),
          ];
          expect([other.higher, other.lower, other.equal, other.test]).toEqual([one.lower, one.higher, one.equal, one.test]);
          expect(other.difference).toBeCloseTo(-one.difference, 12);
          expect(other.differenceInterval.low).toBeCloseTo(-one.differenceInterval.high, 12);
          if (one.exact) expect(other.pValue).toBeCloseTo(one.pValue, 12);
        },
      ),
    );
  });

  test('documents are paired by their ids', () => {
    const first = new Map([
      ['a', 1],
      ['b', 0],
      ['c', 1],
    ]);
    const second = new Map([
      ['b', 1],
      ['c', 1],
      ['d', 0],
      ['e', 0],
    ]);
    expect(pairScores(first, second)).toEqual({
      pairs: [
        { first: 0, second: 1 },
        { first: 1, second: 1 },
      ],
      onlyFirst: 1,
      onlySecond: 2,
    });
    expect(() => compareRuns([])).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
