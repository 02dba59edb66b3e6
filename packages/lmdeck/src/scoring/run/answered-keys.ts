/**
 * Which requests were answered, by request key: 12 to 18 bytes each instead of a string and a place in a set. The keys are not kept whole,
 * only 52 bits of them, so a key that is here may be another one.
 */
export class AnsweredKeys {
  /** Open addressing; 0 is a free place. */
  #keys = new Float64Array(1024);
  #count = 0;

  add(requestKey: string): void {
    if ((this.#count + 1) * 3 > this.#keys.length * 2) this.#grow();
    const key = shortKey(requestKey);
    const place = this.#place(key);
    if (this.#keys[place] === key) return;
    this.#keys[place] = key;
    this.#count++;
  }

  has(requestKey: string): boolean {
    const key = shortKey(requestKey);
    return this.#keys[this.#place(key)] === key;
  }

  /** Where the key is, or could be. */
  #place(key: number): number {
    const { length } = this.#keys;
    let place = key % length;
    while (this.#keys[place] !== 0 && this.#keys[place] !== key) place = (place + 1) % length;
    return place;
  }

  #grow(): void {
    const keys = this.#keys;
    // By half, which is enough: at the peak the old ones are there as well.
    this.#keys = new Float64Array(Math.floor(keys.length * 1.5));
    for (const key of keys) if (key !== 0) this.#keys[this.#place(key)] = key;
  }
}

/** The first 13 hex digits; never 0. */
function shortKey(requestKey: string): number {
  return Number.parseInt(requestKey.slice(0, 13), 16) + 1;
}
