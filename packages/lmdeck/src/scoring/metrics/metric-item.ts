import { LmdeckError } from '../../core/index.ts';

/**
 * What one document contributes to a metric, as plain JSON: a number for means, a pair such as log-likelihood and words, gold label and
 * prediction, or reference and answer for metrics over the whole corpus.
 */
export type MetricItem = number | string | boolean | null | readonly MetricItem[];

/** What one document contributes to each of its metrics. */
export type MetricItems = Readonly<Record<string, MetricItem>>;

/** A document's contributions, and what was odd about it. */
export interface DocumentMetrics {
  readonly values: MetricItems;
  readonly warnings: readonly string[];
}

/** The items as numbers; true counts as 1. */
export function numbersOf(aggregation: string, items: readonly MetricItem[]): Float64Array {
  return Float64Array.from(items, (item, i) => {
    if (typeof item === 'number') return item;
    return typeof item === 'boolean' ? Number(item) : wrong(aggregation, 'numbers', item, i);
  });
}

/** The items as two columns of numbers. */
export function pairsOf(aggregation: string, items: readonly MetricItem[], wanted: string): readonly [Float64Array, Float64Array] {
  const columns = [new Float64Array(items.length), new Float64Array(items.length)] as const;
  for (const [i, item] of items.entries()) {
    const [first, second] = isList(item) ? item : [];
    if (typeof first !== 'number' || typeof second !== 'number') return wrong(aggregation, `pairs of ${wanted}`, item, i);
    columns[0][i] = first;
    columns[1][i] = second;
  }
  return columns;
}

/** @throws LmdeckError `config`: the metric of a task and its aggregation do not go together. */
export function wrong(aggregation: string, wanted: string, item: MetricItem, index: number): never {
  throw new LmdeckError('config', `aggregation ${aggregation}: takes ${wanted}, but document ${index} has ${JSON.stringify(item)}.`);
}

/** `Array.isArray` that also narrows read-only arrays. */
export function isList(value: MetricItem | undefined): value is readonly MetricItem[] {
  return Array.isArray(value);
}
