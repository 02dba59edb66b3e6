import { PythonRandom } from '../../python/index.ts';

export interface SignFlipOptions {
  /** The most assignments of signs that are looked at; when there are no more than that, all of them are. Default: 100,000. */
  readonly iterations?: number;
  /** Seed of the draws. Default: 0. */
  readonly seed?: number;
}

export interface SignFlipResult {
  readonly pValue: number;
  /** True when every assignment was looked at: the p-value is then no estimate. */
  readonly exact: boolean;
}

/**
 * The paired permutation test: if it made no difference which run a document's score came from, every difference could as well have the other
 * sign. The two-sided p-value is the share of sign assignments whose sum is at least as far from zero as the one found (Fisher 1935). Drawn
 * assignments count the one found among them, so the p-value is never 0.
 *
 * @example
 * ```ts
 * import { signFlipTest } from 'lmdeck/scoring';
 *
 * // Darwin's maize: cross-fertilised against self-fertilised plants, in eighths of an inch.
 * const differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
 * console.log(signFlipTest(differences)); // { pValue: 0.05267333984375, exact: true }
 * ```
 */
export function signFlipTest(differences: readonly number[], options: SignFlipOptions = {}): SignFlipResult {
  const { iterations = 100_000, seed = 0 } = options;
  const values = Float64Array.from(differences.filter((difference) => difference !== 0));
  if (values.length === 0) return { pValue: 1, exact: true };
  let found = 0;
  let size = 0;
  for (const value of values) {
    found += value;
    size += Math.abs(value);
  }
  // Sums of the same numbers in another order differ in the last digits; they are still equal.
  const threshold = Math.abs(found) - size * 1e-12;
  if (2 ** values.length <= iterations) return { pValue: extremeShare(values, threshold), exact: true };
  const random = new PythonRandom(seed);
  let extreme = 0;
  for (let i = 0; i < iterations; i++) if (Math.abs(randomSum(values, random)) >= threshold) extreme += 1;
  return { pValue: (extreme + 1) / (iterations + 1), exact: false };
}

/** The share of all sign assignments that reach the threshold. By a Gray code each differs from the one before in one sign. */
function extremeShare(values: Float64Array, threshold: number): number {
  const signs = new Float64Array(values.length).fill(1);
  let sum = values.reduce((total, value) => total + value, 0);
  let extreme = Math.abs(sum) >= threshold ? 1 : 0;
  const assignments = 2 ** values.length;
  for (let i = 1; i < assignments; i++) {
    const flipped = 31 - Math.clz32(i & -i);
    const sign = -(signs[flipped] ?? 0);
    signs[flipped] = sign;
    sum += 2 * sign * (values[flipped] ?? 0);
    if (Math.abs(sum) >= threshold) extreme += 1;
  }
  return extreme / assignments;
}

function randomSum(values: Float64Array, random: PythonRandom): number {
  let sum = 0;
  let bits = 0;
  for (let i = 0; i < values.length; i++) {
    if (i % 32 === 0) bits = random.getrandbits(32);
    sum += (bits & 1) === 0 ? (values[i] ?? 0) : -(values[i] ?? 0);
    bits >>>= 1;
  }
  return sum;
}
