import { LmdeckError, type JsonValue } from '../core/index.ts';
import type { FunctionResult } from './function-outcome.ts';
import type { FunctionStream } from './function-stream.ts';

type Steps = AsyncGenerator<JsonValue, FunctionResult<unknown>, undefined>;

/** A result that is read as it comes, by one reader; who wants the end reads what is left. */
export class ResultStream implements FunctionStream<JsonValue, unknown> {
  readonly #begin: (streams: boolean) => Steps;
  #steps: Steps | undefined;
  #outcome: Promise<FunctionResult<unknown>> | undefined;

  constructor(begin: (streams: boolean) => Steps) {
    this.#begin = begin;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<JsonValue, void, undefined> {
    const steps = (this.#steps ??= this.#begin(true));
    let isLeft = true;
    try {
      for (;;) {
        const step = await steps.next();
        if (step.done === true) {
          this.#outcome ??= Promise.resolve(step.value);
          isLeft = false;
          return;
        }
        yield step.value;
      }
    } catch (error) {
      this.#fail(error);
      isLeft = false;
      throw error;
    } finally {
      if (isLeft) {
        this.#fail(new LmdeckError('aborted', 'The reader of the result left before its end.'));
        await steps.return({ value: undefined, attempts: 0, callIds: [] });
      }
    }
  }

  async value(): Promise<unknown> {
    return (await this.result()).value;
  }

  result(): Promise<FunctionResult<unknown>> {
    return (this.#outcome ??= this.#drain());
  }

  async #drain(): Promise<FunctionResult<unknown>> {
    const steps = (this.#steps ??= this.#begin(false));
    for (;;) {
      const step = await steps.next();
      if (step.done === true) return step.value;
    }
  }

  #fail(error: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = Promise.reject(LmdeckError.from(error));
    this.#outcome.catch(() => undefined);
  }
}
