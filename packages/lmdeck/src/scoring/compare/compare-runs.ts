import { LmdeckError } from '../../core/index.ts';
import { bootstrapInterval, isBinary, meanInterval, type ConfidenceInterval, type IntervalOptions } from './confidence-interval.ts';
import { mcnemarTest } from './mcnemar.ts';
import { signFlipTest } from './sign-flip-test.ts';

/** The scores of two runs for one document. */
export interface ScorePair {
  readonly first: number;
  readonly second: number;
}

/** One run's mean score. */
export interface RunMean {
  readonly mean: number;
  readonly interval: ConfidenceInterval;
}

/** Two runs over the same documents, side by side. */
export interface RunComparison {
  /** Documents that both runs have a score for. */
  readonly documents: number;
  readonly first: RunMean;
  readonly second: RunMean;
  /** Mean of second minus first. */
  readonly difference: number;
  /** Of the difference, from resampled documents. */
  readonly differenceInterval: ConfidenceInterval;
  /** Documents for which the second score is higher, lower, the same. */
  readonly higher: number;
  readonly lower: number;
  readonly equal: number;
  /** McNemar's exact test where all scores are 0 or 1, the paired permutation test elsewhere; both two-sided. */
  readonly test: 'mcnemar' | 'sign-flip';
  readonly pValue: number;
  /** False when the p-value is an estimate from drawn permutations. */
  readonly exact: boolean;
}

/**
 * Compares two runs document by document: much sharper than comparing their means, since both met the same easy and hard documents. The same
 * seed gives the same numbers.
 *
 * @throws LmdeckError `usage` for no pairs.
 *
 * @example
 * ```ts
 * import { compareRuns } from 'lmdeck/scoring';
 *
 * const pairs = [...Array(9).fill({ first: 0, second: 1 }), ...Array(2).fill({ first: 1, second: 0 }), ...Array(21).fill({ first: 1, second: 1 })];
 * const { difference, test, pValue } = compareRuns(pairs);
 * console.log(difference, test, pValue.toFixed(3)); // 0.21875 mcnemar 0.065
 * ```
 */
export function compareRuns(pairs: readonly ScorePair[], options: IntervalOptions = {}): RunComparison {
  if (pairs.length === 0) throw new LmdeckError('usage', 'compare: the two runs have no documents in common.');
  const first = pairs.map((pair) => pair.first);
  const second = pairs.map((pair) => pair.second);
  const differences = pairs.map((pair) => pair.second - pair.first);
  const higher = differences.filter((difference) => difference > 0).length;
  const lower = differences.filter((difference) => difference < 0).length;
  const binary = isBinary(first) && isBinary(second);
  const { pValue, exact } = binary ? { pValue: mcnemarTest(lower, higher), exact: true } : signFlipTest(differences, options);
  return {
    documents: pairs.length,
    first: { mean: meanOf(first), interval: meanInterval(first, options) },
    second: { mean: meanOf(second), interval: meanInterval(second, options) },
    difference: meanOf(differences),
    differenceInterval: bootstrapInterval(differences, options),
    higher,
    lower,
    equal: pairs.length - higher - lower,
    test: binary ? 'mcnemar' : 'sign-flip',
    pValue,
    exact,
  };
}

/** The scores of the documents that both runs have, and how many only one of them has. */
export function pairScores<Id>(
  first: ReadonlyMap<Id, number>,
  second: ReadonlyMap<Id, number>,
): { readonly pairs: readonly ScorePair[]; readonly onlyFirst: number; readonly onlySecond: number } {
  const pairs: ScorePair[] = [];
  for (const [id, score] of first) {
    const other = second.get(id);
    if (other !== undefined) pairs.push({ first: score, second: other });
  }
  return { pairs, onlyFirst: first.size - pairs.length, onlySecond: second.size - pairs.length };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
