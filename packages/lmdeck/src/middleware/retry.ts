import {
  asBatch,
  isContent,
  LmdeckError,
  type CallContext,
  type ErrorInfo,
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
  readonly #startedAt = performance.now();
  /** The attempt under way. */
  #inner: AsyncIterator<Item> | undefined;
  #attempt = 0;
  /** What an attempt gave before its first content, and all of it where an answer is held back until it is whole. */
  #held: ModelEvent[] = [];
  /** The answer has begun to be given out: from here on everything is just passed on. */
  #passing = false;
  #closed = false;

  constructor(request: ModelRequest, context: CallContext, next: Next, settings: Settings) {
    this.#request = request;
    this.#context = context;
    this.#next = next;
    this.#settings = settings;
  }

  next(): Promise<Result> {
    if (this.#closed) return Promise.resolve(done);
    if (this.#passing && this.#inner !== undefined) return this.#inner.next();
    return this.#begin();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#closed = true;
    await this.#inner?.return?.();
    return done;
  }

  /** Attempts until one has begun to answer; resolves with all that it gave so far. */
  async #begin(): Promise<Result> {
    for (;;) {
      try {
        const inner = (this.#inner ??= this.#start());
        const item = await inner.next();
        if (item.done === true) return this.#end();
        const batch = asBatch(item.value);
        if (this.#holdsAll || !batch.some(isContent)) {
          for (const event of batch) this.#held.push(event);
          continue;
        }
        this.#passing = true;
        return { done: false, value: this.#held.length === 0 ? batch : [...this.#held, ...batch] };
      } catch (error) {
        await this.#waitAfter(LmdeckError.from(error));
      }
    }
  }

  get #holdsAll(): boolean {
    return this.#settings.afterFirstToken && !this.#context.stream;
  }

  #start(): AsyncIterator<Item> {
    this.#attempt++;
    this.#held = [];
    this.#context.trace.attempts = this.#attempt;
    return this.#next(this.#request, this.#context)[Symbol.asyncIterator]();
  }

  #end(): Result {
    this.#closed = true;
    return this.#held.length === 0 ? done : { done: false, value: this.#held };
  }

  /** Waits for the next attempt. @throws the error when there is to be none. */
  async #waitAfter(error: LmdeckError): Promise<void> {
    this.#inner = undefined;
    const { retries, onRetry } = this.#settings;
    const { signal, callId, model } = this.#context;
    const delayMs =
      this.#attempt > retries || signal.aborted ? undefined : retryDelay({ ...this.#settings, attempt: this.#attempt, error });
    if (delayMs === undefined || delayMs >= this.#timeLeft()) throw this.#last(error);
    onRetry?.({ callId, modelId: model.id, attempt: this.#attempt, attempts: retries + 1, delayMs, error });
    await abortableWait(delayMs, signal);
  }

  #timeLeft(): number {
    const { budgetMs } = this.#settings;
    const totalMs = this.#context.timeouts?.totalMs;
    return Math.min(budgetMs, totalMs === undefined || totalMs === 0 ? Infinity : totalMs) - (performance.now() - this.#startedAt);
  }

  /** The error that ends the call, with the number of attempts in it. */
  #last(error: LmdeckError): LmdeckError {
    this.#closed = true;
    if (this.#attempt < 2) return error;
    const info: ErrorInfo = { ...error.toInfo(), data: { ...error.data, attempts: this.#attempt } };
    return new LmdeckError(error.code, `${error.message} (${this.#attempt} attempts)`, { ...info, cause: error });
  }
}

/** Waits, or rejects with the reason of the abort. */
function abortableWait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(LmdeckError.from(signal.reason, 'aborted'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
