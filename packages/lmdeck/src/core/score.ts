import type { LmdeckError } from './error.ts';
import type { Message } from './message.ts';
import type { Continuation, ModelRequest } from './model-request.ts';
import type { PromptOptions } from './prompt-options.ts';
import type { TokenIds } from './tokenizer.ts';
import type { TokenLogprob } from './token-logprob.ts';
import type { Usage } from './usage.ts';

/** What to score: how likely the model is to go on like this. */
export interface ScoreInput {
  /**
   * What stands before: text or token ids as they are, or messages that the model's chat template renders, with the
   * continuation as the assistant's answer. Empty: the text is scored from its beginning (after BOS where the model has one).
   */
  readonly context: string | TokenIds | readonly Message[];
  /** What is scored, not empty: token ids after a context of token ids, text after any other. */
  readonly continuation: Continuation;
}

/** How to score. Sampling options have no say; `options.extraBody` goes to the server. */
export type ScoreOptions = Pick<
  PromptOptions,
  'options' | 'signal' | 'apiKey' | 'headers' | 'timeouts' | 'runId' | 'parentCallId' | 'metadata' | 'log'
>;

/** The log-probability of a given text. */
export interface Score {
  /** Sum over the continuation's tokens, nats. */
  readonly logprob: number;
  /** True when every token of the continuation was the likeliest in its place; `undefined` when the model did not say so for all. */
  readonly isGreedy: boolean | undefined;
  /** The continuation's tokens; their texts joined are `overlap` and the continuation. */
  readonly tokens: readonly TokenLogprob[];
  /**
   * The end of the context, when the first token begins in it: the tokenizer made one token of text on both sides of the
   * seam. Its log-probability then counts whole.
   */
  readonly overlap?: string;
  /** Token counts, as far as the model reported them. */
  readonly usage?: Usage;
  /** ULID of the call. */
  readonly callId: string;
}

/** What a model found out about one text. */
export interface ScoredText {
  /**
   * The continuation's tokens, each with `isGreedy` where it is known. Their texts joined are the continuation, preceded by the end
   * of the context that the first token covers too; of the tokens that make up one character, the last one has it.
   */
  readonly tokens: readonly TokenLogprob[];
  /** The share of this text in what the call used, as far as it is known. */
  readonly usage?: Usage;
  readonly responseId?: string;
  readonly resolvedModel?: string;
}

/** A request that has a continuation. */
export type ScoreRequest = ModelRequest & { readonly continuation: Continuation };

/** The outcome of one request of a batch: one that cannot be scored (too long) does not spoil the others. */
export type ScoreOutcome = ScoredText | LmdeckError;
