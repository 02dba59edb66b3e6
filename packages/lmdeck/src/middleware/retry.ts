import {
  asBatch,
  isContent,
  LmdeckError,
  type CallContext,
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
  /** How many attempts may follow the first. Default: 2. */
  readonly retries?: number;
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

type Item = ModelEvent | readonly ModelEvent[];
type Result = IteratorResult<Item, undefined>;
type Settings = Required<Omit<RetryOptions, 'onRetry'>> & Pick<RetryOptions, 'onRetry'>;

/** Node takes longer delays for 1 ms. */
const maxTimerMs = 2 ** 31 - 1;
const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Asks again after errors that are `retryable`, with exponential backoff, full jitter and respect for Retry-After. Never after the
 * first event with content: what precedes it (metadata, usage) is held back until then, so nothing is seen twice.
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
    baseMs: 500,
    maxMs: 30_000,
    maxRetryAfterMs: 60_000,
    budgetMs: Infinity,
    afterFirstToken: false,
    random: Math.random,
    ...options,
  };
  return (request, context, next) => ({ [Symbol.asyncIterator]: () => new RetryIterator(request, context, next, settings) });
}

class RetryIterator implements AsyncIterator<Item, undefined> {
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #next: Next;
  readonly #settings: Settings;
  readonly #startedAt = Date.now();
  /** The attempt under way. */
  #inner: AsyncIterator<Item> | undefined;
  #attempt = 0;
  /** The answer has begun to be given out: what the attempt brings is passed on as it is. */
  #passing = false;
  #closed = false;
  /** To be thrown next: what preceded it has just been given out. */
  #error: LmdeckError | undefined;
  #wake: (() => void) | undefined;

  constructor(request: ModelRequest, context: CallContext, next: Next, settings: Settings) {
    this.#request = request;
    this.#context = context;
    this.#next = next;
    this.#settings = settings;
  }

  next(): Promise<Result> {
    if (this.#passing && !this.#closed && this.#inner !== undefined) {
      const result = this.#inner.next();
      return this.#attempt === 1 ? result : result.catch((error: unknown) => Promise.reject(this.#last(error)));
    }
    if (this.#attempt > 0 || this.#closed) return this.#begin();
    // Nearly every call succeeds at once and begins with content: that way costs a single promise.
    const first = this.#start();
    return first.then(
      (item) => {
        if (item.done === true || this.#untilEnd || !asBatch(item.value).some(isContent)) return this.#begin(first);
        this.#passing = true;
        return item;
      },
      () => this.#begin(first),
    );
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#closed = true;
    this.#wake?.();
    await this.#inner?.return?.();
    return done;
  }

  get #untilEnd(): boolean {
    return this.#settings.afterFirstToken && !this.#context.stream;
  }

  /** Makes an attempt; resolves with its first item. */
  #start(): Promise<IteratorResult<Item>> {
    this.#attempt += 1;
    this.#context.trace.attempts += 1;
    try {
      return (this.#inner = this.#next(this.#request, this.#context)[Symbol.asyncIterator]()).next();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Attempts, until one brings content or the last one has failed. `first` belongs to an attempt that has been started already. */
  async #begin(first?: Promise<IteratorResult<Item>>): Promise<Result> {
    if (this.#error !== undefined) {
      this.#closed = true;
      const error = this.#error;
      this.#error = undefined;
      throw error;
    }
    for (let started = first; !this.#closed; started = undefined) {
      const held: ModelEvent[] = [];
      try {
        return await this.#read(started ?? this.#start(), held);
      } catch (thrown) {
        const error = LmdeckError.from(thrown);
        const delayMs = this.#delay(error);
        if (delayMs === undefined) return this.#giveUp(error, held);
        await this.#wait(error, delayMs);
      }
    }
    return done;
  }

  async #read(first: Promise<IteratorResult<Item>>, held: ModelEvent[]): Promise<Result> {
    for (let pending: Promise<IteratorResult<Item>> | undefined = first; ; pending = undefined) {
      const item = await (pending ?? this.#inner?.next() ?? done);
      if (item.done === true) {
        this.#closed = true;
        return held.length === 0 ? done : { done: false, value: held };
      }
      const batch = asBatch(item.value);
      if (!this.#untilEnd && batch.some(isContent)) {
        this.#passing = true;
        return { done: false, value: held.length === 0 ? item.value : [...held, ...batch] };
      }
      for (const event of batch) {
        if (event.type === 'error') {
          await this.#inner?.return?.();
          throw LmdeckError.fromInfo(event.error);
        }
        held.push(event);
      }
    }
  }

  /** What the last attempt brought is not lost: it goes out before the error. */
  #giveUp(thrown: LmdeckError, held: readonly ModelEvent[]): Result {
    const error = this.#last(thrown);
    if (held.length === 0) {
      this.#closed = true;
      throw error;
    }
    this.#error = error;
    return { done: false, value: held };
  }

  /** Until the next attempt; `undefined` when there is none. */
  #delay(error: LmdeckError): number | undefined {
    const { startedAt, signal, timeouts } = this.#context;
    const { retries, budgetMs } = this.#settings;
    // The reason of an abort may itself be retryable: a limit around all attempts that ran out.
    if (this.#closed || signal.aborted || this.#attempt > retries) return undefined;
    const delayMs = retryDelay({ ...this.#settings, attempt: this.#attempt, error });
    if (delayMs === undefined) return undefined;
    const end = Math.min(this.#startedAt + budgetMs, startedAt + (timeouts?.totalMs || Infinity));
    return Date.now() + delayMs < end ? delayMs : undefined;
  }

  async #wait(error: LmdeckError, delayMs: number): Promise<void> {
    const { callId, model, signal } = this.#context;
    const { onRetry, retries } = this.#settings;
    onRetry?.({ callId, modelId: model.id, attempt: this.#attempt, attempts: retries + 1, delayMs, error });
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, Math.min(delayMs, maxTimerMs));
      signal.addEventListener('abort', wake);
      this.#wake = wake;
    });
    if (!this.#closed && signal.aborted) {
      this.#closed = true;
      throw this.#last(LmdeckError.from(signal.reason, 'aborted'));
    }
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
