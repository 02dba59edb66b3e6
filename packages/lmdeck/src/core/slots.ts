/**
 * Things that come and go by the thousands. A set that is used so leaves tables behind, each of which leads to the next: what they led to,
 * though long gone, is copied by every collection of garbage until a full one.
 */
export class Slots<T> {
  readonly #things: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** Returns the place to remove it from. */
  add(thing: T): number {
    const place = this.#free.pop() ?? this.#things.length;
    this.#things[place] = thing;
    return place;
  }

  remove(place: number): void {
    this.#things[place] = undefined;
    this.#free.push(place);
  }

  /** Those that are there now. */
  values(): T[] {
    return this.#things.filter((thing) => thing !== undefined);
  }
}
