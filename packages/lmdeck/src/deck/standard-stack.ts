import type { CallStore, Timeouts, Wrapper } from '../core/index.ts';
import { cache, record, replay, retry, timeout, type ReplayOptions, type RetryOptions } from '../middleware/index.ts';

/** What surrounds every model of a deck. */
export interface StandardStackOptions {
  /** What LMDECK_REPLAY asks for: answers before anything else is asked, see `forcedReplay`. */
  readonly forced?: Wrapper | undefined;
  /** Where calls are recorded; absent: nowhere. */
  readonly recordTo?: CallStore | undefined;
  /** Answers what was answered before. */
  readonly cacheFrom?: CallStore | undefined;
  /** Answers from here only. */
  readonly replayFrom?: { readonly store: CallStore; readonly options?: ReplayOptions } | undefined;
  /** False for calls that are made once. */
  readonly retry?: RetryOptions | false | undefined;
  readonly timeouts?: Timeouts | undefined;
  /** Holds back what is too much at once, see `rateLimiter`: inside of the retry, which leaves the wait after a `rate-limit` to it. */
  readonly limit?: Wrapper | undefined;
}

/**
 * The wrappers of every model of a deck, outermost first. The record sees one call with its final outcome, the answer from
 * the cache included; a call that is repeated gets its time limits anew at each attempt.
 */
export function standardStack({
  forced,
  recordTo,
  cacheFrom,
  replayFrom,
  retry: retries,
  timeouts,
  limit,
}: StandardStackOptions): readonly Wrapper[] {
  return [
    ...(forced === undefined ? [] : [forced]),
    ...(recordTo === undefined ? [] : [record(recordTo)]),
    ...(replayFrom === undefined ? [] : [replay(replayFrom.store, replayFrom.options)]),
    ...(cacheFrom === undefined || replayFrom !== undefined ? [] : [cache(cacheFrom, { write: recordTo !== undefined })]),
    ...(retries === false ? [] : [retry(retries)]),
    ...(limit === undefined ? [] : [limit]),
    timeout(timeouts),
  ];
}
