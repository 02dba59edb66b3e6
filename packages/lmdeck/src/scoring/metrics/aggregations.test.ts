import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PythonRandom } from '../../python/index.ts';
import { aggregate, customAggregation, type Aggregation } from './aggregation.ts';
import { aggregations, builtInMetrics, defaultMetrics } from './built-in-metrics.ts';
import { aggregateGroup } from './group-aggregation.ts';
import type { MetricItem } from './metric-item.ts';
import { bootstrap, standardError } from './standard-error.ts';

// Values that lm_eval/api/metrics.py of EleutherAI/lm-evaluation-harness (0.4.13) gave on Python 3.11.
describe('values', () => {
  test.each<[keyof typeof aggregations, MetricItem[], number]>([
    ['mean', [1, 0, 1, 1], 0.75],
    ['mean', [true, false], 0.5],
    ['mean', [0.1, 0.2, 0.3], 0.6000000000000001 / 3],
    ['median', [5, 1, 4, 2, 3], 3],
    ['median', [4, 1, 2, 3], 3],
    ['nanmean', [1, Number.NaN, 2], 1.5],
    ['nanmean', [Number.NaN], Number.NaN],
    ['perplexity', [-1, -2, -3], 7.38905609893065],
    [
      'weighted_perplexity',
      [
        [-10, 4],
        [-20, 6],
      ],
      20.085536923187668,
    ],
    [
      'weighted_perplexity',
      [
        [-10, 20],
        [-20, 30],
      ],
      1.8221188003905089,
    ],
    [
      'bits_per_byte',
      [
        [-10, 20],
        [-20, 30],
      ],
      0.8656170245333781,
    ],
    ['brier_score', [[1, [0.6652409557748218, 0.24472847105479764, 0.09003057317038046]]], 1.0210861157808093],
    [
      'brier_score',
      [
        [-1, [0.25, 0.75]],
        [0, [0.5, 0.5]],
      ],
      0.3125,
    ],
    ['bypass', [null, null], 999],
  ])('%s of %j', (name, items, value) => {
    expect(aggregate(aggregations[name], items)).toBe(value);
  });

  test('of nothing there is none', () => {
    expect(aggregate(aggregations.mean, [])).toBeUndefined();
  });

  // From the documentation of sklearn.metrics.f1_score and matthews_corrcoef, and by their formulas.
  test('f1 is that of label 1', () => {
    expect(
      aggregate(aggregations.f1, [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
        [1, 1],
      ]),
    ).toBe(4 / 6);
    expect(
      aggregate(aggregations.f1, [
        [0, 0],
        [0, 0],
      ]),
    ).toBe(0);
    expect(() =>
      aggregate(aggregations.f1, [
        [0, 1],
        [2, 1],
      ]),
    ).toThrow(expect.objectContaining({ code: 'config' }));
    expect(() => aggregate(aggregations.f1, [[0, 2]])).toThrow(expect.objectContaining({ code: 'config' }));
  });

  test('matthews_corrcoef', () => {
    const labels: [number, number][] = [
      [1, 1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ];
    expect(aggregate(aggregations.matthews_corrcoef, labels)).toBeCloseTo(-1 / 3, 15);
    expect(
      aggregate(aggregations.matthews_corrcoef, [
        [0, 0],
        [1, 1],
        [2, 2],
      ]),
    ).toBe(1);
    expect(
      aggregate(aggregations.matthews_corrcoef, [
        [0, 1],
        [1, 1],
      ]),
    ).toBe(0);
  });

  test.each<[keyof typeof aggregations, MetricItem]>([
    ['mean', 'a'],
    ['mean', [1, 2]],
    ['perplexity', null],
    ['weighted_perplexity', 1],
    ['f1', [1, [0.5, 0.5]]],
    ['brier_score', [2, [0.5, 0.5]]],
    ['brier_score', [-100, [0.5, 0.5]]],
    ['brier_score', [[0], [0.5, 0.5]]],
  ])('%s refuses the item %j', (name, item) => {
    expect(() => aggregate(aggregations[name], [item])).toThrow(expect.objectContaining({ code: 'config' }));
  });
});

describe('standard errors', () => {
  test('of a mean', () => {
    expect(standardError(aggregations.mean, [1, 0, 1, 1])).toBe(0.25);
  });

  test('by the bootstrap of the harness', () => {
    expect(standardError(aggregations.perplexity, [-1, -2, -3], { bootstrapIterations: 1000 })).toBe(3.8995878971948685);
    expect(standardError(aggregations.perplexity, [-1, -2, -3], { bootstrapIterations: 2000 })).toBe(3.92720097019999);
    expect(standardError(aggregations.median, [1, 2, 3, 4, 5], { bootstrapIterations: 1000 })).toBe(0.9843947546757014);
  });

  test('a chunk that is not full is left out', () => {
    expect(bootstrap(aggregations.mean, [1, 2, 3], 2999)).toHaveLength(2000);
    expect(bootstrap(aggregations.mean, [1, 2, 3], 30)).toHaveLength(30);
  });

  test('are not known for one document, no draws, and aggregations without a rule', () => {
    expect([
      standardError(aggregations.mean, [1]),
      standardError(aggregations.mean, [1, 2], { bootstrapIterations: 0 }),
      standardError(aggregations.bits_per_byte, [
        [-1, 1],
        [-2, 1],
      ]),
      standardError(aggregations.weighted_perplexity, [
        [-1, 1],
        [-2, 1],
      ]),
      standardError(
        customAggregation('sum', (items) => items.length),
        [1, 2],
      ),
    ]).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  const numbers = fc.array(fc.double({ min: -5, max: 0, noNaN: true }), { minLength: 2, maxLength: 12 });
  const labels = fc.array(fc.tuple(fc.nat(1), fc.nat(1)), { minLength: 2, maxLength: 12 });
  test.each<[keyof typeof aggregations, fc.Arbitrary<MetricItem[]>]>([
    ['median', numbers],
    ['perplexity', numbers],
    ['nanmean', numbers.map((values) => [Number.NaN, ...values])],
    ['f1', labels],
    ['matthews_corrcoef', labels],
  ])('a draw of %s is its value over the drawn documents', (name, items) => {
    fc.assert(
      fc.property(items, (documents) => {
        const draws = bootstrap(aggregations[name], documents, 20);
        const random = new PythonRandom(0);
        const expected = Array.from(draws, () => aggregate(aggregations[name], random.choices(documents, documents.length)));
        expect([...draws]).toEqual(expected);
      }),
    );
  });
});

test('an aggregation of a task gets the selected items', () => {
  const last: Aggregation = customAggregation('last', (items) => Number(items.at(-1)));
  expect(aggregate(last, [1, 2, 3])).toBe(3);
  expect(last.prepare([1, 2, 3])(Uint32Array.of(2, 0))).toBe(1);
});

// From tests/test_group.py and tests/test_aggregation_pipeline.py of the same, and values that its functions gave.
describe('groups', () => {
  const sizes = [20, 40, 100];
  const tasks = [0.3, 0.2, 0.4].map((value, i) => ({ value, size: sizes[i] ?? 0 }));

  test('weighted by documents or all alike', () => {
    expect(aggregateGroup(tasks)?.value).toBeCloseTo(0.3375, 15);
    expect(aggregateGroup(tasks, { weightBySize: false })?.value).toBeCloseTo(0.3, 15);
    const two = [
      { value: 1, size: 2 },
      { value: 0.25, size: 4 },
    ];
    expect([aggregateGroup(two), aggregateGroup(two, { weightBySize: false })]).toEqual([
      { value: 0.5, size: 6 },
      { value: 0.625, size: 6 },
    ]);
    expect(aggregateGroup([])).toBeUndefined();
  });

  test('the pooled standard error', () => {
    const pooled = (errors: readonly (number | undefined)[], counts: readonly number[]): number | undefined =>
      aggregateGroup(errors.map((error, i) => ({ value: 0, size: counts[i] ?? 0, standardError: error })))?.standardError;
    expect(pooled([0.1, 0.2], [10, 20])).toBe(0.13844373104863458);
    expect(pooled([0.25, 0.25], [4, 4])).toBe(0.1767766952966369);
    expect(pooled([0.25, undefined], [4, 4])).toBeUndefined();
  });
});

test('what is known of the metrics', () => {
  expect(
    Object.values(builtInMetrics)
      .filter(({ higherIsBetter }) => !higherIsBetter)
      .map(({ name }) => name),
  ).toEqual(['bits_per_byte', 'brier_score', 'byte_perplexity', 'perplexity', 'ter', 'word_perplexity']);
  for (const [type, names] of Object.entries(defaultMetrics))
    for (const name of names) expect(builtInMetrics[name]?.outputTypes).toContain(type);
});
