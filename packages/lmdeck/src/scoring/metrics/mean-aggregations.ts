import { numpySum, pythonExp } from '../../python/index.ts';
import type { Aggregation } from './aggregation.ts';
import { numbersOf, pairsOf } from './metric-item.ts';

/** The arithmetic mean, added up from left to right as Python's `sum` does before 3.12. */
export const mean: Aggregation = {
  name: 'mean',
  standardError: 'mean',
  prepare: (items) => meanOf(numbersOf('mean', items)),
};

/** The mean of the items that are numbers; NaN when none is. As `np.nanmean`. */
export const nanmean: Aggregation = {
  name: 'nanmean',
  standardError: 'bootstrap',
  prepare: (items) => {
    const values = numbersOf('nanmean', items);
    let drawn = new Float64Array(values.length);
    return (selection) => {
      if (drawn.length < selection.length) drawn = new Float64Array(selection.length);
      let count = 0;
      for (let i = 0; i < selection.length; i++) {
        const value = values[selection[i] ?? 0] ?? Number.NaN;
        // numpy sums with zeros in the places of NaN, which decides how it pairs the numbers.
        drawn[i] = Number.isNaN(value) ? 0 : value;
        if (!Number.isNaN(value)) count += 1;
      }
      return count === 0 ? Number.NaN : numpySum(drawn, 0, selection.length) / count;
    };
  },
};

/** The upper median: the item in the middle of the sorted ones, of an even number the second of the two in the middle. */
export const median: Aggregation = {
  name: 'median',
  standardError: 'bootstrap',
  prepare: (items) => {
    const values = numbersOf('median', items);
    const levels = Float64Array.from(new Set(values)).sort();
    const levelAt = new Map(Array.from(levels, (value, level) => [value, level]));
    const level = Uint32Array.from(values, (value) => levelAt.get(value) ?? 0);
    const counts = new Uint32Array(levels.length);
    return (selection) => {
      // Counting per level instead of sorting: a bootstrap asks for this a hundred thousand times.
      counts.fill(0);
      for (let i = 0; i < selection.length; i++) increment(counts, level[selection[i] ?? 0] ?? 0);
      const middle = Math.floor(selection.length / 2);
      let before = 0;
      for (let i = 0; i < levels.length; i++) {
        before += counts[i] ?? 0;
        if (before > middle) return levels[i] ?? Number.NaN;
      }
      return Number.NaN;
    };
  },
};

/** e to the negative mean log-likelihood. */
export const perplexity: Aggregation = {
  name: 'perplexity',
  standardError: 'bootstrap',
  prepare: (items) => {
    const value = meanOf(numbersOf('perplexity', items));
    return (selection) => pythonExp(-value(selection));
  },
};

/** e to the negative log-likelihood per word or byte, over all documents together. Items: log-likelihood and number of units. */
export const weightedPerplexity: Aggregation = {
  name: 'weighted_perplexity',
  standardError: 'none',
  prepare: (items) => {
    const value = ratioOf(pairsOf('weighted_perplexity', items, 'log-likelihood and number of words or bytes'));
    return (selection) => pythonExp(-value(selection));
  },
};

/** The negative log-likelihood per byte, in bits, over all documents together. Items: log-likelihood and number of bytes. */
export const bitsPerByte: Aggregation = {
  name: 'bits_per_byte',
  standardError: 'none',
  prepare: (items) => {
    const value = ratioOf(pairsOf('bits_per_byte', items, 'log-likelihood and number of bytes'));
    return (selection) => -value(selection) / Math.LN2;
  },
};

/** For metrics that are not to be computed: 999, whatever the items are. */
export const bypass: Aggregation = { name: 'bypass', standardError: 'none', prepare: () => () => 999 };

function meanOf(values: Float64Array): (selection: Uint32Array) => number {
  return (selection) => {
    let sum = 0;
    for (let i = 0; i < selection.length; i++) sum += values[selection[i] ?? 0] ?? 0;
    return sum / selection.length;
  };
}

function ratioOf([above, below]: readonly [Float64Array, Float64Array]): (selection: Uint32Array) => number {
  return (selection) => {
    let numerator = 0;
    let denominator = 0;
    for (let i = 0; i < selection.length; i++) {
      numerator += above[selection[i] ?? 0] ?? 0;
      denominator += below[selection[i] ?? 0] ?? 0;
    }
    return numerator / denominator;
  };
}

function increment(counts: Uint32Array, place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}
