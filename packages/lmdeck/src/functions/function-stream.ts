import type { FunctionResult } from './function-outcome.ts';

/**
 * A result as it comes. Nothing is sent before it is read. Each step gives the value so far: one object that grows, so copy what you keep. When
 * an attempt fails, the next one begins anew.
 */
export interface FunctionStream<Partial, Output> extends AsyncIterable<Partial> {
  /** The whole, checked result; reads what was not read yet. */
  value(): Promise<Output>;
  result(): Promise<FunctionResult<Output>>;
}
