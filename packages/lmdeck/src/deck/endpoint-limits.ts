import { isScoreRequest, type CallContext, type ModelRequest } from '../core/index.ts';
import type { RateLimiter, RateLimits } from '../middleware/limits/index.ts';
import type { DeckEndpoint } from './endpoints.ts';

/** True when calls to the endpoint are held back: it has limits, or as a provider's will tell them. */
export function isLimited({ concurrency, limits, models = [], needsKey }: DeckEndpoint): boolean {
  if (concurrency !== undefined || models.some((model) => model.limits !== undefined)) return true;
  return limits === undefined ? needsKey : limits !== false;
}

/** One limiter for each server, shared by everything that asks it. */
export class EndpointLimits {
  readonly #byServer = new Map<string, Promise<RateLimiter>>();
  readonly #maxHoldMs: number | undefined;

  /** @param maxHoldMs see `rateLimiter`. */
  constructor(maxHoldMs?: number) {
    this.#maxHoldMs = maxHoldMs;
  }

  of(endpoint: DeckEndpoint): Promise<RateLimiter> {
    const { name, concurrency, limits, batchPrompts = 1, models = [] } = endpoint;
    const own = models.flatMap((model) => (model.limits === undefined ? [] : [[`${name}/${model.id}`, model.limits] as const]));
    const key = JSON.stringify([name, concurrency, limits, batchPrompts, own]);
    let limiter = this.#byServer.get(key);
    if (limiter === undefined) this.#byServer.set(key, (limiter = make(endpoint, Object.fromEntries(own), this.#maxHoldMs)));
    return limiter;
  }
}

async function make(
  { concurrency, limits = {}, batchPrompts = 1 }: DeckEndpoint,
  models: Readonly<Record<string, RateLimits>>,
  maxHoldMs: number | undefined,
): Promise<RateLimiter> {
  // Late: a process that makes one call to a server without limits does without.
  const { rateLimiter } = await import('../middleware/limits/index.ts');
  return rateLimiter({
    ...(limits === false ? {} : limits),
    ...(concurrency === undefined ? {} : { concurrency }),
    models,
    ...(maxHoldMs === undefined ? {} : { maxHoldMs }),
    // Calls that share a request share its place.
    share: (request: ModelRequest, { model, stream }: CallContext) => {
      if (isScoreRequest(request)) return 1 / (model.capabilities.score?.batch ?? 1);
      return request.messages[0]?.role === 'raw' && !stream ? 1 / batchPrompts : 1;
    },
  });
}
