import type { RateLimitKind } from '../../transport/index.ts';

const SLOTS = 256;
/** How much longer than the server's a span is taken to be: requests come closer together on their way. */
const MARGIN = 1.012;
/** What may go at once after a pause, as a part of the limit. */
const BURST = 1 / 30;
/** Shares like 1/3 do not add up to 1 exactly. */
const EPSILON = 1e-6;

/**
 * So much within a span, whichever way the server counts. Two conditions hold at once: within any span as long as the server's, no more than
 * the limit (windows that slide, windows that stand); and no faster than the limit's pace, but for a small burst (token buckets).
 *
 * What is taken is a guess that is put right later: in the slot of time in which it was taken, where the server counts it too.
 */
export class Quota {
  readonly kind: RateLimitKind;
  readonly spanMs: number;
  /** Since when it counts. */
  readonly since: number;
  limit: number;
  source: 'given' | 'server';
  readonly #slotMs: number;
  readonly #slots = new Float64Array(SLOTS);
  /** Number of the newest slot, counted from the beginning of time. */
  #slot: number;
  #sum = 0;
  /** What may go now by the pace; below 0 after something large. */
  #level: number;
  #levelAt: number;
  /** More than a burst while something larger waits: the wait counts for it. */
  #cap: number;

  constructor(kind: RateLimitKind, limit: number, spanMs: number, source: 'given' | 'server', now: number) {
    this.kind = kind;
    this.limit = limit;
    this.spanMs = spanMs;
    this.source = source;
    this.since = now;
    this.#slotMs = (spanMs * MARGIN) / (SLOTS - 1);
    this.#slot = Math.floor(now / this.#slotMs);
    this.#cap = this.#level = this.#burst;
    this.#levelAt = now;
  }

  /** What was taken within the span, as it is known by now. */
  used(now: number): number {
    this.#advance(now);
    return this.#sum;
  }

  /** How long until so much can be taken; 0: now. Asked for whoever is first in the queue. */
  waitMs(cost: number, now: number): number {
    if (cost === 0) return 0;
    this.#advance(now);
    const byPace = Math.min(cost, this.#burst) - this.#level;
    const bySum = this.#sum + Math.min(cost, this.limit) - this.limit;
    if (byPace <= EPSILON && bySum <= EPSILON * this.limit) return 0;
    this.#cap = Math.max(this.#burst, Math.min(cost, this.limit));
    // Never 0, and never so little that the clock would not show it.
    return Math.max(0.01, byPace / this.rate, bySum > EPSILON * this.limit ? this.#freeAfter(bySum) - now : 0);
  }

  take(cost: number, now: number): void {
    this.#advance(now);
    this.#add(this.#slot, cost);
    this.#level -= cost;
    this.#cap = this.#burst;
  }

  /** What was taken at `at` has turned out to be `by` more, or less. */
  settle(by: number, at: number, now: number): void {
    this.#advance(now);
    const slot = Math.floor(at / this.#slotMs);
    if (slot > this.#slot - SLOTS) this.#add(slot, by);
    this.#level = Math.min(this.#cap, this.#level - by);
  }

  /**
   * The server has said what its limit is, and what is left of it.
   * @param guessed how much of what was taken is only a guess so far: it may turn out to be twice as much.
   */
  correct(limit: number, remaining: number | undefined, resetMs: number | undefined, guessed: number, now: number): void {
    this.#advance(now);
    this.limit = limit;
    this.source = 'server';
    this.#cap = this.#burst;
    this.#level = Math.min(this.#level, this.#burst, remaining ?? limit);
    if (remaining === undefined) return;
    // More is used than was sent from here: somebody else has the same limit, or the server counts otherwise.
    const foreign = limit - remaining - this.#sum - guessed;
    if (foreign > 0) this.#spread(foreign, Math.min(resetMs ?? this.spanMs, this.spanMs));
  }

  get #burst(): number {
    return Math.max(1, this.limit * BURST);
  }

  /** By the millisecond. */
  get rate(): number {
    return this.limit / (this.#slotMs * SLOTS);
  }

  /** Puts an amount into the slots that leave the span one after the other within `overMs`. */
  #spread(amount: number, overMs: number): void {
    const count = Math.max(1, Math.min(SLOTS, Math.round(overMs / this.#slotMs)));
    for (let i = 0; i < count; i++) this.#add(this.#slot - SLOTS + 1 + i, amount / count);
  }

  #add(slot: number, amount: number): void {
    const index = indexOf(slot);
    // What has been taken back twice over stays 0.
    const after = Math.max(0, (this.#slots[index] ?? 0) + amount);
    this.#sum += after - (this.#slots[index] ?? 0);
    this.#slots[index] = after;
  }

  /** When so much has left the span. */
  #freeAfter(amount: number): number {
    let freed = 0;
    let slot = this.#slot - SLOTS + 1;
    for (; slot < this.#slot && freed < amount - EPSILON * this.limit; slot++) freed += this.#slots[indexOf(slot)] ?? 0;
    return (slot - 1 + SLOTS) * this.#slotMs;
  }

  #advance(now: number): void {
    if (now > this.#levelAt) {
      this.#level = Math.min(Math.max(this.#cap, this.#level), this.#level + (now - this.#levelAt) * this.rate);
      this.#levelAt = now;
    }
    const slot = Math.floor(now / this.#slotMs);
    if (slot <= this.#slot) return;
    if (slot - this.#slot >= SLOTS) {
      this.#slots.fill(0);
      this.#sum = 0;
    } else {
      for (let each = this.#slot + 1; each <= slot; each++) {
        this.#sum -= this.#slots[indexOf(each)] ?? 0;
        this.#slots[indexOf(each)] = 0;
      }
      if (this.#sum < 0) this.#sum = 0;
    }
    this.#slot = slot;
  }
}

/** The first slots of all lie before the beginning of time. */
function indexOf(slot: number): number {
  return (slot + SLOTS) % SLOTS;
}
