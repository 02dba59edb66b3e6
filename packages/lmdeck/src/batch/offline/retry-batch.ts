import { LmdeckError } from '../../core/index.ts';
import { claimed } from './claimed-run.ts';
import { lookForGoneJobs } from './look-at-jobs.ts';
import type { OfflineModel, OfflineOptions, OfflineStatus } from './offline-options.ts';
import { openKeys } from './open-keys.ts';
import { PartIndex } from './part-file.ts';
import { planRetry } from './plan-retry.ts';
import type { RunContext } from './run-context.ts';
import { isFinished, type PartState } from './run-state.ts';
import { statusOf } from './run-status.ts';
import { submitPlanned } from './submit-planned.ts';

/**
 * Hands in again what of a finished run has no answer: rows with an error, also a final one, and rows that no job brought, also those of a job that is
 * gone, which may be paid for twice. Rows that no job can ask stay as they are.
 * @throws LmdeckError `usage` for a run that is still open, or was cancelled; what the provider throws.
 */
export function retryBatch(run: string, model: OfflineModel, options: OfflineOptions): Promise<OfflineStatus> {
  return claimed(run, model, options, async (context) => {
    await lookForGoneJobs(context);
    const { state } = context;
    if (state.cancelled)
      throw new LmdeckError(
        'usage',
        `The batch run ${context.run} was cancelled: nothing more is handed in for it. Ask what is left at once: lmdeck batch run FILE --run ${context.run}`,
      );
    if (!isFinished(state))
      throw new LmdeckError('usage', `The batch run ${context.run} is still open. Wait for it first: lmdeck batch wait ${context.run}`);
    for (const part of state.parts) if (part.fetched !== undefined && part.fetched.retry === undefined) await planAgain(context, part);
    await submitPlanned(context);
    return statusOf(context.state);
  });
}

/** The journal says of the part what it said before, and that its failed rows are planned anew. */
async function planAgain(context: RunContext, part: PartState): Promise<void> {
  const { fetched } = part;
  if (fetched === undefined || fetched.failed + fetched.missing === 0) return;
  using index = await PartIndex.open(context.folder.part(part.part));
  const open = openKeys(context, part, index);
  if (open.length === 0) return;
  const retry = await planRetry(context, part, index, open, false);
  context.add({ ...fetched, failed: 0, missing: fetched.failed + fetched.missing, retry: { ...retry, failedToo: true } });
}
