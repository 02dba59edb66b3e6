import { LmdeckError } from '../../core/index.ts';
import { openKeys } from './open-keys.ts';
import { PartIndex } from './part-file.ts';
import type { RunContext } from './run-context.ts';

/**
 * Notes that nothing more comes of a job: the provider does not know it, or its results, any more. Its rows are told so and are not handed in again: it
 * may have answered them, and that is paid for.
 */
export async function noteGone(context: RunContext, number: number, what: 'job' | 'results'): Promise<void> {
  const { run, api } = context;
  const part = context.part(number);
  const { job = '' } = part;
  using index = await PartIndex.open(context.folder.part(number));
  const missing = openKeys(context, part, index).length;
  const record = { type: 'fetched', part: number, ok: index.size - missing, failed: 0, missing } as const;
  // What it brought was on the tape already.
  if (missing === 0) return context.add(record);
  const message =
    `${api.provider} knows ${what === 'job' ? `no job ${job}` : `no results of the job ${job}`} any more (HTTP 404): it was deleted, or is too old. ` +
    `Look again: lmdeck batch wait ${run}. To hand its rows in once more, and perhaps pay twice: lmdeck batch retry-failed ${run}`;
  const error = new LmdeckError('not-found', message, { status: 404, data: { run, job } }).toInfo();
  context.add({ ...record, gone: what, error });
  context.tell({ type: 'gone', run, part: number, job, rows: missing, message });
}
