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
  #table = new Table(FIRST_SLOTS);
  #used = 0;
  /** By both halves. */
  readonly #many = new Map<string, number>();

  /** Counts one more. @returns how many there were before. */
  add({ high, low }: TextHash): number {
    if (this.#used >= this.#table.counts.length * LOAD) this.#grow();
    const slot = this.#slot(high, low);
    const { counts } = this.#table;
    const before = counts[slot] ?? 0;
    if (before === MOST) {
      const name = `${high}:${low}`;
      const count = this.#many.get(name) ?? MOST;
      this.#many.set(name, count + 1);
      return count;
    }
    if (before === 0) this.#fill(slot, high, low);
    counts[slot] = before + 1;
    return before;
  }

  /** Where a hash is, or belongs. */
  #slot(high: number, low: number): number {
    const { highs, lows, counts } = this.#table;
    const size = counts.length;
    let slot = Math.floor((low / 0x1_0000_0000) * size);
    while (counts[slot] !== 0 && (highs[slot] !== high || lows[slot] !== low)) slot = slot + 1 === size ? 0 : slot + 1;
    return slot;
  }

  #fill(slot: number, high: number, low: number): void {
    const { highs, lows } = this.#table;
    highs[slot] = high;
    lows[slot] = low;
    this.#used++;
  }

  #grow(): void {
    const { highs, lows, counts } = this.#table;
    this.#table = new Table(Math.ceil(counts.length * 1.5));
    this.#used = 0;
    for (let old = 0; old < counts.length; old++) {
      const count = counts[old] ?? 0;
      if (count === 0) continue;
      const [high, low] = [highs[old] ?? 0, lows[old] ?? 0];
      const slot = this.#slot(high, low);
      this.#fill(slot, high, low);
      this.#table.counts[slot] = count;
    }
  }
}

class Table {
  readonly highs: Uint32Array;
  readonly lows: Uint32Array;
  /** 0: the slot is free. */
  readonly counts: Uint8Array;

  constructor(size: number) {
    const bytes = size * 9;
    // A buffer that could be resized has pages of its own, which go back to the system with it. Others come from the common heap, where the
    // holes that outgrown tables leave are too small for the next ones: as much again after half a million rows.
    const buffer = new ArrayBuffer(bytes, { maxByteLength: bytes });
    this.highs = new Uint32Array(buffer, 0, size);
    this.lows = new Uint32Array(buffer, size * 4, size);
    this.counts = new Uint8Array(buffer, size * 8, size);
  }
}
