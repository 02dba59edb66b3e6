import type { TextHash } from './text-hash.ts';

/** Fuller than this the table is made anew, half as large again. */
const LOAD = 0.8;
const FIRST_SLOTS = 1024;
/** Counts of more than this are kept beside the table. */
const MOST = 255;

/**
 * Counts how often each hash came. An open-addressed table of typed arrays, nine bytes a slot: a million rows take 14 MB, where a `Map` of
 * texts takes hundreds.
 */
export class Occurrences {
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  /** 0: the slot is free. */
  #counts = new Uint8Array(FIRST_SLOTS);
  #used = 0;
  /** By both halves. */
  readonly #many = new Map<string, number>();

  /** Counts one more. @returns how many there were before. */
  add({ high, low }: TextHash): number {
    if (this.#used >= this.#counts.length * LOAD) this.#grow();
    const slot = this.#slot(high, low);
    const before = this.#counts[slot] ?? 0;
    if (before === MOST) {
      const name = `${high}:${low}`;
      const count = this.#many.get(name) ?? MOST;
      this.#many.set(name, count + 1);
      return count;
    }
    if (before === 0) this.#fill(slot, high, low);
    this.#counts[slot] = before + 1;
    return before;
  }

  /** Where a hash is, or belongs. */
  #slot(high: number, low: number): number {
    const size = this.#counts.length;
    let slot = Math.floor((low / 0x1_0000_0000) * size);
    while (this.#counts[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) slot = slot + 1 === size ? 0 : slot + 1;
    return slot;
  }

  #fill(slot: number, high: number, low: number): void {
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#used++;
  }

  #grow(): void {
    const [highs, lows, counts] = [this.#high, this.#low, this.#counts];
    const size = Math.ceil(counts.length * 1.5);
    this.#high = new Uint32Array(size);
    this.#low = new Uint32Array(size);
    this.#counts = new Uint8Array(size);
    this.#used = 0;
    for (let old = 0; old < counts.length; old++) {
      const count = counts[old] ?? 0;
      if (count === 0) continue;
      const [high, low] = [highs[old] ?? 0, lows[old] ?? 0];
      const slot = this.#slot(high, low);
      this.#fill(slot, high, low);
      this.#counts[slot] = count;
    }
  }
}
