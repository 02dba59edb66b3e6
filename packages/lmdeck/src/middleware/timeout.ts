import {
  Aborter,
  EventPipe,
  eventPipe,
  LmdeckError,
  monotonicMs,
  offAbort,
  onAbort,
  type AbortListener,
  type CallContext,
  type EventItem,
  type EventReceiver,
  type ModelRequest,
  type Next,
  type Timeouts,
  type Wrapper,
} from '../core/index.ts';
import { Deadlines, type Deadline } from './deadlines.ts';

const defaultFirstTokenMs = 600_000;
const defaultIdleMs = 120_000;

/** The longest delay of a timer: 24 days and more are as good as none. */
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
  const deadlines = new Deadlines();
  return (request, context, next) => {
    const limits = context.timeouts === undefined ? standard : limitsOf(defaults, context.timeouts);
    if (limits.shortest > maxTimerMs) return next(request, { ...context, timeouts: limits.timeouts });
    return new TimedEvents(request, context, next, limits, deadlines);
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

/** One attempt. */
class TimedEvents extends EventPipe implements AbortListener, Deadline, EventReceiver {
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #next: Next;
  readonly #limits: Limits;
  readonly #deadlines: Deadlines;
  readonly #aborter = new Aborter();
  place = 0;
  #inner: EventPipe | undefined;
  #totalEnd = Infinity;
  #limit: 'firstTokenMs' | 'idleMs' = 'firstTokenMs';
  #waitingSince = 0;
  /** Who waits. */
  #receiver: EventReceiver | undefined;
  #closed = false;

  constructor(request: ModelRequest, context: CallContext, next: Next, limits: Limits, deadlines: Deadlines) {
    super();
    this.#request = request;
    this.#context = context;
    this.#next = next;
    this.#limits = limits;
    this.#deadlines = deadlines;
  }

  /** While the reader is busy there is nothing to limit. */
  get end(): number {
    return this.#receiver === undefined ? Infinity : Math.min(this.#waitingSince + this.#limits[this.#limit], this.#totalEnd);
  }

  pull(receiver: EventReceiver): void {
    if (this.#closed) return receiver.ended();
    this.#receiver = receiver;
    try {
      (this.#inner ?? this.#open()).pull(this);
    } catch (error) {
      this.failed(error);
    }
    // What came at once needs no clock.
    if (this.#receiver === undefined) return;
    this.#waitingSince = monotonicMs();
    this.#deadlines.expect(this.end, this.#waitingSince);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#close();
    await this.#inner?.return();
    return done;
  }

  received(item: EventItem): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#limit = 'idleMs';
    receiver?.received(item);
  }

  ended(): void {
    this.#close()?.ended();
  }

  failed(error: unknown): void {
    this.#close()?.failed(error);
  }

  expire(): void {
    const limit = this.#totalEnd <= this.#waitingSince + this.#limits[this.#limit] ? 'totalMs' : this.#limit;
    const error = timeoutError(this.#context.model.id, limit, this.#limits[limit]);
    const receiver = this.#close();
    this.#aborter.abort(error);
    receiver?.failed(error);
    // A model that ignores the signal may never settle this; nobody waits for it.
    this.#inner?.return().catch(() => undefined);
  }

  #open(): EventPipe {
    const { signal, startedAt } = this.#context;
    const { timeouts, totalMs } = this.#limits;
    // The start of the call is a date; from here on the monotonic clock counts, which nobody sets back.
    if (totalMs < Infinity) this.#totalEnd = monotonicMs() + totalMs - (Date.now() - startedAt);
    if (signal.aborted) this.handleEvent();
    else onAbort(signal, this);
    this.#deadlines.add(this);
    return (this.#inner = eventPipe(this.#next(this.#request, { ...this.#context, timeouts, signal: this.#aborter.signal })));
  }

  /** An abort from outside goes on. */
  handleEvent(): void {
    this.#aborter.abort(this.#context.signal.reason);
  }

  /** Returns who was waiting. */
  #close(): EventReceiver | undefined {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (!this.#closed) {
      this.#closed = true;
      this.#deadlines.delete(this);
      offAbort(this.#context.signal, this);
    }
    return receiver;
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
