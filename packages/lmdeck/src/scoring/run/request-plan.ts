import type { Loglikelihood } from '../metrics/loglikelihood-metrics.ts';
import type { Question, Reply } from './question.ts';

/** The answer to one request. */
export interface Answered {
  readonly response: Loglikelihood | number | string;
  /** ULIDs of the calls it took. */
  readonly calls: readonly string[];
  /** What was not as it should be: tokens cut off, thinking cut off. */
  readonly notes: readonly string[];
  /** Tokens of the context that were cut off. */
  readonly truncatedTokens: number;
}

/** The calls that a request needs, and how its answer is made of the replies, which come in their order. */
export interface RequestPlan {
  readonly questions: readonly Question[];
  /** @throws LmdeckError when the replies do not answer the request. */
  answer(replies: readonly Reply[]): Answered;
}
