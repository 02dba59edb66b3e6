import { LmdeckError } from '../../core/index.ts';
import { numpySum } from '../../python/index.ts';
import type { Aggregation } from './aggregation.ts';
import { isList, pairsOf, wrong, type MetricItem } from './metric-item.ts';

/**
 * F1 of label 1 over gold labels and predictions, as scikit-learn's `f1_score` with its defaults: two labels, 1 among them; 0 when label 1
 * occurs nowhere. Items: gold and predicted label.
 *
 * @throws LmdeckError `config` for other labels than scikit-learn takes.
 */
export const f1: Aggregation = {
  name: 'f1',
  standardError: 'bootstrap',
  prepare: (items) => {
    const [gold, predicted] = pairsOf('f1', items, 'gold and predicted label');
    const labels = new Set([...gold, ...predicted]);
    if (labels.size > 2 || (labels.size === 2 && !labels.has(1))) {
      const found = [...labels].sort((a, b) => a - b).join(', ');
      throw new LmdeckError(
        'config',
        `aggregation f1: takes the labels 0 and 1, but there are ${found}; give the task an aggregation of its own.`,
      );
    }
    return (selection) => {
      let both = 0;
      let either = 0;
      for (let i = 0; i < selection.length; i++) {
        const place = selection[i] ?? 0;
        const isGold = gold[place] === 1;
        const isPredicted = predicted[place] === 1;
        if (isGold && isPredicted) both += 1;
        if (isGold) either += 1;
        if (isPredicted) either += 1;
      }
      // scikit-learn's formula: 2·tp / (true + predicted), each counted once.
      return either === 0 ? 0 : (2 * both) / either;
    };
  },
};

/**
 * Matthews' correlation coefficient for any number of labels, as scikit-learn's `matthews_corrcoef`; 0 when it is undefined. Items: gold and
 * predicted label.
 */
export const matthewsCorrelation: Aggregation = {
  name: 'matthews_corrcoef',
  standardError: 'bootstrap',
  prepare: (items) => {
    const [gold, predicted] = pairsOf('matthews_corrcoef', items, 'gold and predicted label');
    const labels = new Map([...new Set([...gold, ...predicted])].map((label, place) => [label, place]));
    const goldAt = Uint32Array.from(gold, (label) => labels.get(label) ?? 0);
    const predictedAt = Uint32Array.from(predicted, (label) => labels.get(label) ?? 0);
    const goldCounts = new Float64Array(labels.size);
    const predictedCounts = new Float64Array(labels.size);
    return (selection) => {
      goldCounts.fill(0);
      predictedCounts.fill(0);
      let correct = 0;
      for (let i = 0; i < selection.length; i++) {
        const place = selection[i] ?? 0;
        const g = goldAt[place] ?? 0;
        const p = predictedAt[place] ?? 0;
        goldCounts[g] = (goldCounts[g] ?? 0) + 1;
        predictedCounts[p] = (predictedCounts[p] ?? 0) + 1;
        if (g === p) correct += 1;
      }
      const samples = selection.length;
      const covariance = correct * samples - dot(goldCounts, predictedCounts);
      const variances = (samples * samples - dot(predictedCounts, predictedCounts)) * (samples * samples - dot(goldCounts, goldCounts));
      return variances === 0 ? 0 : covariance / Math.sqrt(variances);
    };
  },
};

/**
 * The mean over documents of the squared distance between the choices' probabilities and the gold label. Items: gold label and the list of
 * probabilities.
 *
 * @throws LmdeckError `config` for a gold label that is no choice: what its distance is nobody can say.
 */
export const brierScore: Aggregation = {
  name: 'brier_score',
  standardError: 'none',
  prepare: (items) => {
    const distances = Float64Array.from(items, brierDistance);
    return (selection) => numpySum(Float64Array.from(selection, (place) => distances[place] ?? 0)) / selection.length;
  },
};

function brierDistance(item: MetricItem, index: number): number {
  const wanted = 'pairs of gold label and probabilities, the label one of the choices';
  const [gold, probabilities] = isList(item) ? item : [];
  if (typeof gold !== 'number' || !isList(probabilities)) return wrong('brier_score', wanted, item, index);
  // A negative label counts from the end, as numpy's indices do.
  const right = gold < 0 ? gold + probabilities.length : gold;
  if (!(right in probabilities)) return wrong('brier_score', wanted, item, index);
  const squares = probabilities.map((probability, place) => {
    if (typeof probability !== 'number') return wrong('brier_score', wanted, item, index);
    const error = probability - (place === right ? 1 : 0);
    return error * error;
  });
  return numpySum(squares);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
