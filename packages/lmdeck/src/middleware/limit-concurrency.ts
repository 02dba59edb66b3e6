import {
  isScoreRequest,
  LmdeckError,
  type CallContext,
  type ModelEvent,
  type ModelRequest,
  type Next,
  type Wrapper,
} from '../core/index.ts';

export interface LimitConcurrencyOptions {
  /** How many requests may be under way at once. */
  readonly limit: number;
  /**
   * What part of a request a call is. Default: a score is its share of the texts that its model takes together, any other call is a whole
   * one.
   */
  readonly share?: (request: ModelRequest, context: CallContext) => number;
}

type Item = ModelEvent | readonly ModelEvent[];
type Result = IteratorResult<Item, undefined>;

/** Shares like 1/3 do not add up to 1 exactly. */
const EPSILON = 1e-9;
const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Lets so many calls at once through to the model; the others wait, first come, first served, and can be aborted meanwhile. A call that
 * waits before a repetition holds no place. Use one such wrapper for all models of a server, so that they share the limit.
 *
 * Put it inside of `retry()` and outside of `timeout()`: waiting for a place is not waiting for the model.
 *
 * @throws LmdeckError `usage` for a limit below 1.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { limitConcurrency } from 'lmdeck/middleware';
 *
 * const limit = limitConcurrency({ limit: 2 });
 * const [small, large] = ['small', 'large'].map((id) => languageModel(mock({ id, outputs: ['ok'] }), limit));
 * const answers = await Promise.all([small, small, large, large].map((model) => model?.prompt('hi').text()));
 * console.log(answers.length); // 4
 * ```
 */
export function limitConcurrency({ limit, share = shareOf }: LimitConcurrencyOptions): Wrapper {
  if (!(limit >= 1)) throw new LmdeckError('usage', `limitConcurrency: the limit must be a number from 1, not ${limit}.`);
  const places = new Places(limit);
  return (request, context, next) => ({
    [Symbol.asyncIterator]: () => new Limited(places, Math.min(limit, share(request, context)), request, context, next),
  });
}

function shareOf(request: ModelRequest, { model }: CallContext): number {
  return isScoreRequest(request) ? 1 / (model.capabilities.score?.batch ?? 1) : 1;
}

/** A number of places, or parts of them, that are taken and given back. */
class Places {
  #free: number;
  #waiting: { readonly size: number; readonly give: () => void }[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Takes a place at once if one is free and nobody was here before. */
  tryTake(size: number): boolean {
    if (this.#waiting.length > 0 || this.#free + EPSILON < size) return false;
    this.#free -= size;
    return true;
  }

  /** @throws LmdeckError the reason of the signal. */
  take(size: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(LmdeckError.from(signal.reason, 'aborted'));
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        reject(LmdeckError.from(signal.reason, 'aborted'));
        // Whoever stands behind may fit in now.
        this.#serve();
      };
      const waiting = {
        size,
        give: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
    });
  }

  giveBack(size: number): void {
    this.#free += size;
    this.#serve();
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first !== undefined && this.#free + EPSILON >= first.size; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= first.size;
      first.give();
    }
  }
}

/** A call that has its place from its first read to its end. */
class Limited implements AsyncIterator<Item, undefined> {
  readonly #places: Places;
  readonly #size: number;
  readonly #start: () => AsyncIterator<Item>;
  readonly #signal: AbortSignal;
  #inner: AsyncIterator<Item> | undefined;
  #state: 'new' | 'holding' | 'over' = 'new';

  constructor(places: Places, size: number, request: ModelRequest, context: CallContext, next: Next) {
    this.#places = places;
    this.#size = size;
    this.#signal = context.signal;
    this.#start = () => next(request, context)[Symbol.asyncIterator]();
  }

  next(): Promise<Result> {
    if (this.#state === 'holding') return this.#read();
    if (this.#state === 'over') return Promise.resolve(done);
    if (this.#places.tryTake(this.#size)) return this.#begin();
    return this.#places.take(this.#size, this.#signal).then(() => {
      // The reader may have left while the call waited.
      if (this.#state === 'new') return this.#begin();
      this.#places.giveBack(this.#size);
      return done;
    });
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    try {
      await this.#inner?.return?.();
    } finally {
      this.#end();
    }
    return done;
  }

  #begin(): Promise<Result> {
    this.#state = 'holding';
    return this.#read();
  }

  #read(): Promise<Result> {
    try {
      return (this.#inner ??= this.#start()).next().then(this.#onItem, this.#onError);
    } catch (error) {
      return this.#onError(error);
    }
  }

  readonly #onItem = (item: IteratorResult<Item>): Result => {
    if (item.done !== true) return item;
    this.#end();
    return done;
  };

  readonly #onError = (error: unknown): Promise<never> => {
    this.#end();
    return Promise.reject(error);
  };

  #end(): void {
    if (this.#state === 'holding') this.#places.giveBack(this.#size);
    this.#state = 'over';
  }
}
