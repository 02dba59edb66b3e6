import { isScoreRequest, type Wrapper } from '../core/index.ts';
import { limitConcurrency } from '../middleware/index.ts';
import type { DeckEndpoint } from './endpoints.ts';

/** One limit for each server, shared by all models that it has. */
export class EndpointLimits {
  readonly #byServer = new Map<string, Wrapper>();

  of({ name, concurrency = Infinity, batchPrompts = 1 }: DeckEndpoint): Wrapper {
    const key = `${name} ${concurrency} ${batchPrompts}`;
    let limit = this.#byServer.get(key);
    if (limit === undefined) {
      limit = limitConcurrency({
        limit: concurrency,
        // Calls that share a request share its place.
        share: (request, { model, stream }) => {
          if (isScoreRequest(request)) return 1 / (model.capabilities.score?.batch ?? 1);
          return request.messages[0]?.role === 'raw' && !stream ? 1 / batchPrompts : 1;
        },
      });
      this.#byServer.set(key, limit);
    }
    return limit;
  }
}
