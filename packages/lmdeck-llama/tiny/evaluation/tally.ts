/** Right answers of a number of items. */
export interface Tally {
  readonly accuracy: number;
  readonly items: number;
}

/** Counts right answers by name. */
export class Tallies {
  readonly #counts = new Map<string, { right: number; items: number }>();

  add(name: string, right: boolean): void {
    const count = this.#counts.get(name) ?? { right: 0, items: 0 };
    count.items++;
    if (right) count.right++;
    this.#counts.set(name, count);
  }

  toJSON(): Record<string, Tally> {
    return Object.fromEntries([...this.#counts].map(([name, { right, items }]) => [name, { accuracy: rounded(right / items), items }]));
  }

  /** Mean of the names' accuracies. */
  mean(): number {
    const all = [...this.#counts.values()];
    return rounded(all.reduce((total, { right, items }) => total + right / items, 0) / all.length);
  }
}

export function rounded(value: number): number {
  return Number(value.toFixed(4));
}
