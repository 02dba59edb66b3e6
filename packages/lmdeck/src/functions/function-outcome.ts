import type { ErrorInfo, Usage } from '../core/index.ts';

/** What a result took. */
export interface FunctionTrace {
  /** How often the model was asked, repairs and rounds of tool calls included. */
  readonly attempts: number;
  /** ULIDs of the calls, in order; the first is the parent of the others. */
  readonly callIds: readonly string[];
  /** Tokens of all calls together; a count that one of them did not report is absent. */
  readonly usage?: Usage;
  /** What had to be overlooked to read the answer as JSON; absent when it was JSON. */
  readonly leniencies?: readonly string[];
}

/** A result and what it took. */
export interface FunctionResult<Output> extends FunctionTrace {
  readonly value: Output;
}

/** What became of one input of `map`. There is one for every input, in their order. */
export type FunctionOutcome<Input, Output> =
  | (FunctionResult<Output> & { readonly status: 'ok'; readonly index: number; readonly input: Input })
  | { readonly status: 'error'; readonly index: number; readonly input: Input; readonly error: ErrorInfo }
  | { readonly status: 'cancelled'; readonly index: number; readonly input: Input };
