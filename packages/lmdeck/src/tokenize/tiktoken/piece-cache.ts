/** Pieces up to this many bytes are kept. */
export const MOST_CACHED_BYTES = 16;
/** Up to this many ids of a piece are kept. */
export const MOST_CACHED_IDS = 3;

const ENTRY_BITS = 15;
/** Four words of key, one of length and count, the ids. */
const WORDS = 8;
const MASKS = Int32Array.of(0, 0xff, 0xffff, 0xff_ffff, -1);

/**
 * What became of the last pieces, by their bytes: a word of 16 bytes is read and compared as four numbers, and found in one line
 * of the processor's cache, where the vocabulary would take four. Direct-mapped, 1 MB: a new piece takes the place of an old one.
 */
export class PieceCache {
  readonly #entries = new Int32Array(WORDS << ENTRY_BITS);
  #k0 = 0;
  #k1 = 0;
  #k2 = 0;
  #k3 = 0;
  #length = 0;
  #entry = 0;

  /**
   * Looks a piece up.
   * @param view on the piece's bytes; 16 more must be there to be read.
   * @returns the number of its tokens; 0 when it is not there.
   */
  find(view: DataView, from: number, length: number): number {
    let k0 = view.getInt32(from, true);
    let k1 = 0;
    let k2 = 0;
    let k3 = 0;
    if (length <= 4) k0 &= MASKS[length] ?? 0;
    else {
      k1 = view.getInt32(from + 4, true);
      if (length <= 8) k1 &= MASKS[length - 4] ?? 0;
      else {
        k2 = view.getInt32(from + 8, true);
        if (length <= 12) k2 &= MASKS[length - 8] ?? 0;
        else k3 = view.getInt32(from + 12, true) & (MASKS[length - 12] ?? 0);
      }
    }
    const mixed =
      Math.imul(k0, 0x9e37_79b1) ^ Math.imul(k1 + length, 0x85eb_ca6b) ^ Math.imul(k2, 0xc2b2_ae35) ^ Math.imul(k3, 0x27d4_eb2f);
    const entry = (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d) >>> (32 - ENTRY_BITS)) * WORDS;
    const entries = this.#entries;
    const info = entries[entry + 4] ?? 0;
    this.#entry = entry;
    if (
      entries[entry] === k0 &&
      entries[entry + 1] === k1 &&
      entries[entry + 2] === k2 &&
      entries[entry + 3] === k3 &&
      info >>> 16 === length
    )
      return info & 0xffff;
    this.#k0 = k0;
    this.#k1 = k1;
    this.#k2 = k2;
    this.#k3 = k3;
    this.#length = length;
    return 0;
  }

  /** Puts the piece that was not found in. Of more than {@link MOST_CACHED_IDS} tokens only the number is kept. */
  store(count: number, id0: number, id1: number, id2: number): void {
    const entries = this.#entries;
    const entry = this.#entry;
    entries[entry] = this.#k0;
    entries[entry + 1] = this.#k1;
    entries[entry + 2] = this.#k2;
    entries[entry + 3] = this.#k3;
    entries[entry + 4] = (this.#length << 16) | count;
    entries[entry + 5] = id0;
    entries[entry + 6] = id1;
    entries[entry + 7] = id2;
  }

  /** A token of the piece that was found or stored last. */
  id(index: number): number {
    return this.#entries[this.#entry + 5 + index] ?? 0;
  }
}
