import type { ModelEvents } from './model-event.ts';
import type { ModelRequest } from './model-request.ts';
import type { CallContext, Model } from './model.ts';
import { checkRequest } from './request-check.ts';
import { schemaInWords } from './schema-in-words.ts';
import { scoreBatches } from './score-batches.ts';

/** The rest of the chain, down to the model. */
export type Next = (request: ModelRequest, context: CallContext) => ModelEvents;

/**
 * A wrapper is a function from call to call: it may change the request, answer by itself, call `next` once, several
 * times or never, and look at every event that passes. Cache, replay, record, retry and timeouts have this one shape.
 *
 * @example
 * ```ts
 * import { languageModel, mock, type Wrapper } from 'lmdeck';
 *
 * const counts = new Map<string, number>();
 * const count: Wrapper = (request, context, next) => {
 *   counts.set(context.model.id, (counts.get(context.model.id) ?? 0) + 1);
 *   return next(request, context);
 * };
 * const model = languageModel(mock({ outputs: ['ok'] }), count);
 * await model.prompt('hi').text();
 * console.log(counts.get('mock')); // 1
 * ```
 */
export type Wrapper = (request: ModelRequest, context: CallContext, next: Next) => ModelEvents;

/** The wrappers around a model as one function; the first wrapper is the outermost. Scores go to the model's `scoreBatch`, if it has one. */
export function compose(model: Model, wrappers: readonly Wrapper[]): Next {
  const score = model.scoreBatch === undefined ? undefined : scoreBatches(model);
  let next: Next = (request, context) => {
    checkRequest(model, request);
    if (score !== undefined && request.continuation !== undefined) return score(request, context);
    return model.generate(schemaInWords(request, model.capabilities), context);
  };
  for (const wrapper of wrappers.toReversed()) {
    const inner = next;
    next = (request, context) => wrapper(request, context, inner);
  }
  return next;
}
