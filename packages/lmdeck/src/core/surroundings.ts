import type { AsyncLocalStorage } from 'node:async_hooks';
import { forcedReplay } from './forced-replay.ts';
import { surround } from './surround.ts';
import type { Next, Wrapper } from './wrapper.ts';

/** Made when somebody first surrounds calls: until then a call pays for one comparison. */
let scopes: AsyncLocalStorage<Wrapper> | undefined;

/**
 * Runs `work`; every call that is made in it goes through `wrapper` before anything else, whoever made the model and its wrappers. Calls of
 * other asynchronous work that runs at the same time are not concerned. Surroundings do not add up: the innermost one counts, and where
 * LMDECK_REPLAY is set none.
 *
 * @example
 * ```ts
 * import { languageModel, mock, surroundCalls, type Wrapper } from 'lmdeck';
 *
 * const asked: string[] = [];
 * const listen: Wrapper = (request, context, next) => {
 *   asked.push(context.model.id);
 *   return next(request, context);
 * };
 * const model = languageModel(mock({ outputs: ['ok'] }));
 * await surroundCalls(listen, () => model.prompt('hi').text());
 * await model.prompt('hi').text();
 * console.log(asked.length); // 1
 * ```
 */
export function surroundCalls<T>(wrapper: Wrapper, work: () => T): T {
  scopes ??= new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)<Wrapper>();
  return scopes.run(surround(wrapper), work);
}

/** The way into a model, through what surrounds the call. */
export function surrounded(run: Next): Next {
  const forced = forcedReplay(process.env);
  if (forced !== undefined) return (request, context) => forced(request, context, run);
  return (request, context) => {
    const around = scopes?.getStore();
    return around === undefined ? run(request, context) : around(request, context, run);
  };
}
