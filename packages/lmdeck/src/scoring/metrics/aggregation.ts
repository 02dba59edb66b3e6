import type { MetricItem } from './metric-item.ts';

/**
 * The value of a metric over some of the documents. `selection` has their places, and a place can occur more than once: that is how a
 * bootstrap draws. Sums run in the order of the selection.
 */
export type Statistic = (selection: Uint32Array) => number;

/** How the items of a task's documents become one value. */
export interface Aggregation {
  readonly name: string;
  /** How far the value may be off by chance: by the formula for means, by resampling the documents, or not known. */
  readonly standardError: 'mean' | 'bootstrap' | 'none';
  /** The most draws of a bootstrap, for statistics that are dear. */
  readonly maxBootstrapIterations?: number;
  /** Looks at all items once and gives the statistic over any selection of them. */
  prepare(items: readonly MetricItem[]): Statistic;
}

/** The value of a metric over all documents; `undefined` when there are none. */
export function aggregate(aggregation: Aggregation, items: readonly MetricItem[]): number | undefined {
  if (items.length === 0) return undefined;
  return aggregation.prepare(items)(Uint32Array.from(items.keys()));
}

/** An aggregation from a plain function over items, as tasks bring their own. Its standard error is not known. */
export function customAggregation(name: string, value: (items: readonly MetricItem[]) => number): Aggregation {
  return {
    name,
    standardError: 'none',
    prepare: (items) => (selection) => value(Array.from(selection).flatMap((place) => items.slice(place, place + 1))),
  };
}
