import type { BatchJob } from '../../core/index.ts';

/** True for a job that failed because the provider's queue had no room for it: nothing was wrong with it. */
export function isCrowded({ state, errors = [] }: BatchJob): boolean {
  return state === 'failed' && errors.some(({ data }) => /token_limit|rate_limit|enqueued/i.test(JSON.stringify(data ?? {})));
}
