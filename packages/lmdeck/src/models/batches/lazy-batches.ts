import type { BatchApi } from '../../core/index.ts';

/** What of a protocol is code that only those load who hand in jobs. */
export type BatchCalls = Required<Pick<BatchApi, 'encode' | 'submit' | 'find' | 'status' | 'results' | 'cancel' | 'account'>> &
  Pick<BatchApi, 'discard' | 'discardFile'>;

/** A {@link BatchApi} whose requests are made by code that is loaded with the first of them. */
export function lazyBatches(
  known: Pick<BatchApi, 'provider' | 'endpoint' | 'limits' | 'priceShare'>,
  load: () => Promise<BatchCalls>,
): BatchApi {
  let loaded: Promise<BatchCalls> | undefined;
  const calls = (): Promise<BatchCalls> => (loaded ??= load());
  return {
    ...known,
    encode: async (customId, request) => (await calls()).encode(customId, request),
    submit: async (lines, options) => (await calls()).submit(lines, options),
    find: async (label, options) => (await calls()).find(label, options),
    status: async (jobId, options) => (await calls()).status(jobId, options),
    async *results(job, options) {
      yield* (await calls()).results(job, options);
    },
    cancel: async (jobId, options) => (await calls()).cancel(jobId, options),
    discard: async (job, options) => (await calls()).discard?.(job, options),
    discardFile: async (file, options) => (await calls()).discardFile?.(file, options),
    account: async (options) => (await calls()).account(options),
  };
}
