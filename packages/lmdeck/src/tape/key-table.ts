/**
 * Numbers by keys, a key with as many as there are: 32 bytes each and nothing that garbage collection would have to look at, where a map
 * of the same would leave megabytes behind whenever it is emptied.
 */
export class KeyTable {
  /** Open addressing: the key and one, or 0 for a free place. */
  #keys = new Float64Array(1024);
  #values = new Float64Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param key a whole number from 0 below 2^52. */
  add(key: number, value: number): void {
    if (2 * ++this.#size > this.#keys.length) this.#grow();
    this.#put(key + 1, value);
  }

  /** The least of the numbers and `otherwise`. */
  least(key: number, otherwise: number): number {
    let least = otherwise;
    for (let at = this.#next(key + 1, key + 1); at !== -1; at = this.#next(key + 1, at + 1))
      least = Math.min(least, this.#values[at] ?? least);
    return least;
  }

  /** The greatest of the numbers and `otherwise`. */
  greatest(key: number, otherwise: number): number {
    let greatest = otherwise;
    for (let at = this.#next(key + 1, key + 1); at !== -1; at = this.#next(key + 1, at + 1))
      greatest = Math.max(greatest, this.#values[at] ?? greatest);
    return greatest;
  }

  /** All numbers, in the order in which they were added. */
  all(key: number): readonly number[] {
    let all = NONE;
    for (let at = this.#next(key + 1, key + 1); at !== -1; at = this.#next(key + 1, at + 1)) {
      if (all === NONE) all = [];
      all.push(this.#values[at] ?? 0);
    }
    return all;
  }

  clear(): void {
    if (this.#size > 0) this.#keys.fill(0);
    this.#size = 0;
  }

  /** The first place with the key from `from` on, before a free one; -1 when there is none. */
  #next(stored: number, from: number): number {
    const { length } = this.#keys;
    for (let at = from % length; ; at = at + 1 === length ? 0 : at + 1) {
      const there = this.#keys[at];
      if (there === stored) return at;
      if (there === 0) return -1;
    }
  }

  #put(stored: number, value: number): void {
    const { length } = this.#keys;
    let at = stored % length;
    while (this.#keys[at] !== 0) at = at + 1 === length ? 0 : at + 1;
    this.#keys[at] = stored;
    this.#values[at] = value;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Float64Array(2 * keys.length);
    this.#values = new Float64Array(2 * keys.length);
    // From a free place on, so that numbers of one key stay in their order.
    const free = keys.indexOf(0);
    for (let i = 0; i < keys.length; i++) {
      const at = (free + i) % keys.length;
      const stored = keys[at] ?? 0;
      if (stored !== 0) this.#put(stored, values[at] ?? 0);
    }
  }
}

const NONE: number[] = [];
