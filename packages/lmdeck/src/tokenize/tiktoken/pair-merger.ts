import { PrefixHashes } from './byte-hash.ts';
import { MergeQueue } from './merge-queue.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Up to here looking at every pair each time is faster than keeping them in order. */
const MOST_BY_SCAN = 128;
const NONE = 0x7fff_ffff;

/**
 * Byte pair encoding of one piece: of all neighbours that together are a token, the pair of the lowest rank is joined (the leftmost
 * of equals), until none is left. The result stays in {@link PairMerger.bounds}.
 */
export class PairMerger {
  readonly #vocabulary: Vocabulary;
  readonly #hashes = new PrefixHashes();
  readonly #ranks = new Int32Array(MOST_BY_SCAN + 1);
  readonly #queue = new MergeQueue();
  /** Where each token begins, counted from the beginning of the piece, and one more: where the last one ends. */
  bounds = new Int32Array(MOST_BY_SCAN + 1);

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Merges `bytes[from…to)`, two bytes or more. @returns the number of tokens. */
  merge(bytes: Uint8Array, from: number, to: number): number {
    this.#hashes.read(bytes, from, to);
    return to - from <= MOST_BY_SCAN ? this.#scan(bytes, from, to - from) : this.#sort(bytes, from, to - from);
  }

  /** The id of a token that {@link merge} has found. */
  idOf(bytes: Uint8Array, from: number, index: number): number {
    return this.#find(bytes, from, this.bounds[index] ?? 0, this.bounds[index + 1] ?? 0);
  }

  #scan(bytes: Uint8Array, from: number, length: number): number {
    const bounds = this.bounds;
    const ranks = this.#ranks;
    for (let at = 0; at <= length; at++) bounds[at] = at;
    for (let at = 0; at + 1 < length; at++) ranks[at] = this.#rank(bytes, from, at, at + 2);
    let count = length;
    while (count > 1) {
      let lowest = NONE;
      let best = -1;
      for (let at = 0; at + 1 < count; at++) {
        const rank = ranks[at] ?? NONE;
        if (rank >= lowest) continue;
        lowest = rank;
        best = at;
      }
      if (best < 0) break;
      for (let at = best + 1; at < count; at++) {
        bounds[at] = bounds[at + 1] ?? 0;
        ranks[at] = ranks[at + 1] ?? 0;
      }
      count--;
      if (best + 1 < count) ranks[best] = this.#rank(bytes, from, bounds[best] ?? 0, bounds[best + 2] ?? 0);
      if (best > 0) ranks[best - 1] = this.#rank(bytes, from, bounds[best - 1] ?? 0, bounds[best + 1] ?? 0);
    }
    return count;
  }

  /** The same in n log n: a line of a hundred thousand equal letters is one piece. */
  #sort(bytes: Uint8Array, from: number, length: number): number {
    const rank = (start: number, end: number): number => this.#rank(bytes, from, start, end);
    const starts = this.#queue.merge(length, rank, NONE);
    if (this.bounds.length < length + 1) this.bounds = new Int32Array(length + 1);
    let count = 0;
    for (let at = 0; at < length; at = starts[at] ?? length) this.bounds[count++] = at;
    this.bounds[count] = length;
    return count;
  }

  #rank(bytes: Uint8Array, from: number, start: number, end: number): number {
    const id = this.#find(bytes, from, start, end);
    return id < 0 ? NONE : id;
  }

  #find(bytes: Uint8Array, from: number, start: number, end: number): number {
    return this.#vocabulary.find(bytes, from + start, from + end, this.#hashes.part(start, end));
  }
}
