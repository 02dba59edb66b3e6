import { monotonicMs } from '../core/index.ts';

/** Node takes longer delays for 1 ms. */
const maxTimerMs = 2 ** 31 - 1;

/** Something that must be over in time. */
export interface Deadline {
  /** When it must be over, in the time of `monotonicMs`; `Infinity` while there is nothing to wait for. */
  readonly end: number;
  /** Belongs to {@link Deadlines}. */
  place: number;
  /** It is not over in time. */
  expire(): void;
}

/**
 * Any number of deadlines with one timer among them. The timer is set for the earliest end and not touched as deadlines come, move on and go:
 * when it goes off too early, it is set for the next one. So a deadline that is met, as nearly all are, costs no timer.
 */
export class Deadlines {
  // An array in which the last one fills the gap: the tables that a growing and shrinking Set leaves behind would keep what was in
  // them alive (once they are old, until the next full collection), and a whole call hangs on each deadline.
  readonly #all: Deadline[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the timer goes off. */
  #due = Infinity;

  add(deadline: Deadline): void {
    // The process may not end while somebody waits, and must not be kept when nobody does.
    if (this.#all.length === 0) this.#timer?.ref();
    deadline.place = this.#all.length;
    this.#all.push(deadline);
  }

  delete(deadline: Deadline): void {
    const last = this.#all.pop();
    if (last !== undefined && last !== deadline) {
      this.#all[deadline.place] = last;
      last.place = deadline.place;
    }
    if (this.#all.length === 0) this.#timer?.unref();
  }

  /** One of them has got this end. To be called whenever an end may have come nearer. */
  expect(end: number, now: number): void {
    if (end >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = end;
    this.#timer = setTimeout(this.#onTimer, Math.min(Math.max(0, Math.ceil(end - now)), maxTimerMs));
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#due = Infinity;
    const now = monotonicMs();
    let next = Infinity;
    // Those that expire leave gaps, which others fill.
    const all = this.#all.slice();
    for (const deadline of all) {
      const { end } = deadline;
      if (end <= now) deadline.expire();
      else if (end < next) next = end;
    }
    this.expect(next, now);
  };
}
