import { band, MaskedText, type Middle } from './masked-text.ts';

/** Rows between two looks at whether the limit can still be kept: a whole number of blocks. */
const LOOK_EVERY = 240;
/** Not 32: the sum of two words and a carry must stay a small integer. */
const BITS = 30;
const ONES = 2 ** BITS - 1;

/**
 * Indel distances (insertions and deletions, in UTF-16 code units) from one text to many: lengths of both less twice their
 * longest common subsequence, found bit-parallel, 30 cells of the matrix per step.
 * Sources: Allison and Dix 1986, "A bit-string longest-common-subsequence algorithm"; Hyyrö 2004, "Bit-parallel LCS-length computation
 * revisited"; Ukkonen 1985, "Algorithms for approximate string matching".
 */
export class Indel {
  /** Steps of the kernel so far. */
  work = 0;
  readonly #text: MaskedText;
  /** Horizontal differences at the lower border of the block above: 1 where the common subsequence grows. */
  #borders = new Uint8Array(1024);

  constructor(query: string) {
    this.#text = new MaskedText(query, BITS);
  }

  /** The distance to `text`, or `Infinity` when it is greater than `limit`. */
  distance(text: string, limit = Infinity): number {
    const other = this.#text.encode(text);
    const middle = this.#text.middle(other, text.length);
    const { rows, columns } = middle;
    if (Math.abs(rows - columns) > limit) return Infinity;
    const common = rows === 0 || columns === 0 ? 0 : this.#blocks(other, middle, limit);
    const distance = rows + columns - 2 * common;
    return distance > limit ? Infinity : distance;
  }

  /** The length of the common subsequence; less where it takes more than `limit` edits. Beside the band nothing is held to be common. */
  #blocks(target: Uint16Array, middle: Middle, limit: number): number {
    const { start, rows, columns } = middle;
    const masks = this.#text.masks(start, rows);
    const { alphabet } = this.#text;
    if (this.#borders.length < columns) this.#borders = new Uint8Array(columns * 2);
    const borders = this.#borders.fill(0, 0, columns);
    const { left, right } = band(middle, limit);
    // As much must be common for the limit to be kept.
    const needed = (rows + columns - limit) / 2;
    let from = 0;
    // What the columns left of the band have in common with the rows so far.
    let corner = 0;
    for (let top = 0, offset = 0; top < rows; top += BITS, offset += alphabet) {
      const bottom = Math.min(top + BITS, rows);
      const before = from;
      from = Math.min(columns, Math.max(0, top - left));
      for (let j = before; j < from; j++) corner += borders[j] ?? 0;
      const to = Math.min(columns, bottom + right);
      this.work += to - from;
      // Unused rows at the bottom match nothing and pass every carry on.
      let vertical = ONES;
      for (let j = from; j < to; j++) {
        const match = vertical & (masks[offset + (target[start + j] ?? 0)] ?? 0);
        const sum = vertical + match + (borders[j] ?? 0);
        borders[j] = sum >>> BITS;
        vertical = (sum | (vertical - match)) & ONES;
      }
      if (bottom % LOOK_EVERY === 0 && bottom < rows && this.#most(corner, from, to, rows - bottom, columns) < needed) return 0;
    }
    let common = corner;
    for (let j = from; j < columns; j++) common += borders[j] ?? 0;
    return common;
  }

  /** The most that can still become common, seen from the row that is done. */
  #most(corner: number, from: number, to: number, rowsLeft: number, columns: number): number {
    let common = corner;
    let most = common + Math.min(rowsLeft, columns - from);
    for (let j = from; j < to; j++) {
      common += this.#borders[j] ?? 0;
      most = Math.max(most, common + Math.min(rowsLeft, columns - j - 1));
    }
    return most;
  }
}
