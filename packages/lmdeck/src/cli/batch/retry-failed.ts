import type { Command, Invocation } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';
import { BatchRuns } from './batch-runs.ts';
import { executeRun } from './execute-run.ts';
import { refuseOfflineOnly, refuseOnlineOnly } from './one-way-options.ts';
import { handInOptions, workOptions } from './run-options.ts';
import { batchDeck, workOf } from './run-work-options.ts';
import { findRunView, runViews } from './run-view.ts';

export const retryFailedCommand: Command = {
  name: 'retry-failed',
  summary: 'Ask the failed rows of a run again',
  description:
    'Their new outcomes take the place of the old ones in the output. Running the same command again does this too, after the rows that are left.\n' +
    'Of a run of jobs, what failed or was lost is handed in again; lmdeck batch wait waits for it.',
  arguments: ['[run]'],
  options: [...workOptions, ...handInOptions],
  examples: [
    { command: 'lmdeck batch retry-failed', does: 'Of the last run' },
    { command: 'lmdeck batch retry-failed 01kab --concurrency 8' },
  ],
  run: retryFailed,
};

async function retryFailed(call: Invocation): Promise<number> {
  const { args, options, io } = call;
  const work = workOf(options);
  return withDeck(io, batchDeck(options, work), async (deck) => {
    const runs = new BatchRuns(deck.paths.home);
    const { run, kind } = findRunView(runViews(deck.paths.home, io), args[0] ?? 'latest');
    if (kind === 'online') refuseOfflineOnly(options);
    else refuseOnlineOnly(options, work);
    if (kind === 'online') return executeRun({ io, options, deck, runs, record: runs.get(run), isNew: false, work, only: 'failed' });
    const [{ workOnJobs }, { retryBatch }] = await Promise.all([import('./run-work.ts'), import('../../batch/index.ts')]);
    return workOnJobs(call, deck, run, retryBatch);
  });
}
