import { LmdeckError } from 'lmdeck/core';
import type { ControlledEvaluateIndexOutput, Token } from 'node-llama-cpp';

/** What servers write for minus infinity, which JSON has no number for. */
const LEAST_LOGPROB = -9999;

export interface TokenScore {
  readonly logprob: number;
  /** True for the one token that greedy sampling takes: the likeliest, among equals the one that the engine prefers. */
  readonly isGreedy: boolean;
}

/**
 * What the model says of some tokens in one place: the logarithm of the softmax, from the logits of these tokens and of the likeliest one,
 * and the sum of `exp(logit - greatest logit)` over the vocabulary; or from the probabilities of the whole vocabulary, the likeliest first.
 * @throws LmdeckError `internal` when the engine left something out.
 */
export function tokenScores(next: ControlledEvaluateIndexOutput['next'], tokens: readonly Token[]): ReadonlyMap<Token, TokenScore> {
  const { best, logprobOf } = next.probabilities === undefined ? fromLogits(next) : fromProbabilities(next.probabilities);
  return new Map(
    tokens.map((token) => {
      const logprob = logprobOf(token);
      if (Number.isNaN(logprob)) throw incomplete();
      return [token, { logprob: Math.max(LEAST_LOGPROB, logprob), isGreedy: token === best }];
    }),
  );
}

interface Place {
  readonly best: Token | undefined;
  readonly logprobOf: (token: Token) => number;
}

function fromLogits({ token: best, logits, totalLogitWeight }: ControlledEvaluateIndexOutput['next']): Place {
  const greatest = typeof best === 'number' ? logits?.get(best) : undefined;
  if (typeof best !== 'number' || logits === undefined || greatest === undefined || totalLogitWeight === undefined) throw incomplete();
  const normalizer = greatest + Math.log(totalLogitWeight);
  return { best, logprobOf: (token) => (logits.get(token) ?? Number.NaN) - normalizer };
}

/** They are 32-bit floats: the least of them are zero. */
function fromProbabilities(probabilities: ReadonlyMap<Token, number>): Place {
  const [best] = probabilities.keys();
  return { best, logprobOf: (token) => Math.log(probabilities.get(token) ?? Number.NaN) };
}

function incomplete(): LmdeckError {
  return new LmdeckError('internal', 'node-llama-cpp did not say what it was asked of a token, so the text cannot be scored.');
}
