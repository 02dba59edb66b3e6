import { LmdeckError } from '../../core/index.ts';
import type { EncodedPair } from './encode-pair.ts';

/** One item with its place in the input. */
export interface Collated<T> {
  readonly item: T;
  readonly index: number;
}

export interface CollateOptions<T> {
  /** The order within a group; equal items keep theirs. Absent: as they come. */
  readonly compare?: (a: T, b: T) => number;
  /** Items of different groups never share a batch; groups come in the order of their first items. */
  readonly groupBy?: (item: T) => string;
  /** Items per batch, or a function of the item's position in its group; 0 or absent: a group is one batch. */
  readonly batchSize?: number | ((position: number) => number);
}

/** Items in the order in which to send them. */
export interface Collation<T> {
  readonly batches: readonly (readonly Collated<T>[])[];
  /**
   * Results in the order of the batches, put into the order of the input.
   *
   * @throws LmdeckError `internal` unless there is exactly one for every item.
   */
  restore<R>(results: Iterable<R>): R[];
}

/**
 * Brings requests into the order in which they are best sent, in batches, and results back into the order asked. As `Collator` of
 * lm-evaluation-harness: longest first shows at once what does not fit into memory, and makes estimates of the remaining time too high
 * rather than too low.
 *
 * @example
 * ```ts
 * import { collate } from 'lmdeck/scoring';
 *
 * const { batches, restore } = collate(['a', 'ccc', 'bb'], { compare: (a, b) => b.length - a.length, batchSize: 2 });
 * console.log(batches.map((batch) => batch.map(({ item }) => item))); // [ [ 'ccc', 'bb' ], [ 'a' ] ]
 * console.log(restore([3, 2, 1])); // [ 1, 3, 2 ]
 * ```
 */
export function collate<T>(items: readonly T[], options: CollateOptions<T> = {}): Collation<T> {
  const { compare, groupBy, batchSize } = options;
  const collated = items.map((item, index): Collated<T> => ({ item, index }));
  const groups = groupBy === undefined ? [collated] : [...Map.groupBy(collated, ({ item }) => groupBy(item)).values()];
  const batches: (readonly Collated<T>[])[] = [];
  for (const group of groups) {
    if (compare !== undefined) group.sort((a, b) => compare(a.item, b.item));
    for (const batch of chunks(group, batchSize)) batches.push(batch);
  }
  return {
    batches,
    restore: (results) => {
      const given = [...results];
      if (given.length !== items.length)
        throw new LmdeckError('internal', `collate: ${given.length} results for ${items.length} requests; there must be one for each.`);
      const order = Uint32Array.from({ length: items.length });
      let place = 0;
      for (const batch of batches) for (const { index } of batch) order[index] = place++;
      return Array.from(order).flatMap((at) => given.slice(at, at + 1));
    },
  };
}

/**
 * Cuts a sequence into arrays of `size` items, the last one shorter. `size` may be a function of the position of the item that would close
 * the array; 0 makes one array of all. As `chunks` of lm-evaluation-harness.
 */
export function* chunks<T>(items: Iterable<T>, size: number | ((position: number) => number) = 0): Generator<T[]> {
  let chunk: T[] = [];
  let position = 0;
  for (const item of items) {
    chunk.push(item);
    if (chunk.length === (typeof size === 'number' ? size : size(position))) {
      yield chunk;
      chunk = [];
    }
    position += 1;
  }
  if (chunk.length > 0) yield chunk;
}

/** Longest first, then by token ids: the order for log-likelihoods. Requests with equal tokens stand side by side. */
export function byLengthAndTokens(a: EncodedPair, b: EncodedPair): number {
  const length = a.context.length + a.continuation.length;
  const difference = b.context.length + b.continuation.length - length;
  if (difference !== 0) return difference;
  for (let i = 0; i < length; i++) {
    const order = tokenAt(a, i) - tokenAt(b, i);
    if (order !== 0) return order;
  }
  return 0;
}

/** The token at a place of context and continuation together. */
export function tokenAt({ context, continuation }: EncodedPair, i: number): number {
  return (i < context.length ? context[i] : continuation[i - context.length]) ?? 0;
}
