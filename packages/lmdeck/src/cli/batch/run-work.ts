import { batchStatus, type OfflineModel, type OfflineOptions, type OfflineStatus } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Invocation } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';
import { runsFolder } from './offline-options.ts';
import { BatchRuns } from './batch-runs.ts';
import { reportJobs } from './report-jobs.ts';
import { withJobs } from './with-jobs.ts';

type Work = (run: string, model: OfflineModel, options: OfflineOptions) => Promise<OfflineStatus>;

/** Does something with a run of jobs that is named, tells how it stands, and writes its outcomes where that is asked for. */
export function workOnRun(call: Invocation, work: Work): Promise<number> {
  const { args, options, io } = call;
  const [given = 'latest'] = args;
  const tape = options.text('database');
  return withDeck(io, { log: true, ...(tape === undefined ? {} : { tape }) }, (deck) => workOnJobs(call, deck, given, work));
}

export async function workOnJobs(call: Invocation, deck: Deck, given: string, work: Work): Promise<number> {
  const { run, model } = await batchStatus(given, { folder: runsFolder(deck), tape: await deck.tape() });
  // A file that describes the model says more than its id.
  const named = new BatchRuns(deck.paths.home).find(run)?.settings.model ?? model;
  return withJobs(
    call,
    deck,
    async ({ offline, progress }) => {
      const status = await work(run, await deck.model(named), offline);
      progress.end();
      return reportJobs(call, status, deck);
    },
    run,
  );
}
