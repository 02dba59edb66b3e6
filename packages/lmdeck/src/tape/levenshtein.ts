/** Rows between two looks at whether the limit can still be kept. */
const LOOK_EVERY = 256;

/**
 * Levenshtein distances (in UTF-16 code units) from one text to many, bit-parallel: 32 cells of the matrix per step.
 * Sources: Myers 1999, "A fast bit-vector algorithm for approximate string matching"; Hyyrö 2003, "A bit-vector algorithm for computing
 * Levenshtein and Damerau edit distances"; Ukkonen 1985, "Algorithms for approximate string matching".
 */
export class Levenshtein {
  readonly #query: Uint16Array;
  /** Code unit → its number among those that the query has; 0 for all others. */
  readonly #numbers = new Uint16Array(65_536);
  readonly #alphabet: number;
  /** Bit masks of where each unit stands in a slice of the query, by the slice. */
  readonly #masks = new Map<number, Int32Array>();
  #target = new Uint16Array(1024);
  /** Horizontal differences at the lower border of the block above: 1 for +1, 2 for -1. */
  #borders = new Uint8Array(1024);

  constructor(query: string) {
    let alphabet = 1;
    this.#query = new Uint16Array(query.length);
    for (let i = 0; i < query.length; i++) {
      const unit = query.charCodeAt(i);
      if (this.#numbers[unit] === 0) this.#numbers[unit] = alphabet++;
      this.#query[i] = this.#numbers[unit] ?? 0;
    }
    this.#alphabet = alphabet;
  }

  /** The distance to `text`, or `Infinity` when it is greater than `limit`. */
  distance(text: string, limit = Infinity): number {
    const query = this.#query;
    const target = this.#encode(text);
    let start = 0;
    let queryEnd = query.length;
    let targetEnd = text.length;
    const shorter = Math.min(queryEnd, targetEnd);
    while (start < shorter && query[start] === target[start]) start++;
    while (queryEnd > start && targetEnd > start && query[queryEnd - 1] === target[targetEnd - 1]) {
      queryEnd--;
      targetEnd--;
    }
    const rows = queryEnd - start;
    const columns = targetEnd - start;
    if (Math.abs(rows - columns) > limit) return Infinity;
    if (rows === 0 || columns === 0) return rows + columns;
    const distance = this.#blocks(target, start, rows, columns, limit);
    return distance > limit ? Infinity : distance;
  }

  /**
   * Goes down the matrix 32 rows at a time. Only the band of diagonals is filled in that a path of at most `limit` can touch (Ukkonen); beside it every step counts as one edit, which no path within the limit takes.
   */
  #blocks(target: Uint16Array, start: number, rows: number, columns: number, limit: number): number {
    const masks = this.#masksOf(start, rows);
    const alphabet = this.#alphabet;
    const borders = this.#borders.fill(1, 0, columns);
    const most = Math.min(limit, rows + columns);
    const left = Math.floor((most - (columns - rows)) / 2);
    const right = Math.floor((most + (columns - rows)) / 2);
    // The value of the cell at the lower left corner of the block, just outside the band.
    let corner = 0;
    let from = 0;
    for (let top = 0; top < rows; top += 32) {
      const bottom = Math.min(top + 32, rows);
      const before = from;
      from = Math.max(0, top - left);
      for (let j = before; j < from; j++) corner += step(borders[j]);
      corner += bottom - top;
      const to = Math.min(columns, bottom + right);
      const offset = (top >> 5) * alphabet;
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

  #masksOf(start: number, rows: number): Int32Array {
    const key = start * 0x100_0000 + rows;
    let masks = this.#masks.get(key);
    if (masks !== undefined) return masks;
    masks = new Int32Array(((rows + 31) >> 5) * this.#alphabet);
    for (let i = 0; i < rows; i++) {
      const at = (i >> 5) * this.#alphabet + (this.#query[start + i] ?? 0);
      masks[at] = (masks[at] ?? 0) | (1 << (i & 31));
    }
    if (this.#masks.size >= 16) this.#masks.clear();
    this.#masks.set(key, masks);
    return masks;
  }

  #encode(text: string): Uint16Array {
    if (this.#target.length < text.length) {
      this.#target = new Uint16Array(text.length * 2);
      this.#borders = new Uint8Array(text.length * 2);
    }
    const target = this.#target;
    const numbers = this.#numbers;
    for (let i = 0; i < text.length; i++) target[i] = numbers[text.charCodeAt(i)] ?? 0;
    return target;
  }
}

function step(border: number | undefined): number {
  return border === undefined ? 0 : (border & 1) - (border >> 1);
}
