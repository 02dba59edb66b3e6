import { surround } from './surround.ts';
import type { Wrapper } from './wrapper.ts';

/** One promise for all: calls that wait for it go on in the order in which they came. */
let loading: Promise<typeof import('../testing/environment-replay.ts')> | undefined;

/**
 * The wrapper that LMDECK_REPLAY puts around every model; `undefined` when it is not set, which costs one look at the environment for each
 * model that is made. What replaying takes is loaded by the first call: core is below it, so this is the one import that goes up.
 */
export function forcedReplay(env: Readonly<Record<string, string | undefined>>): Wrapper | undefined {
  if ((env['LMDECK_REPLAY'] ?? '') === '') return undefined;
  return surround((request, context, next) => ({
    async *[Symbol.asyncIterator]() {
      const { environmentReplay } = await (loading ??= import('../testing/environment-replay.ts'));
      const wrapper = await environmentReplay(env);
      yield* wrapper(request, context, next);
    },
  }));
}
