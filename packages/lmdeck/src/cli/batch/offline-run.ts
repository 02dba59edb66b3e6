import { batchStatus, makeOutputFolder, refuseSameFile, runOffline, type BatchWork } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Invocation } from '../args/command.ts';
import type { BatchSettings } from './batch-record.ts';
import type { BatchRuns } from './batch-runs.ts';
import { chosenRun, refuseForeign } from './chosen-run.ts';
import { deliver } from './deliver.ts';
import { jobLimits } from './offline-options.ts';
import { refuseOnlineOnly } from './one-way-options.ts';
import { offlineRows } from './offline-rows.ts';
import { tellJobs } from './report-jobs.ts';
import { sourceOf } from './source-of.ts';
import { withJobs } from './with-jobs.ts';

/** Hands rows in as jobs, waits for their outcomes and writes them: `lmdeck batch run --offline`. @returns the exit code. */
export async function offlineRun(call: Invocation, deck: Deck, runs: BatchRuns, given: BatchSettings, work: BatchWork): Promise<number> {
  const { options, io } = call;
  refuseOnlineOnly(options, work);
  const { settings, model, rows } = await offlineRows(given, deck, io);
  const { output, source } = settings;
  const { record, isNew } = chosenRun(settings, options, runs);
  if (isNew) refuseForeign(output, options);
  if (output !== undefined && output !== '-') {
    refuseSameFile(sourceOf(settings, io), output);
    makeOutputFolder(output);
  }
  return withJobs(
    call,
    deck,
    async ({ offline, run }) => {
      const outcomes = runOffline(rows(), model, {
        ...offline,
        source,
        limits: jobLimits(options),
        again: options.flag('new'),
        previous: isNew ? undefined : record.run,
      });
      const delivered = await deliver(outcomes, settings, io);
      const status = await batchStatus(run() ?? record.run, offline);
      return tellJobs(call, status, { ...delivered, output }, deck);
    },
    undefined,
    (run) => noteRun(runs, run, settings),
  );
}

/** Notes what a run of jobs is, before anything of it is handed in. */
export function noteRun(runs: BatchRuns, run: string, settings: BatchSettings): void {
  const before = runs.find(run);
  const { startedAt = Date.now(), tally } = before ?? {};
  const written = new Set([...(before?.written ?? []), ...(before?.settings.output === undefined ? [] : [before.settings.output])]);
  if (settings.output !== undefined) written.delete(settings.output);
  runs.write({
    run,
    settings: { ...settings, offline: true },
    startedAt,
    status: 'running',
    ...(tally === undefined ? {} : { tally }),
    ...(written.size === 0 ? {} : { written: [...written] }),
  });
}
