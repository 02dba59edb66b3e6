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
