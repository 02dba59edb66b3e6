import { LmdeckError, type TokenIds } from '../../core/index.ts';
import { truncateTokens, type TruncationSide } from '../../tokenize/index.ts';
import type { EncodedPair } from './encode-pair.ts';

/** What is sent to score a continuation. */
export interface LoglikelihoodInput {
  /** Context and continuation. */
  readonly tokens: TokenIds;
  /** How many of them are context; at least one. */
  readonly contextLength: number;
  /** How many tokens of the context were cut off. */
  readonly truncated: number;
}

export interface TruncateOptions {
  /** The most tokens that the model takes besides the one that it generates. */
  readonly maxLength: number;
  /** Where the context is cut. Default: `left`, as lm-evaluation-harness does for models behind an API. */
  readonly side?: TruncationSide;
}

/**
 * Makes a pair fit into the model's context by cutting tokens off the context, and says how many. A continuation that leaves no room for a
 * single token of context cannot be scored: an error of code `invalid-request` comes back, where lm-evaluation-harness stops with "Context
 * length must be greater than 0" or counts context tokens below zero.
 *
 * @example
 * ```ts
 * import { truncateLoglikelihood } from 'lmdeck/scoring';
 *
 * const pair = { context: [1, 2, 3, 4], continuation: [5, 6, 7] };
 * console.log(truncateLoglikelihood(pair, { maxLength: 5 })); // { tokens: [ 3, 4, 5, 6, 7 ], contextLength: 2, truncated: 2 }
 * ```
 */
export function truncateLoglikelihood(pair: EncodedPair, { maxLength, side }: TruncateOptions): LoglikelihoodInput | LmdeckError {
  const { context, continuation } = pair;
  const room = maxLength - continuation.length;
  if (context.length === 0 || room < 1)
    return new LmdeckError(
      'invalid-request',
      context.length === 0
        ? 'loglikelihood: there is no context token to predict the continuation from; give a prefix token.'
        : `loglikelihood: the continuation has ${continuation.length} tokens, and with at least one of context at most ${maxLength} fit.`,
      { data: { contextTokens: context.length, continuationTokens: continuation.length, maxLength } },
    );
  const kept = truncateTokens(context, room, side);
  return { tokens: [...kept, ...continuation], contextLength: kept.length, truncated: context.length - kept.length };
}
