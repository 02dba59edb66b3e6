/** Bytes of a ULID. */
const ID = 26;

/**
 * Which call answered a request, by request key: 64 bytes each instead of two strings and a place in a map. The keys are not kept whole, only
 * 52 bits of them, so whoever finds a call must look whether it is the right one.
 */
export class AnsweredCalls {
  /** Open addressing; 0 is a free place. */
  #keys = new Float64Array(1024);
  #ids = Buffer.alloc(1024 * ID);
  #count = 0;

  /** @param id a ULID. */
  set(requestKey: string, id: string): void {
    if (id.length !== ID) return;
    if (++this.#count * 3 > this.#keys.length * 2) this.#grow();
    const key = shortKey(requestKey);
    const place = this.#place(key);
    this.#keys[place] = key;
    this.#ids.write(id, place * ID, 'latin1');
  }

  /** The id of the last call that was set for such a key. */
  get(requestKey: string): string | undefined {
    const key = shortKey(requestKey);
    const place = this.#place(key);
    return this.#keys[place] === key ? this.#ids.toString('latin1', place * ID, (place + 1) * ID) : undefined;
  }

  /** Where the key is, or could be. */
  #place(key: number): number {
    const { length } = this.#keys;
    let place = key % length;
    while (this.#keys[place] !== 0 && this.#keys[place] !== key) place = (place + 1) % length;
    return place;
  }

  #grow(): void {
    const [keys, ids] = [this.#keys, this.#ids];
    this.#keys = new Float64Array(keys.length * 2);
    this.#ids = Buffer.alloc(keys.length * 2 * ID);
    for (const [i, key] of keys.entries()) {
      if (key === 0) continue;
      const place = this.#place(key);
      this.#keys[place] = key;
      ids.copy(this.#ids, place * ID, i * ID, (i + 1) * ID);
    }
  }
}

/** The first 13 hex digits; never 0. */
function shortKey(requestKey: string): number {
  return Number.parseInt(requestKey.slice(0, 13), 16) + 1;
}
