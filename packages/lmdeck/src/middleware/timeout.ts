import {
  LmdeckError,
  monotonicMs,
  type CallContext,
  type ModelEvent,
  type ModelRequest,
  type Next,
  type Timeouts,
  type Wrapper,
} from '../core/index.ts';

type Item = ModelEvent | readonly ModelEvent[];
type Result = IteratorResult<Item, undefined>;

const defaultFirstTokenMs = 600_000;
const defaultIdleMs = 120_000;

/** Node takes longer delays for 1 ms; 24 days and more are as good as none. */
const maxTimerMs = 2 ** 31 - 1;
const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Ends a call with `timeout` when it keeps its reader waiting for too long. Per attempt: `firstTokenMs` until the first event (where
 * the answer comes in one piece, that is the whole answer), `idleMs` between two events. For the call with all its
 * attempts: `totalMs`, counted from `context.startedAt`. The time that the reader takes for itself counts only into the total.
 * `connectMs` is kept by the transport (10 s); it gets there through the context.
 *
 * Limits of the call (`context.timeouts`) win over `defaults`, which win over 10 min to the first event, 2 min between events
 * and no total. `Infinity` switches a limit off; 0 counts as absent.
 *
 * Put it inside of `retry()`, so that every attempt gets its own limits.
 *
 * @throws LmdeckError `timeout` with `data.limit` (the name of the limit) and `data.limitMs`; retryable unless it was the total.
 *
 * @example
 * ```ts
 * import { languageModel, mock, timeout } from 'lmdeck';
 *
 * const model = languageModel(mock({ outputs: ['ok'] }), timeout({ firstTokenMs: 30_000, idleMs: 10_000 }));
 * console.log(await model.prompt('hi', { timeouts: { totalMs: 60_000 } }).text()); // ok
 * ```
 */
export function timeout(defaults: Timeouts = {}): Wrapper {
  const standard = limitsOf(defaults, undefined);
  return (request, context, next) => {
    const limits = context.timeouts === undefined ? standard : limitsOf(defaults, context.timeouts);
    if (limits.shortest > maxTimerMs) return next(request, { ...context, timeouts: limits.timeouts });
    return { [Symbol.asyncIterator]: () => new TimeoutIterator(request, context, next, limits) };
  };
}

interface Limits {
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly shortest: number;
  /** The same for the layers below. */
  readonly timeouts: Timeouts;
}

function limitsOf(defaults: Timeouts, given: Timeouts | undefined): Limits {
  const firstTokenMs = given?.firstTokenMs || defaults.firstTokenMs || defaultFirstTokenMs;
  const idleMs = given?.idleMs || defaults.idleMs || defaultIdleMs;
  const totalMs = given?.totalMs || defaults.totalMs || Infinity;
  const connectMs = given?.connectMs || defaults.connectMs;
  const timeouts = connectMs ? { firstTokenMs, idleMs, totalMs, connectMs } : { firstTokenMs, idleMs, totalMs };
  return { firstTokenMs, idleMs, totalMs, shortest: Math.min(firstTokenMs, idleMs, totalMs), timeouts };
}

/**
 * One timer at a time, and none is touched per event: it is set for the shortest limit that can come up, and when it fires early, because
 * events have come meanwhile or the limit of this wait is a longer one, it is set once more for the rest.
 */
class TimeoutIterator implements AsyncIterator<Item, undefined> {
  readonly #inner: AsyncIterator<Item>;
  readonly #context: CallContext;
  readonly #limits: Limits;
  readonly #controller = new AbortController();
  readonly #totalEnd: number;
  #limit: 'firstTokenMs' | 'idleMs' = 'firstTokenMs';
  #timer: NodeJS.Timeout | undefined;
  #waitingSince = 0;
  #reject: ((error: LmdeckError) => void) | undefined;
  #closed = false;

  constructor(request: ModelRequest, context: CallContext, next: Next, limits: Limits) {
    this.#context = context;
    this.#limits = limits;
    // The start of the call is a date; from here on the monotonic clock counts, which nobody sets back.
    this.#totalEnd = monotonicMs() + limits.totalMs - (Date.now() - context.startedAt);
    if (context.signal.aborted) this.#onAbort();
    this.#inner = next(request, { ...context, timeouts: limits.timeouts, signal: this.#controller.signal })[Symbol.asyncIterator]();
    context.signal.addEventListener('abort', this.#onAbort);
  }

  next(): Promise<Result> {
    if (this.#closed) return Promise.resolve(done);
    this.#waitingSince = monotonicMs();
    if (this.#timer === undefined) this.#arm(Math.min(this.#waitingSince + this.#limits.shortest, this.#totalEnd), this.#waitingSince);
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#inner.next().then(
        (item) => {
          this.#reject = undefined;
          this.#limit = 'idleMs';
          if (item.done === true) this.#close();
          resolve(item);
        },
        (error: unknown) => {
          this.#reject = undefined;
          this.#close();
          reject(error);
        },
      );
    });
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#close();
    await this.#inner.return?.();
    return done;
  }

  /** When the wait that is going on must be over. */
  #end(): number {
    return Math.min(this.#waitingSince + this.#limits[this.#limit], this.#totalEnd);
  }

  #arm(end: number, now: number): void {
    if (end - now <= maxTimerMs) this.#timer = setTimeout(this.#onTimer, Math.max(0, Math.ceil(end - now)));
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    // While the reader is busy there is nothing to limit; its next read sets the timer again.
    if (this.#reject === undefined) return;
    const end = this.#end();
    const now = monotonicMs();
    if (now < end) this.#arm(end, now);
    else this.#expire();
  };

  #expire(): void {
    const limit = this.#totalEnd <= this.#waitingSince + this.#limits[this.#limit] ? 'totalMs' : this.#limit;
    const error = timeoutError(this.#context.model.id, limit, this.#limits[limit]);
    const reject = this.#reject;
    this.#reject = undefined;
    this.#close();
    this.#controller.abort(error);
    reject?.(error);
    // A model that ignores the signal may never settle this; nobody waits for it.
    this.#inner.return?.().catch(() => undefined);
  }

  readonly #onAbort = (): void => {
    this.#controller.abort(this.#context.signal.reason);
  };

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#context.signal.removeEventListener('abort', this.#onAbort);
  }
}

function timeoutError(modelId: string, limit: 'firstTokenMs' | 'idleMs' | 'totalMs', limitMs: number): LmdeckError {
  const what = {
    firstTokenMs: `nothing of the answer has come within ${limitMs} ms`,
    idleMs: `the answer has stood still for ${limitMs} ms`,
    totalMs: `the call was not complete within ${limitMs} ms`,
  };
  return new LmdeckError('timeout', `${modelId}: ${what[limit]} (timeouts.${limit}). Raise the limit if that is usual for this model.`, {
    // When the time for all attempts is over, there is none left for another.
    retryable: limit !== 'totalMs',
    data: { limit, limitMs },
  });
}
