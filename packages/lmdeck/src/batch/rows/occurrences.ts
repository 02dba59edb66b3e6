import type { TextHash } from './text-hash.ts';

/** Fuller than this the table is made anew, twice as large. */
const LOAD = 0.75;

/**
 * Counts how often each hash came. An open-addressed table of typed arrays, 12 bytes a slot: a million rows take 25 MB, where a `Map` of
 * texts takes hundreds.
 */
export class Occurrences {
  #high = new Uint32Array(1 << 10);
  #low = new Uint32Array(1 << 10);
  /** 0: the slot is free. */
  #counts = new Uint32Array(1 << 10);
  #used = 0;

  /** Counts one more. @returns how many there were before. */
  add({ high, low }: TextHash): number {
    if (this.#used >= this.#counts.length * LOAD) this.#grow();
    const slot = this.#slot(high, low);
    const before = this.#counts[slot] ?? 0;
    if (before === 0) {
      this.#high[slot] = high;
      this.#low[slot] = low;
      this.#used++;
    }
    this.#counts[slot] = before + 1;
    return before;
  }

  #slot(high: number, low: number): number {
    const mask = this.#counts.length - 1;
    let slot = low & mask;
    while (this.#counts[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [highs, lows, counts] = [this.#high, this.#low, this.#counts];
    this.#high = new Uint32Array(counts.length * 2);
    this.#low = new Uint32Array(counts.length * 2);
    this.#counts = new Uint32Array(counts.length * 2);
    for (let old = 0; old < counts.length; old++) {
      const count = counts[old] ?? 0;
      if (count === 0) continue;
      const [high, low] = [highs[old] ?? 0, lows[old] ?? 0];
      const slot = this.#slot(high, low);
      this.#high[slot] = high;
      this.#low[slot] = low;
      this.#counts[slot] = count;
    }
  }
}
