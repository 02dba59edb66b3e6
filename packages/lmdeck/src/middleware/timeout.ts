import {
  LmdeckError,
  type CallContext,
  type ModelEvent,
  type ModelRequest,
  type Next,
  type Timeouts,
  type Wrapper,
} from '../core/index.ts';

type Item = ModelEvent | readonly ModelEvent[];
type Result = IteratorResult<Item, undefined>;
type Limits = Required<Timeouts>;
type LimitName = 'firstTokenMs' | 'idleMs' | 'totalMs';

/** Unless said otherwise: reasoning models think for minutes before their first token, but no server falls silent for two. */
const DEFAULTS: Limits = { connectMs: 0, firstTokenMs: 600_000, idleMs: 120_000, totalMs: 0 };

/**
 * Ends calls that wait too long. `firstTokenMs` runs until the first event, and for an answer in one piece until that has
 * come; `idleMs` runs between two events; both anew for every attempt. `totalMs` holds for the call from its start, retries included.
 * 0 means no limit. Limits given with the call (`timeouts`) come first. Default: first token 10 minutes, idle 2 minutes, total none;
 * connecting (10 s) is limited by the transport.
 *
 * @throws LmdeckError `timeout`, retryable unless the total ran out; `data.limit` names the limit.
 *
 * @example
 * ```ts
 * import { languageModel, mock, timeout } from 'lmdeck';
 *
 * const slow = mock({ outputs: [{ text: 'late', delayMs: 5000 }] });
 * const model = languageModel(slow, timeout({ firstTokenMs: 20 }));
 * const response = model.prompt('hi');
 * await response.text().catch(() => {});
 * console.log(response.error?.code, response.error?.data?.limit); // timeout firstTokenMs
 * ```
 */
export function timeout(defaults: Timeouts = {}): Wrapper {
  return (request, context, next) => {
    const limits: Limits = { ...DEFAULTS, ...defaults, ...context.timeouts };
    if (limits.firstTokenMs === 0 && limits.idleMs === 0 && limits.totalMs === 0) return next(request, context);
    return { [Symbol.asyncIterator]: () => new TimeoutIterator(request, context, next, limits) };
  };
}

class TimeoutIterator implements AsyncIterator<Item, undefined> {
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #next: Next;
  readonly #limits: Limits;
  readonly #controller = new AbortController();
  #inner: AsyncIterator<Item> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The one timer is set when it must be; later waits only move the end, so that a fast stream costs no timers. */
  #timerEndsAt = 0;
  #waitsUntil = Infinity;
  #totalEndsAt: number | undefined;
  #limit: LimitName = 'firstTokenMs';
  #begun = false;

  constructor(request: ModelRequest, context: CallContext, next: Next, limits: Limits) {
    this.#request = request;
    this.#context = context;
    this.#next = next;
    this.#limits = limits;
  }

  async next(): Promise<Result> {
    try {
      const inner = (this.#inner ??= this.#start());
      this.#arm();
      const item = await inner.next();
      this.#waitsUntil = Infinity;
      this.#begun = true;
      if (item.done === true) this.#settle();
      return item.done === true ? { done: true, value: undefined } : item;
    } catch (error) {
      this.#settle();
      throw error;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#settle();
    await this.#inner?.return?.();
    return { done: true, value: undefined };
  }

  #start(): AsyncIterator<Item> {
    const { signal } = this.#context;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
    return this.#next(this.#request, { ...this.#context, timeouts: this.#limits, signal: this.#controller.signal })[Symbol.asyncIterator]();
  }

  readonly #onAbort = (): void => this.#controller.abort(this.#context.signal.reason);

  /** Sets the end of this wait: what comes first of the event's limit and the call's. */
  #arm(): void {
    const now = performance.now();
    const name = this.#begun ? 'idleMs' : 'firstTokenMs';
    const { totalMs } = this.#limits;
    const event = this.#limits[name] === 0 ? Infinity : now + this.#limits[name];
    // The clock may be set while a call runs; how long it has been running already is asked for once.
    const total = totalMs === 0 ? Infinity : (this.#totalEndsAt ??= now + totalMs - Math.max(0, Date.now() - this.#context.startedAt));
    this.#limit = event <= total ? name : 'totalMs';
    this.#waitsUntil = Math.min(event, total);
    if (this.#timer === undefined || this.#timerEndsAt > this.#waitsUntil) this.#setTimer(now);
  }

  #setTimer(now: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waitsUntil === Infinity) return;
    this.#timerEndsAt = this.#waitsUntil;
    this.#timer = setTimeout(this.#onTimer, Math.max(0, Math.ceil(this.#waitsUntil - now)));
  }

  readonly #onTimer = (): void => {
    const now = performance.now();
    this.#timer = undefined;
    // Nobody waits (the reader is slow), or the wait that the timer was set for is over and another has begun.
    if (now < this.#waitsUntil) this.#setTimer(now);
    else this.#controller.abort(this.#error());
  };

  #error(): LmdeckError {
    const limit = this.#limit;
    const ms = this.#limits[limit];
    const what = {
      firstTokenMs: `no answer within ${ms} ms`,
      idleMs: `nothing came for ${ms} ms in the middle of the answer`,
      totalMs: `not done within ${ms} ms`,
    }[limit];
    return new LmdeckError('timeout', `${this.#context.model.id}: ${what}. Raise timeouts.${limit}, or set it to 0 for no limit.`, {
      retryable: limit !== 'totalMs',
      data: { limit, ms },
    });
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waitsUntil = Infinity;
    // A long-lived signal must not hold on to every call it once could have aborted.
    this.#context.signal.removeEventListener('abort', this.#onAbort);
  }
}
