import {
  asBatch,
  EventPipe,
  eventPipe,
  isBatch,
  isContent,
  LmdeckError,
  type CallContext,
  type EventItem,
  type EventReceiver,
  type ModelEvent,
  type ModelRequest,
  type Next,
  type Wrapper,
} from '../core/index.ts';
import { retryDelay } from '../transport/index.ts';

/** What {@link RetryOptions.onRetry} is told before a wait. */
export interface RetryInfo {
  readonly callId: string;
  readonly modelId: string;
  /** How many attempts have failed so far. */
  readonly attempt: number;
  /** How many there will be at most. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly error: LmdeckError;
}

export interface RetryOptions {
  /** How many attempts may follow the first, those after a `rate-limit` not counted. Default: 2. */
  readonly retries?: number;
  /**
   * How many attempts may follow a `rate-limit`: it says that the call came too soon, and nothing of the server or the call. Default: 6, or
   * none when `retries` is 0.
   */
  readonly rateLimitRetries?: number;
  /** Upper bound of the first wait, milliseconds; doubles with every failure. Default: 500. */
  readonly baseMs?: number;
  /** Upper bound of any wait that the server did not ask for, milliseconds. Default: 30,000. */
  readonly maxMs?: number;
  /** The longest wait that a server may ask for, milliseconds; more ends the call. Default: 60,000. */
  readonly maxRetryAfterMs?: number;
  /** Time for all attempts and waits, milliseconds: no attempt starts later than that. Default: no limit but `timeouts.totalMs`. */
  readonly budgetMs?: number;
  /**
   * Also ask again when an answer broke off in the middle: it is paid for twice. Only where nobody reads piece by piece
   * (`context.stream` is false): the answer is then held back until it is whole, so the pieces of a failed attempt never
   * show. A reader of pieces has them already, and no retry can take them back. Default: false.
   */
  readonly afterFirstToken?: boolean;
  readonly onRetry?: (info: RetryInfo) => void;
  /** Uniform in [0, 1), for the jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

type Settings = Required<Omit<RetryOptions, 'onRetry'>> & Pick<RetryOptions, 'onRetry'>;

/** Node takes longer delays for 1 ms. */
const maxTimerMs = 2 ** 31 - 1;
const done: IteratorReturnResult<undefined> = { done: true, value: undefined };
/** Never changed. */
const none: ModelEvent[] = [];

/**
 * Asks again after errors that are `retryable`, with exponential backoff, full jitter and respect for Retry-After. Never after the
 * first event with content: what precedes it (metadata, usage) is held back until then, so nothing is seen twice.
 * Attempts after `rate-limit` errors have a budget and a backoff of their own; where a `rateLimiter()` inside holds the call back, this layer does not wait as well.
 * A wait ends at once when the call is aborted, and is not begun when its end lies behind `budgetMs` or `timeouts.totalMs`.
 *
 * The error of the last attempt is thrown; after more than one attempt its `data.attempts` and its message say how many.
 * Put it outside of `timeout()`, so that every attempt gets its own limits.
 *
 * @example
 * ```ts
 * import { languageModel, mock, retry } from 'lmdeck';
 *
 * const model = languageModel(mock({ outputs: ['ok'] }), retry({ retries: 4, budgetMs: 60_000 }));
 * console.log(await model.prompt('hi').text()); // ok
 * ```
 */
export function retry(options: RetryOptions = {}): Wrapper {
  const settings: Settings = {
    retries: 2,
    rateLimitRetries: options.retries === 0 ? 0 : 6,
    baseMs: 500,
    maxMs: 30_000,
    maxRetryAfterMs: 60_000,
    budgetMs: Infinity,
    afterFirstToken: false,
    random: Math.random,
    ...options,
  };
  return (request, context, next) => new RetriedEvents(request, context, next, settings);
}

class RetriedEvents extends EventPipe implements EventReceiver {
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #next: Next;
  readonly #settings: Settings;
  #startedAt = 0;
  #attempt = 0;
  /** Those of them that came too soon. */
  #limited = 0;
  /** The attempt under way. */
  #inner: EventPipe | undefined;
  #receiver: EventReceiver | undefined;
  /** What an attempt brought before its first content. */
  #held: ModelEvent[] = none;
  /** The answer has begun to be given out: what the attempt brings is passed on as it is. */
  #passing = false;
  #closed = false;
  /** To be thrown next: what preceded it has just been given out. */
  #error: LmdeckError | undefined;
  #wake: (() => void) | undefined;

  constructor(request: ModelRequest, context: CallContext, next: Next, settings: Settings) {
    super();
    this.#request = request;
    this.#context = context;
    this.#next = next;
    this.#settings = settings;
  }

  pull(receiver: EventReceiver): void {
    // Nearly every call succeeds at once: then this layer is asked for its first item and is not there any more.
    if (this.#passing && this.#attempt === 1 && !this.#closed && this.#inner !== undefined) return this.#inner.pull(receiver);
    this.#receiver = receiver;
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) receiver.failed(error);
    else if (this.#closed) receiver.ended();
    else if (this.#passing) this.#inner?.pull(this);
    else this.#start();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#closed = true;
    this.#wake?.();
    await this.#inner?.return();
    return done;
  }

  received(item: EventItem): void {
    if (this.#passing) return this.#receiver?.received(item);
    if (this.#untilEnd || !hasContent(item)) return this.#hold(asBatch(item));
    this.#passing = true;
    this.#receiver?.received(this.#held.length === 0 ? item : [...this.#held, ...asBatch(item)]);
  }

  ended(): void {
    this.#closed = true;
    if (this.#passing || this.#held.length === 0) this.#receiver?.ended();
    else this.#receiver?.received(this.#held);
  }

  failed(thrown: unknown): void {
    const error = LmdeckError.from(thrown);
    try {
      const delayMs = this.#passing ? undefined : this.#delay(error);
      if (delayMs === undefined) this.#giveUp(error);
      else this.#wait(error, delayMs);
    } catch (defect) {
      // In `onRetry` or `random`.
      this.#giveUp(LmdeckError.from(defect));
    }
  }

  get #untilEnd(): boolean {
    return this.#settings.afterFirstToken && !this.#context.stream;
  }

  /** Makes an attempt. */
  #start(): void {
    if (this.#attempt === 0 && this.#settings.budgetMs < Infinity) this.#startedAt = Date.now();
    this.#attempt += 1;
    this.#context.trace.attempts += 1;
    this.#held = none;
    try {
      this.#inner = eventPipe(this.#next(this.#request, this.#context));
      this.#inner.pull(this);
    } catch (error) {
      this.failed(error);
    }
  }

  #hold(batch: readonly ModelEvent[]): void {
    if (this.#held === none) this.#held = [];
    for (const event of batch) {
      if (event.type === 'error') return void this.#discard(LmdeckError.fromInfo(event.error));
      this.#held.push(event);
    }
    this.#inner?.pull(this);
  }

  /** An attempt that says that it has failed: it is left, and another one made. */
  async #discard(error: LmdeckError): Promise<void> {
    try {
      await this.#inner?.return();
      this.failed(error);
    } catch (inner) {
      this.failed(inner);
    }
  }

  /** What the last attempt brought is not lost: it goes out before the error. */
  #giveUp(thrown: LmdeckError): void {
    this.#closed = true;
    const error = this.#last(thrown);
    if (this.#passing || this.#held.length === 0) return this.#receiver?.failed(error);
    this.#error = error;
    this.#receiver?.received(this.#held);
  }

  /** Until the next attempt; `undefined` when there is none. */
  #delay(error: LmdeckError): number | undefined {
    const { startedAt, signal, timeouts, trace } = this.#context;
    const { retries, rateLimitRetries, budgetMs } = this.#settings;
    const isLimited = error.code === 'rate-limit';
    if (isLimited) this.#limited++;
    const failed = isLimited ? this.#limited : this.#attempt - this.#limited;
    // The reason of an abort may itself be retryable: a limit around all attempts that ran out.
    if (this.#closed || signal.aborted || failed > (isLimited ? rateLimitRetries : retries)) return undefined;
    const delayMs = retryDelay({ ...this.#settings, attempt: failed, error });
    if (delayMs === undefined) return undefined;
    const end = Math.min(this.#startedAt + budgetMs, startedAt + (timeouts?.totalMs || Infinity));
    if (Date.now() + delayMs >= end) return undefined;
    return isLimited && trace.paced === true ? 0 : delayMs;
  }

  /** How many attempts there will be at most. */
  get #most(): number {
    const { retries, rateLimitRetries } = this.#settings;
    return 1 + (this.#limited === 0 ? retries : this.#limited === this.#attempt ? rateLimitRetries : retries + rateLimitRetries);
  }

  #wait(error: LmdeckError, delayMs: number): void {
    const { callId, model, signal } = this.#context;
    const { onRetry } = this.#settings;
    this.#held = none;
    onRetry?.({ callId, modelId: model.id, attempt: this.#attempt, attempts: this.#most, delayMs, error });
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      this.#wake = undefined;
      if (this.#closed) this.#receiver?.ended();
      else if (signal.aborted) this.#giveUp(LmdeckError.from(signal.reason, 'aborted'));
      else this.#start();
    };
    const timer = setTimeout(wake, Math.min(delayMs, maxTimerMs));
    signal.addEventListener('abort', wake);
    this.#wake = wake;
  }

  #last(thrown: unknown): LmdeckError {
    const error = LmdeckError.from(thrown);
    if (this.#attempt <= 1) return error;
    const attempts = this.#attempt;
    return new LmdeckError(error.code, `${error.message} (after ${attempts} attempts)`, {
      ...error.toInfo(),
      data: { ...error.data, attempts },
      cause: error,
    });
  }
}

function hasContent(item: EventItem): boolean {
  if (!isBatch(item)) return isContent(item);
  for (const event of item) if (isContent(event)) return true;
  return false;
}
