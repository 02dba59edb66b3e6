/** Somebody who waits for a turn. */
export interface Waiter {
  /** Whose turns are counted together; absent: somebody who waits in person, who goes first. */
  readonly run: string | undefined;
  /** Was here before and was sent back. */
  readonly again: boolean;
  /** Has gone away. */
  readonly left: boolean;
}

/** So many without a run may go before a run gets a turn. */
const MOST_BEFORE_RUNS = 8;

/**
 * Who is next: calls without a run first, then the runs in turn, one call each; within a run in the order in which they came. Whoever is first
 * stays first until taken, but for calls without a run, of which only so many may go before: nobody waits for ever, however large.
 */
export class FairQueue<T extends Waiter> {
  readonly #own = new Line<T>();
  /** In the order of their turns. */
  readonly #runs = new Map<string, Line<T>>();
  #before = 0;

  push(waiter: T): void {
    if (waiter.run === undefined) return this.#own.push(waiter);
    let line = this.#runs.get(waiter.run);
    if (line === undefined) this.#runs.set(waiter.run, (line = new Line()));
    line.push(waiter);
  }

  peek(): T | undefined {
    const own = this.#own.first();
    if (own !== undefined && this.#before < MOST_BEFORE_RUNS) return own;
    return this.#firstOfRuns() ?? own;
  }

  /** Takes the one that `peek` tells. */
  shift(): T | undefined {
    const waiter = this.peek();
    if (waiter === undefined) return undefined;
    if (waiter.run === undefined) {
      this.#before = this.#firstOfRuns() === undefined ? 0 : this.#before + 1;
      this.#own.shift();
      return waiter;
    }
    this.#before = 0;
    const line = this.#runs.get(waiter.run);
    line?.shift();
    this.#runs.delete(waiter.run);
    if (line?.first() !== undefined) this.#runs.set(waiter.run, line);
    return waiter;
  }

  #firstOfRuns(): T | undefined {
    for (const [run, line] of this.#runs) {
      const first = line.first();
      if (first !== undefined) return first;
      this.#runs.delete(run);
    }
    return undefined;
  }
}

/** First come, first served; those who were sent back before those who are new. */
class Line<T extends Waiter> {
  readonly #again = new Fifo<T>();
  readonly #fresh = new Fifo<T>();

  push(waiter: T): void {
    (waiter.again ? this.#again : this.#fresh).push(waiter);
  }

  first(): T | undefined {
    return this.#again.first() ?? this.#fresh.first();
  }

  shift(): void {
    if (this.#again.first() === undefined) this.#fresh.shift();
    else this.#again.shift();
  }
}

/** An array whose beginning is given up bit by bit: shifting a long one costs its length. */
class Fifo<T extends Waiter> {
  #items: (T | undefined)[] = [];
  #start = 0;

  push(waiter: T): void {
    this.#items.push(waiter);
  }

  first(): T | undefined {
    while (this.#items[this.#start]?.left === true) this.shift();
    return this.#items[this.#start];
  }

  shift(): void {
    this.#items[this.#start++] = undefined;
    if (this.#start < this.#items.length && (this.#start < 64 || this.#start * 2 < this.#items.length)) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }
}
