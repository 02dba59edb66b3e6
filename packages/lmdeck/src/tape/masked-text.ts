import { UnitBuffer } from './unit-buffer.ts';

/** Bits that are used of each 32-bit word: what a kernel does with its words decides. */
export type WordBits = 30 | 32;

/** Where two texts differ: both without what they begin and end with alike. */
export interface Middle {
  readonly start: number;
  /** Code units of the text that is compared with many. */
  readonly rows: number;
  /** Code units of the other one. */
  readonly columns: number;
}

/** A text that is compared with many others: its UTF-16 code units numbered, and where each stands as bit masks. */
export class MaskedText {
  /** How many numbers there are. */
  readonly alphabet: number;
  readonly #bits: WordBits;
  readonly #units: Uint16Array;
  /** Code unit → its number among those that the text has; 0 for all others. */
  readonly #numbers = new Uint16Array(65_536);
  /** Bit masks of where each unit stands in a slice of the text, by the slice. */
  readonly #masks = new Map<number, Int32Array>();
  readonly #buffer = new UnitBuffer();
  #other = new Uint16Array(1024);

  constructor(text: string, bits: WordBits) {
    this.#bits = bits;
    let alphabet = 1;
    const units = this.#buffer.read(text);
    this.#units = new Uint16Array(text.length);
    for (let i = 0; i < text.length; i++) {
      const unit = units[i] ?? 0;
      if (this.#numbers[unit] === 0) this.#numbers[unit] = alphabet++;
      this.#units[i] = this.#numbers[unit] ?? 0;
    }
    this.alphabet = alphabet;
  }

  /** The units of another text as numbers of this one. Valid until the next call. */
  encode(text: string): Uint16Array {
    if (this.#other.length < text.length) this.#other = new Uint16Array(text.length * 2);
    const other = this.#other;
    const numbers = this.#numbers;
    const units = this.#buffer.read(text);
    const { length } = text;
    for (let i = 0; i < length; i++) other[i] = numbers[units[i] ?? 0] ?? 0;
    return other;
  }

  /** What is left of both when the same beginning and end are taken off. */
  middle(other: Uint16Array, length: number): Middle {
    const units = this.#units;
    let start = 0;
    let rows = units.length;
    let columns = length;
    const shorter = Math.min(rows, columns);
    while (start < shorter && units[start] === other[start]) start++;
    while (rows > start && columns > start && units[rows - 1] === other[columns - 1]) {
      rows--;
      columns--;
    }
    return { start, rows: rows - start, columns: columns - start };
  }

  /** The masks of a slice, one word for each number and each block of rows. */
  masks(start: number, rows: number): Int32Array {
    const key = start * 0x100_0000 + rows;
    let masks = this.#masks.get(key);
    if (masks !== undefined) return masks;
    const bits = this.#bits;
    masks = new Int32Array(Math.ceil(rows / bits) * this.alphabet);
    for (let i = 0, offset = 0, bit = 0; i < rows; i++) {
      const at = offset + (this.#units[start + i] ?? 0);
      masks[at] = (masks[at] ?? 0) | (1 << bit);
      if (++bit === bits) {
        bit = 0;
        offset += this.alphabet;
      }
    }
    if (this.#masks.size >= 16) this.#masks.clear();
    this.#masks.set(key, masks);
    return masks;
  }
}

/** The diagonals left and right of the main one that a path of at most `limit` insertions and deletions can touch (Ukkonen 1985). */
export function band({ rows, columns }: Middle, limit: number): { readonly left: number; readonly right: number } {
  const most = Math.min(limit, rows + columns);
  return { left: Math.floor((most - (columns - rows)) / 2), right: Math.floor((most + (columns - rows)) / 2) };
}
