import { LmdeckError } from '../../core/index.ts';
import { PythonRandom } from '../../python/index.ts';
import { normalQuantile } from './normal-quantile.ts';

/** Where a value lies with a given confidence. */
export interface ConfidenceInterval {
  readonly low: number;
  readonly high: number;
  /** 0.95: of a hundred such intervals ninety-five contain the value. */
  readonly level: number;
  readonly method: 'wilson' | 'bootstrap';
}

export interface IntervalOptions {
  /** 0 < level < 1. Default: 0.95. */
  readonly level?: number;
  /** Draws of a bootstrap. Default: 10,000. */
  readonly iterations?: number;
  /** Seed of the draws. Default: 0. */
  readonly seed?: number;
}

/**
 * Wilson's score interval for a proportion: unlike ± two standard errors it stays within 0 and 1 and holds for few documents and for
 * accuracies near the ends.
 *
 * @throws LmdeckError `usage` for no documents at all, or a level outside 0 to 1.
 *
 * @example
 * ```ts
 * import { wilsonInterval } from 'lmdeck/scoring';
 *
 * const { low, high } = wilsonInterval(81, 263);
 * console.log(low.toFixed(4), high.toFixed(4)); // 0.2553 0.3662
 * ```
 */
export function wilsonInterval(
  successes: number,
  total: number,
  { level = 0.95 }: Pick<IntervalOptions, 'level'> = {},
): ConfidenceInterval {
  check(total, level);
  const z = normalQuantile(0.5 + level / 2);
  const proportion = successes / total;
  const center = proportion + (z * z) / (2 * total);
  const reach = z * Math.sqrt((proportion * (1 - proportion)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return {
    low: successes === 0 ? 0 : (center - reach) / scale,
    high: successes === total ? 1 : (center + reach) / scale,
    level,
    method: 'wilson',
  };
}

/**
 * The percentile bootstrap interval for the mean of the values: the range in which the means of resampled values lie.
 *
 * @throws LmdeckError `usage` for no values at all, or a level outside 0 to 1.
 */
export function bootstrapInterval(values: readonly number[], options: IntervalOptions = {}): ConfidenceInterval {
  const { level = 0.95, iterations = 10_000, seed = 0 } = options;
  check(values.length, level);
  const random = new PythonRandom(seed);
  const selection = new Uint32Array(values.length);
  const numbers = Float64Array.from(values);
  const means = new Float64Array(iterations);
  for (let draw = 0; draw < iterations; draw++) {
    random.fillChoices(selection, numbers.length);
    let sum = 0;
    for (let i = 0; i < selection.length; i++) sum += numbers[selection[i] ?? 0] ?? 0;
    means[draw] = sum / numbers.length;
  }
  means.sort();
  return { low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2), level, method: 'bootstrap' };
}

/** Wilson's interval for values that are all 0 or 1, the bootstrap's for others. */
export function meanInterval(values: readonly number[], options: IntervalOptions = {}): ConfidenceInterval {
  if (!isBinary(values)) return bootstrapInterval(values, options);
  return wilsonInterval(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
    options,
  );
}

/** True for values that are all 0 or 1. */
export function isBinary(values: readonly number[]): boolean {
  return values.every((value) => value === 0 || value === 1);
}

/** Between two sorted values by the line through them. */
function quantile(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

function check(total: number, level: number): void {
  if (total === 0) throw new LmdeckError('usage', 'confidence interval: there are no values.');
  if (!(level > 0 && level < 1)) throw new LmdeckError('usage', `confidence interval: the level must be between 0 and 1, not ${level}.`);
}
