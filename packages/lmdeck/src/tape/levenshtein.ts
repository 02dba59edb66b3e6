import { band, MaskedText, type Middle } from './masked-text.ts';

/** Rows between two looks at whether the limit can still be kept. */
const LOOK_EVERY = 256;
const BITS = 32;

/**
 * Levenshtein distances (in UTF-16 code units) from one text to many, bit-parallel: 32 cells of the matrix per step.
 * Sources: Myers 1999, "A fast bit-vector algorithm for approximate string matching"; Hyyrö 2003, "A bit-vector algorithm for computing
 * Levenshtein and Damerau edit distances"; Ukkonen 1985, "Algorithms for approximate string matching".
 */
export class Levenshtein {
  /** Steps of the kernel so far. */
  work = 0;
  readonly #text: MaskedText;
  /** Horizontal differences at the lower border of the block above: 1 for +1, 2 for -1. */
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
    const distance = rows === 0 || columns === 0 ? rows + columns : this.#blocks(other, middle, limit);
    return distance > limit ? Infinity : distance;
  }

  /** Goes down the matrix 32 rows at a time, in the band alone: beside it every step counts as one edit, which no path within the limit takes. */
  #blocks(target: Uint16Array, middle: Middle, limit: number): number {
    const { start, rows, columns } = middle;
    const masks = this.#text.masks(start, rows);
    const { alphabet } = this.#text;
    if (this.#borders.length < columns) this.#borders = new Uint8Array(columns * 2);
    const borders = this.#borders.fill(1, 0, columns);
    const { left, right } = band(middle, limit);
    // The value of the cell at the lower left corner of the block, just outside the band.
    let corner = 0;
    let from = 0;
    for (let top = 0, offset = 0; top < rows; top += BITS, offset += alphabet) {
      const bottom = Math.min(top + BITS, rows);
      const before = from;
      from = Math.min(columns, Math.max(0, top - left));
      for (let j = before; j < from; j++) corner += step(borders[j]);
      corner += bottom - top;
      const to = Math.min(columns, bottom + right);
      this.work += to - from;
      const last = bottom - top - 1;
      let verticalPlus = -1;
      let verticalMinus = 0;
      for (let j = from; j < to; j++) {
        const above = borders[j] ?? 0;
        const minusIn = above >> 1;
        const match = (masks[offset + (target[start + j] ?? 0)] ?? 0) | minusIn;
        const diagonal = (((match & verticalPlus) + verticalPlus) ^ verticalPlus) | match | verticalMinus;
        let plus = verticalMinus | ~(diagonal | verticalPlus);
        let minus = diagonal & verticalPlus;
        borders[j] = ((plus >>> last) & 1) | (((minus >>> last) & 1) << 1);
        plus = (plus << 1) | (above & 1);
        minus = (minus << 1) | minusIn;
        verticalPlus = minus | ~(diagonal | plus);
        verticalMinus = plus & diagonal;
      }
      if (limit !== Infinity && bottom % LOOK_EVERY === 0 && bottom < rows) {
        if (this.#least(corner, from, to, rows - bottom, columns) > limit) return Infinity;
      }
    }
    for (let j = from; j < columns; j++) corner += step(borders[j]);
    return corner;
  }

  /** The least that the distance can still become, seen from the row that is done. */
  #least(corner: number, from: number, to: number, rowsLeft: number, columns: number): number {
    let cell = corner;
    let least = cell + Math.abs(rowsLeft - (columns - from));
    for (let j = from; j < to; j++) {
      cell += step(this.#borders[j]);
      least = Math.min(least, cell + Math.abs(rowsLeft - (columns - j - 1)));
    }
    return least;
  }
}

function step(border: number | undefined): number {
  return border === undefined ? 0 : (border & 1) - (border >> 1);
}
