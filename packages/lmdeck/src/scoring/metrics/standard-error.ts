import { PythonRandom } from '../../python/index.ts';
import type { Aggregation } from './aggregation.ts';
import { numbersOf, type MetricItem } from './metric-item.ts';

export interface StandardErrorOptions {
  /** Draws of a bootstrap; 0: no standard errors at all. Default: 100,000; at most 100 for BLEU, chrF and TER. */
  readonly bootstrapIterations?: number;
}

/**
 * How far an aggregated value may be off by the choice of documents, as one standard deviation; `undefined` where nothing is known (one
 * document, no draws, an aggregation without a rule), which lm-evaluation-harness writes as "N/A". Same draws, hence same numbers, as there:
 * means by s/√n; others by a bootstrap in chunks of 1,000 draws, the chunk's number being the seed of its generator.
 *
 * @example
 * ```ts
 * import { aggregations, standardError } from 'lmdeck/scoring';
 *
 * console.log(standardError(aggregations.mean, [1, 0, 1, 1])); // 0.25
 * ```
 */
export function standardError(
  aggregation: Aggregation,
  items: readonly MetricItem[],
  options: StandardErrorOptions = {},
): number | undefined {
  const iterations = Math.min(options.bootstrapIterations ?? 100_000, aggregation.maxBootstrapIterations ?? Infinity);
  if (iterations <= 0 || items.length <= 1) return undefined;
  switch (aggregation.standardError) {
    case 'mean':
      return sampleDeviation(numbersOf(aggregation.name, items)) / Math.sqrt(items.length);
    case 'bootstrap':
      return iterations === 1 ? undefined : sampleDeviation(bootstrap(aggregation, items, iterations));
    default:
      return undefined;
  }
}

/** The statistic over each draw of as many documents as there are, with replacement. A last chunk that is not full is left out. */
export function bootstrap(aggregation: Aggregation, items: readonly MetricItem[], iterations: number): Float64Array {
  const statistic = aggregation.prepare(items);
  const chunk = Math.min(1000, iterations);
  const chunks = Math.floor(iterations / chunk);
  const draws = new Float64Array(chunks * chunk);
  const selection = new Uint32Array(items.length);
  let draw = 0;
  for (let seed = 0; seed < chunks; seed++) {
    const random = new PythonRandom(seed);
    for (let i = 0; i < chunk; i++) {
      random.fillChoices(selection, items.length);
      draws[draw++] = statistic(selection);
    }
  }
  return draws;
}

/** The standard deviation with n - 1, added up from left to right. */
function sampleDeviation(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
