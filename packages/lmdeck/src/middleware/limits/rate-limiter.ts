import { isScoreRequest, LmdeckError, monotonicMs, type CallContext, type ModelRequest, type Wrapper } from '../../core/index.ts';
import { LimitedEvents } from './limited-events.ts';
import { Limiter } from './limiter.ts';
import type { LimiterClock, LimiterState, RateLimits } from './rate-limits.ts';

export interface RateLimiterOptions extends RateLimits {
  /** How many requests may be under way at once, those of all models together. */
  readonly concurrency?: number;
  /** Models, by id, that have limits of their own and are counted for themselves. */
  readonly models?: Readonly<Record<string, RateLimits>>;
  /** Counts every model for itself, as most providers do. Default: when no limit is given for all of them. */
  readonly perModel?: boolean;
  /**
   * The longest that calls wait because the server asked for it, milliseconds; if it asks for more, they fail with `rate-limit` and
   * `retryAfterMs`. Default: 60,000, like `retry()`.
   */
  readonly maxHoldMs?: number;
  /**
   * What part of a request a call is. Default: a score is its share of the texts that its model takes together, any other call is a whole
   * one.
   */
  readonly share?: (request: ModelRequest, context: CallContext) => number;
  /** For tests. */
  readonly clock?: LimiterClock;
}

/** Limits that are shared by everything that is wrapped with it. */
export interface RateLimiter {
  /** To be put around models, inside of `retry()` and outside of `timeout()`: waiting for a turn is not waiting for the model. */
  readonly wrapper: Wrapper;
  /** What is known, who is under way and who waits. */
  state(): LimiterState;
}

/**
 * Lets calls through to a server as fast as it takes them and not faster. One limiter for everything in the process that uses the server.
 *
 * - **Limits** are requests per minute or second, tokens per minute (together, or input and output apart) and requests at once. What is given
 *   is where to begin; what the server says in the heads of its answers counts (see `rateLimitFacts`). Without anything given it begins
 *   with a few calls at a time and goes by what the answers say.
 * - **Tokens** are reserved before a call by a guess that learns from the counts that answers bring, and settled when it ends, however it ends.
 *   A request that could never go fails at once.
 * - **`rate-limit` errors** hold back everything that is counted together, for as long as the server asks, and lower its pace, which then recovers.
 *   `retry()` leaves the wait to the limiter.
 * - **Turns**: calls without a `runId` go first, then the runs in turn; within a run first come, first served. Whoever waits can be aborted.
 *
 * @throws LmdeckError `usage` for a limit that is none. Calls throw `invalid-request` when they are larger than a limit, `rate-limit` when
 * the server asks for a longer wait than `maxHoldMs`.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { rateLimiter } from 'lmdeck/limits';
 *
 * const limiter = rateLimiter({ requestsPerMinute: 600, concurrency: 2 });
 * const [small, large] = ['small', 'large'].map((id) => languageModel(mock({ id, outputs: ['ok'] }), limiter.wrapper));
 * const answers = await Promise.all([small, small, large, large].map((model) => model?.prompt('hi').text()));
 * console.log(answers.length, limiter.state().inFlight); // 4 0
 * ```
 */
export function rateLimiter(options: RateLimiterOptions = {}): RateLimiter {
  const { concurrency = Infinity, models = {}, maxHoldMs = 60_000, share = shareOf, clock = realClock, perModel, ...limits } = options;
  check(limits);
  for (const each of Object.values(models)) check(each);
  if (!(concurrency >= 1)) throw wrong('concurrency', concurrency, 'a number from 1');
  const limiter = new Limiter({
    limits,
    models: new Map(Object.entries(models)),
    perModel: perModel ?? !LIMITS.some((name) => limits[name] !== undefined),
    concurrency,
    maxHoldMs,
    clock,
  });
  return {
    wrapper: (request, context, next) => new LimitedEvents(limiter, request, context, next, Math.min(concurrency, share(request, context))),
    state: () => limiter.state(),
  };
}

const LIMITS = ['requestsPerMinute', 'requestsPerSecond', 'tokensPerMinute', 'inputTokensPerMinute', 'outputTokensPerMinute'] as const;

const realClock: LimiterClock = {
  now: monotonicMs,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

function shareOf(request: ModelRequest, { model }: CallContext): number {
  return isScoreRequest(request) ? 1 / (model.capabilities.score?.batch ?? 1) : 1;
}

function check(limits: RateLimits): void {
  for (const name of LIMITS) {
    const limit = limits[name];
    if (limit !== undefined && !(limit > 0 && limit < Infinity)) throw wrong(name, limit, 'a number above 0');
  }
}

function wrong(name: string, value: number, expected: string): LmdeckError {
  return new LmdeckError('usage', `rateLimiter: ${name} must be ${expected}, not ${value}.`);
}
