import type { Model } from '../core/index.ts';
import type { SchemaLike } from '../schema/index.ts';
import type { DeepPartial } from './deep-partial.ts';
import type { Explanation } from './explanation.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { FunctionOptions } from './function-options.ts';
import type { FunctionOutcome, FunctionResult } from './function-outcome.ts';
import type { FunctionStream } from './function-stream.ts';
import type { MapOptions } from './map-inputs.ts';

/** Any function type. */
export type AnyFunction = (...args: never[]) => unknown;

/** A function type as a model carries it out: with a promise of its result. One that returns a promise stays as it is, type parameters included. */
export type AsyncFunction<F extends AnyFunction> = F extends (...args: never[]) => Promise<unknown>
  ? F
  : (...args: Parameters<F>) => Promise<ReturnType<F>>;

/** A function without a model: call it with one. */
export interface TypedFunction<F extends AnyFunction, Input = Readonly<Record<string, unknown>>, Wire = Awaited<ReturnType<F>>> {
  (model: Model, options?: FunctionOptions): BoundFunction<F, Input, Wire>;
  readonly definition: FunctionDefinition;
  /** The same function with other defaults; what is given later wins. */
  withOptions(options: FunctionOptions): TypedFunction<F, Input, Wire>;
  /**
   * Gives type parameters their schemas, instead of having them found from the arguments.
   * @throws LmdeckError `usage` for a name that is not among its type parameters.
   */
  withTypes(types: Readonly<Record<string, SchemaLike>>): TypedFunction<F, Input, Wire>;
}

/** A function with its model: call it with its arguments. */
export type BoundFunction<F extends AnyFunction, Input, Wire> = AsyncFunction<F> &
  BoundMembers<Parameters<F>, Input, Awaited<ReturnType<F>>, Wire>;

/** What a bound function can besides being called. Errors are those of the call: see `llmFunction`. */
export interface BoundMembers<Arguments extends readonly unknown[], Input, Output, Wire> {
  /** The call with one object: the arguments by their names. */
  explicit(input: Input, options?: FunctionOptions): Promise<Output>;
  /** The call, with what it took. */
  run(...args: Arguments): Promise<FunctionResult<Output>>;
  /** The result as it comes. */
  stream(...args: Arguments): FunctionStream<DeepPartial<Wire>, Output>;
  /**
   * Many calls: an outcome for every input, in their order, `concurrency` (default 8) at a time, read as slowly as you like. A failure is an
   * outcome; only a source that throws ends it. Equal inputs are draws of their own. With `runId` and `tape` what the run has asked before is
   * not asked again, so a program that was stopped goes on where it was.
   */
  map(inputs: Iterable<Input> | AsyncIterable<Input>, options?: MapOptions): AsyncIterable<FunctionOutcome<Input, Output>>;
  /** What would be sent. */
  explain(...args: Arguments): Promise<Explanation>;
}
