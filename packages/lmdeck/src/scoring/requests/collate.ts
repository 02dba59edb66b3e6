/** How requests are told apart and put in order. */
export interface CollateOptions<T> {
  /** Items of different kinds (generation options) never share a batch; kinds come in the order of their first items. Absent: one kind. */
  readonly kind?: (item: T) => string;
  /** What stands before: items that share it stay side by side, so that a model reads it once. */
  readonly context: (item: T) => string;
  /** Items that are of one kind, share their context and have the same of this are one question. */
  readonly rest: (item: T) => string;
  readonly length: (item: T) => number;
  /** Questions per batch; 0 or absent: a kind is one batch. */
  readonly batchSize?: number;
}

/** Requests that are the same: asked once, answered each. */
export type SameRequests<T> = readonly [T, ...T[]];

/**
 * Brings requests into the order in which they are best sent, in batches: longest first, those that share a context together, each question
 * once. Longest first shows at once what does not fit into memory, and makes estimates of the remaining time too high rather than too low.
 * As `Collator` of lm-evaluation-harness, whose `group_by="contexts"` is here the rule: a model that is given the one-token choices of a
 * question in one batch answers them from one forward pass.
 *
 * @example
 * ```ts
 * import { collate } from 'lmdeck/scoring';
 *
 * const batches = collate(['a', 'ccc', 'bb', 'a'], { context: (text) => text, rest: () => '', length: (text) => text.length, batchSize: 2 });
 * console.log(batches); // [ [ [ 'ccc' ], [ 'bb' ] ], [ [ 'a', 'a' ] ] ]
 * ```
 */
export function collate<T>(items: Iterable<T>, options: CollateOptions<T>): readonly (readonly SameRequests<T>[])[] {
  const { kind = () => '', context, batchSize = 0 } = options;
  const kinds = new Map<string, Map<string, Group<T>>>();
  for (const item of items) {
    const groups = entryOf(kinds, kind(item), () => new Map<string, Group<T>>());
    entryOf(groups, context(item), () => new Group<T>()).add(item, options);
  }
  return [...kinds.values()].flatMap((groups) => {
    const sorted = [...groups.values()].sort((a, b) => b.longest - a.longest);
    return batchesOf(
      sorted.map((group) => group.questions()),
      batchSize > 0 ? batchSize : Infinity,
    );
  });
}

/** Questions that share a context are in one batch, unless they are more than one holds. */
function batchesOf<T>(groups: readonly (readonly SameRequests<T>[])[], size: number): readonly (readonly SameRequests<T>[])[] {
  const batches: SameRequests<T>[][] = [];
  let last: SameRequests<T>[] | undefined;
  for (const group of groups) {
    if (last !== undefined && last.length + group.length > size) last = undefined;
    for (const question of group) {
      if (last === undefined || last.length === size) batches.push((last = []));
      last.push(question);
    }
  }
  return batches;
}

/** The questions that share a context. */
class Group<T> {
  readonly #questions = new Map<string, { readonly length: number; readonly items: [T, ...T[]] }>();
  longest = 0;

  add(item: T, { rest, length }: CollateOptions<T>): void {
    const known = this.#questions.get(rest(item));
    if (known !== undefined) {
      known.items.push(item);
      return;
    }
    const own = length(item);
    this.#questions.set(rest(item), { length: own, items: [item] });
    this.longest = Math.max(this.longest, own);
  }

  questions(): readonly SameRequests<T>[] {
    return [...this.#questions.values()].sort((a, b) => b.length - a.length).map(({ items }) => items);
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
