import { LmdeckError, type JsonValue } from '../core/index.ts';
import type { FunctionResult } from './function-outcome.ts';
import type { FunctionStream } from './function-stream.ts';

type Steps = AsyncGenerator<JsonValue, FunctionResult<unknown>, undefined>;

/** A result that is read as it comes, by one reader; who wants the end reads what is left. */
export class ResultStream implements FunctionStream<JsonValue, unknown> {
  readonly #begin: (streams: boolean) => Steps;
  readonly #end = Promise.withResolvers<FunctionResult<unknown>>();
  #steps: Steps | undefined;
  #isDraining = false;

  constructor(begin: (streams: boolean) => Steps) {
    this.#begin = begin;
    // Who asks for the result gets the error.
    this.#end.promise.catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<JsonValue, void, undefined> {
    const steps = (this.#steps ??= this.#begin(true));
    let isLeft = true;
    try {
      for (let step = await this.#next(steps); step.done !== true; step = await this.#next(steps)) yield step.value;
      isLeft = false;
      await this.#end.promise;
    } finally {
      if (isLeft) {
        this.#end.reject(new LmdeckError('aborted', 'The reader of the result left before its end.'));
        await steps.return({ value: undefined, attempts: 0, callIds: [] });
      }
    }
  }

  async value(): Promise<unknown> {
    return (await this.result()).value;
  }

  result(): Promise<FunctionResult<unknown>> {
    if (!this.#isDraining) {
      this.#isDraining = true;
      this.#drain((this.#steps ??= this.#begin(false))).catch(() => undefined);
    }
    return this.#end.promise;
  }

  async #drain(steps: Steps): Promise<void> {
    while ((await this.#next(steps)).done !== true);
  }

  /** The first one to see the end tells it to all. */
  async #next(steps: Steps): Promise<IteratorResult<JsonValue, FunctionResult<unknown>>> {
    try {
      const step = await steps.next();
      if (step.done === true) this.#end.resolve(step.value);
      return step;
    } catch (error) {
      this.#end.reject(error);
      throw error;
    }
  }
}
