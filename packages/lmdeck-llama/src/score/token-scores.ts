import { LmdeckError } from 'lmdeck/core';
import type { ControlledEvaluateIndexOutput, Token } from 'node-llama-cpp';

/** What servers write for minus infinity, which JSON has no number for. */
const LEAST_LOGPROB = -9999;

export interface TokenScore {
  readonly logprob: number;
  /** True for the one token that greedy sampling takes: the likeliest, among equals that with the lowest id. */
  readonly isGreedy: boolean;
}

/**
 * What the model says of some tokens in one place: the logarithm of the softmax, from the logits of these tokens and of the likeliest one,
 * and the sum of `exp(logit - greatest logit)` over the vocabulary.
 * @throws LmdeckError `internal` when the engine left something out.
 */
export function tokenScores(
  { token: best, logits, totalLogitWeight }: ControlledEvaluateIndexOutput['next'],
  tokens: readonly Token[],
): ReadonlyMap<Token, TokenScore> {
  const greatest = typeof best === 'number' ? logits?.get(best) : undefined;
  if (logits === undefined || greatest === undefined || totalLogitWeight === undefined) throw incomplete();
  const normalizer = greatest + Math.log(totalLogitWeight);
  return new Map(
    tokens.map((token) => {
      const logit = logits.get(token);
      if (logit === undefined) throw incomplete();
      return [token, { logprob: Math.max(LEAST_LOGPROB, logit - normalizer), isGreedy: token === best }];
    }),
  );
}

function incomplete(): LmdeckError {
  return new LmdeckError('internal', 'node-llama-cpp did not tell the logits that it was asked for, so the text cannot be scored.');
}
