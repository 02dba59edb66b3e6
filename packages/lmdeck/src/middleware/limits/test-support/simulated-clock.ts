import type { LimiterClock } from '../rate-limits.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Time that passes only when it is told to. What is due at the same time happens in the order in which it was set. */
export class SimulatedClock implements LimiterClock {
  #now: number;
  #order = 0;
  /** A heap: the first is the next. */
  readonly #timers: Timer[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer: Timer = { at: this.#now + ms, order: this.#order++, run, isCancelled: false };
    this.#up(this.#timers.push(timer) - 1);
    return () => {
      timer.isCancelled = true;
    };
  };

  /** Timers that somebody still waits for. */
  get pending(): number {
    return this.#timers.filter((timer) => !timer.isCancelled).length;
  }

  /** Lets so much time pass. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#timers[0]; next !== undefined && next.at <= end; next = this.#timers[0]) {
      this.#takeFirst();
      if (next.isCancelled) continue;
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  #takeFirst(): void {
    const last = this.#timers.pop();
    if (last === undefined || this.#timers.length === 0) return;
    this.#timers[0] = last;
    for (let place = 0; ;) {
      let first = place;
      for (const child of [2 * place + 1, 2 * place + 2]) if (child < this.#timers.length && this.#isBefore(child, first)) first = child;
      if (first === place) return;
      this.#swap(place, first);
      place = first;
    }
  }

  #up(place: number): void {
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#timers[a], this.#timers[b]];
    if (left === undefined || right === undefined) return false;
    return left.at < right.at || (left.at === right.at && left.order < right.order);
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#timers[a], this.#timers[b]];
    if (left === undefined || right === undefined) return;
    this.#timers[a] = right;
    this.#timers[b] = left;
  }
}
