import type { RateLimitKind } from '../../transport/index.ts';

/** How much a server takes. All of it optional. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  readonly requestsPerSecond?: number;
  /** Input and output together. */
  readonly tokensPerMinute?: number;
  readonly inputTokensPerMinute?: number;
  readonly outputTokensPerMinute?: number;
  /**
   * True: never more than that, whatever the server says. Default: what is given here is where to begin, and what the server says of its
   * limits counts.
   */
  readonly fixed?: boolean;
}

/** A time that only goes forward, and something to be woken by; to be replaced in tests. */
export interface LimiterClock {
  /** Milliseconds since some moment in the past. */
  now(): number;
  /** Calls `run` once after `ms`; returns what takes that back. */
  after(ms: number, run: () => void): () => void;
}

/** One limit as it is kept at the moment. */
export interface LimitState {
  readonly kind: RateLimitKind;
  readonly limit: number;
  /** The span that the limit is for, milliseconds: a minute or a second. */
  readonly spanMs: number;
  /** Where it is known from: what the limiter was given, or the headers of an answer. */
  readonly source: 'given' | 'server';
  /** How much of it was used within the last span, reservations of calls under way included. */
  readonly used: number;
}

/** What is counted together: a model, or all models of a server. */
export interface LaneState {
  /** The model's id; absent for the models of a server that are counted together. */
  readonly model?: string;
  readonly limits: readonly LimitState[];
  /** The pace that `rate-limit` errors have forced, while there is one. */
  readonly requestsPerMinute?: number;
  /** How long everything is held back because the server asked for it, milliseconds. */
  readonly heldMs?: number;
  readonly inFlight: number;
  readonly waiting: number;
}

/** A limiter at one moment, for displays. */
export interface LimiterState {
  readonly concurrency?: number;
  /** Calls that have been let through and have not ended. */
  readonly inFlight: number;
  readonly waiting: number;
  readonly lanes: readonly LaneState[];
}
