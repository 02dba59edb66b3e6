/** A rank and a place as one number that sorts by rank, then by place. */
const PLACES = 2 ** 32;

/** Merges neighbours in the order of a heap; stale entries stay in it and are skipped when they come up. */
export class MergeQueue {
  #keys = new Float64Array(0);
  #size = 0;

  /**
   * @param rank of the token that begins and ends there, or `none`.
   * @returns for the beginning of every token the beginning of the next one.
   */
  merge(length: number, rank: (start: number, end: number) => number, none: number): Int32Array {
    const next = new Int32Array(length + 1);
    const previous = new Int32Array(length + 1);
    const ranks = new Int32Array(length).fill(none);
    this.#size = 0;
    const look = (start: number): void => {
      const middle = next[start] ?? length;
      const found = middle >= length ? none : rank(start, next[middle] ?? length);
      ranks[start] = found;
      if (found !== none) this.#push(found * PLACES + start);
    };
    for (let at = 0; at < length; at++) {
      next[at] = at + 1;
      previous[at] = at - 1;
    }
    for (let at = 0; at < length; at++) look(at);
    while (this.#size > 0) {
      const key = this.#pop();
      const start = key % PLACES;
      if (ranks[start] !== (key - start) / PLACES) continue;
      const middle = next[start] ?? length;
      const end = next[middle] ?? length;
      ranks[middle] = none;
      next[start] = end;
      previous[end] = start;
      look(start);
      const before = previous[start] ?? -1;
      if (before >= 0) look(before);
    }
    this.#keys = new Float64Array(0);
    return next;
  }

  #push(key: number): void {
    if (this.#size === this.#keys.length) {
      const longer = new Float64Array(Math.max(1024, 2 * this.#size));
      longer.set(this.#keys);
      this.#keys = longer;
    }
    const keys = this.#keys;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = keys[parent] ?? 0;
      if (above <= key) break;
      keys[at] = above;
      at = parent;
    }
    keys[at] = key;
  }

  #pop(): number {
    const keys = this.#keys;
    const least = keys[0] ?? 0;
    const last = keys[--this.#size] ?? 0;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && (keys[child + 1] ?? 0) < (keys[child] ?? 0)) child++;
      const below = keys[child] ?? 0;
      if (last <= below) break;
      keys[at] = below;
      at = child;
    }
    keys[at] = last;
    return least;
  }
}
