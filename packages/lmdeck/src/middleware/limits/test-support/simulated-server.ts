const MINUTE = 60_000;

/** How a server counts: in windows that stand, in windows that slide, or with a bucket that refills. */
export type Counting = 'fixed' | 'sliding' | 'bucket';

export interface ServerOptions {
  readonly counting: Counting;
  /** Per minute. */
  readonly requests?: number;
  /** Per minute. */
  readonly tokens?: number;
  /** What a bucket holds, in minutes of its refill. Default: 1. */
  readonly capacity?: number;
  /** Tells its limits in the heads of its answers, as OpenAI does. Default: true. */
  readonly tells?: boolean;
  /** Says how long to wait when it refuses. Default: true. */
  readonly asksToWait?: boolean;
}

/** One limit, kept without mercy. */
interface Meter {
  readonly limit: number;
  remaining(now: number): number;
  resetMs(now: number): number;
  /** How long until so much fits; 0: now. */
  waitMs(amount: number, now: number): number;
  take(amount: number, now: number): void;
}

/** A server with limits. It counts what it lets through and what it refuses. */
export class SimulatedServer {
  accepted = 0;
  refused = 0;
  tokens = 0;
  readonly #meters: ReadonlyMap<string, Meter>;
  readonly #options: ServerOptions;

  constructor(options: ServerOptions) {
    this.#options = options;
    const meters = new Map<string, Meter>();
    for (const name of ['requests', 'tokens'] as const) {
      const limit = options[name];
      if (limit !== undefined) meters.set(name, meterOf(options, limit));
    }
    this.#meters = meters;
  }

  /** Takes a request with so many tokens, or refuses it. */
  ask(
    tokens: number,
    now: number,
  ): { readonly status: 200 | 429; readonly headers: Record<string, string>; readonly retryAfterMs?: number } {
    const amounts = [...this.#meters].map(([name, meter]) => ({ meter, amount: name === 'requests' ? 1 : tokens }));
    const waitMs = Math.max(0, ...amounts.map(({ meter, amount }) => meter.waitMs(amount, now)));
    if (waitMs > 0) {
      this.refused++;
      const asks = this.#options.asksToWait !== false;
      return { status: 429, headers: this.#headers(now), ...(asks ? { retryAfterMs: Math.ceil(waitMs) } : {}) };
    }
    for (const { meter, amount } of amounts) meter.take(amount, now);
    this.accepted++;
    this.tokens += tokens;
    return { status: 200, headers: this.#headers(now) };
  }

  #headers(now: number): Record<string, string> {
    const headers: Record<string, string> = {};
    if (this.#options.tells === false) return headers;
    for (const [name, meter] of this.#meters) {
      headers[`x-ratelimit-limit-${name}`] = String(meter.limit);
      headers[`x-ratelimit-remaining-${name}`] = String(Math.floor(meter.remaining(now)));
      headers[`x-ratelimit-reset-${name}`] = `${Math.ceil(meter.resetMs(now))}ms`;
    }
    return headers;
  }
}

function meterOf({ counting, capacity = 1 }: ServerOptions, limit: number): Meter {
  if (counting === 'fixed') return new FixedWindow(limit);
  return counting === 'sliding' ? new SlidingWindow(limit) : new Bucket(limit, limit * capacity);
}

class FixedWindow implements Meter {
  readonly limit: number;
  #window = -1;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  remaining(now: number): number {
    this.#turn(now);
    return this.limit - this.#used;
  }

  resetMs(now: number): number {
    return MINUTE - (now % MINUTE);
  }

  waitMs(amount: number, now: number): number {
    return this.remaining(now) >= amount ? 0 : this.resetMs(now);
  }

  take(amount: number, now: number): void {
    this.#turn(now);
    this.#used += amount;
  }

  #turn(now: number): void {
    const window = Math.floor(now / MINUTE);
    if (window !== this.#window) this.#used = 0;
    this.#window = window;
  }
}

class SlidingWindow implements Meter {
  readonly limit: number;
  #log: { readonly at: number; readonly amount: number }[] = [];
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  remaining(now: number): number {
    let old = 0;
    for (; old < this.#log.length && (this.#log[old]?.at ?? 0) <= now - MINUTE; old++) this.#used -= this.#log[old]?.amount ?? 0;
    if (old > 0) this.#log = this.#log.slice(old);
    return this.limit - this.#used;
  }

  resetMs(now: number): number {
    const last = this.#log.at(-1);
    return last === undefined ? 0 : last.at + MINUTE - now;
  }

  waitMs(amount: number, now: number): number {
    let free = this.remaining(now);
    if (free >= amount) return 0;
    for (const entry of this.#log) if ((free += entry.amount) >= amount) return entry.at + MINUTE - now;
    return MINUTE;
  }

  take(amount: number, now: number): void {
    this.#log.push({ at: now, amount });
    this.#used += amount;
  }
}

class Bucket implements Meter {
  readonly limit: number;
  readonly #capacity: number;
  #level: number;
  #at = 0;

  constructor(limit: number, capacity: number) {
    this.limit = limit;
    this.#capacity = capacity;
    this.#level = capacity;
  }

  remaining(now: number): number {
    this.#level = Math.min(this.#capacity, this.#level + ((now - this.#at) * this.limit) / MINUTE);
    this.#at = now;
    return this.#level;
  }

  resetMs(now: number): number {
    return ((this.#capacity - this.remaining(now)) * MINUTE) / this.limit;
  }

  waitMs(amount: number, now: number): number {
    return Math.max(0, ((amount - this.remaining(now)) * MINUTE) / this.limit);
  }

  take(amount: number, now: number): void {
    this.#level = this.remaining(now) - amount;
  }
}
