import type { JsonValue } from '../../../core/index.ts';

/** A token of a given text, as a server tells it. */
export interface ServedToken {
  /** Absent for a first token that the server says nothing of. */
  readonly text: string | undefined;
  /** Nats; absent when the server gave none. */
  readonly logprob: number | undefined;
  /** Absent when the server does not list the likeliest tokens. */
  readonly isGreedy: boolean | undefined;
  readonly tokenId?: number;
  /** What the server wrote in place of a log-probability: `NaN`, `Infinity`. */
  readonly noNumber?: string | undefined;
}

/** What servers write for a probability of zero, because JSON has no infinity. */
const LEAST_LOGPROB = -9999;

/**
 * A log-probability as servers write it: a number, or a text for what JSON has no number for. Minus infinity, and what stands for it
 * (llama.cpp: the least float), becomes {@link LEAST_LOGPROB}, as vLLM and OpenAI write it. `undefined` for null, NaN and anything else.
 */
export function logprobValue(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.max(value, LEAST_LOGPROB) : undefined;
  return typeof value === 'string' && /^-inf(inity)?$/i.test(value) ? LEAST_LOGPROB : undefined;
}

/** What is written where a log-probability should be, if it is a word for something that is no number or none that can be meant. */
export function noNumber(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && /^(?:[-+]?nan|\+?inf(?:inity)?)$/i.test(value) ? value : undefined;
}

/** What {@link noNumber} is told as. */
export function noLogprob(word: string): string {
  return `the log-probability ${word}, which is no number: the computation of the model has gone wrong on the server (an overflow in half precision, for instance)`;
}
