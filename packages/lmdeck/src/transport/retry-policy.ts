export interface RetryDelayInput {
  /** How many attempts have failed so far, at least 1. */
  readonly attempt: number;
  readonly error: { readonly retryable: boolean; readonly retryAfterMs?: number | undefined };
  /** Upper bound of the wait after the first failure, milliseconds; doubles with every further one. */
  readonly baseMs: number;
  /** Upper bound of the wait after any failure, as long as the server does not ask for more. */
  readonly maxMs: number;
  /** The longest wait that a server may ask for. */
  readonly maxRetryAfterMs: number;
  /** Uniform in [0, 1). Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * How long to wait before the next attempt, in milliseconds; `undefined` when there should be none: the error is not
 * retryable, or the server asks for a longer wait than `maxRetryAfterMs`.
 *
 * Exponential backoff with full jitter (Marc Brooker, "Exponential Backoff And Jitter", AWS, 2015): uniform between 0 and the bound,
 * so that clients which failed together do not come back together. What the server asks for is the least wait; the
 * jitter comes on top of it, for the same reason.
 */
export function retryDelay({ attempt, error, baseMs, maxMs, maxRetryAfterMs, random = Math.random }: RetryDelayInput): number | undefined {
  if (!error.retryable) return undefined;
  const asked = error.retryAfterMs ?? 0;
  if (asked > maxRetryAfterMs) return undefined;
  const bound = Math.min(maxMs, baseMs * 2 ** (attempt - 1));
  return Math.round(asked + random() * bound);
}
