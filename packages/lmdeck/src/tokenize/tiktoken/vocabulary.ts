import { byteHash, slotOf } from './byte-hash.ts';

/** The arrays that a {@link Vocabulary} looks things up in: as they are in memory, they are in its file. */
export interface VocabularyArrays {
  /** All tokens' bytes, one after the other in the order of their ranks. */
  readonly bytes: Uint8Array;
  /** Where each token begins in `bytes`, and one more: where the last one ends. An id that is no token is empty. */
  readonly offsets: Int32Array;
  /** Open addressing by {@link slotOf}, linear probing; -1 is free. A power of two long. */
  readonly slots: Int32Array;
}

/** The tokens of an encoding; a token's rank, by which pairs are merged, is its id. */
export class Vocabulary {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #offsets: Int32Array;
  readonly #slots: Int32Array;
  readonly #bits: number;
  readonly #longest: number;

  constructor({ bytes, offsets, slots }: VocabularyArrays) {
    this.size = offsets.length - 1;
    this.#bytes = bytes;
    this.#offsets = offsets;
    this.#slots = slots;
    this.#bits = Math.log2(slots.length);
    let longest = 0;
    for (let id = 0; id < this.size; id++) longest = Math.max(longest, this.length(id));
    this.#longest = longest;
  }

  /** Number of bytes of a token; 0 when there is none of this id. */
  length(id: number): number {
    return (this.#offsets[id + 1] ?? 0) - (this.#offsets[id] ?? 0);
  }

  /** A view on the token's bytes. */
  token(id: number): Uint8Array {
    return this.#bytes.subarray(this.#offsets[id], this.#offsets[id + 1]);
  }

  /** The id of the token with these bytes, whose `byteHash` is `hash`; -1 when there is none. */
  find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const length = to - from;
    if (length > this.#longest) return -1;
    const mask = this.#slots.length - 1;
    let slot = slotOf(hash, this.#bits);
    for (;;) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0) return -1;
      const start = this.#offsets[id] ?? 0;
      if ((this.#offsets[id + 1] ?? 0) - start === length) {
        let same = 0;
        while (same < length && bytes[from + same] === this.#bytes[start + same]) same++;
        if (same === length) return id;
      }
      slot = (slot + 1) & mask;
    }
  }
}

/** Slots for `size` tokens: at most two fifths of them are taken, so that what is not there is soon not found. */
export function indexTokens(bytes: Uint8Array, offsets: Int32Array): VocabularyArrays {
  const size = offsets.length - 1;
  const bits = Math.ceil(Math.log2(size * 2.5));
  const slots = new Int32Array(2 ** bits).fill(-1);
  for (let id = 0; id < size; id++) {
    if (offsets[id] === offsets[id + 1]) continue;
    let slot = slotOf(byteHash(bytes, offsets[id] ?? 0, offsets[id + 1] ?? 0), bits);
    while (slots[slot] !== -1) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = id;
  }
  return { bytes, offsets, slots };
}
