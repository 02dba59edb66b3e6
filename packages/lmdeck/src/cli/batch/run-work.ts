import { batchStatus, type OfflineModel, type OfflineOptions, type OfflineStatus } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Invocation } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';
import { runsFolder } from './offline-options.ts';
import { BatchRuns } from './batch-runs.ts';
import { checkOutput } from './jobs-output.ts';
import { reportJobs } from './report-jobs.ts';
import { outputSettings } from './run-settings.ts';
import { withJobs } from './with-jobs.ts';

type Work = (run: string, model: OfflineModel, options: OfflineOptions) => Promise<OfflineStatus>;

/** Does something with a run of jobs that is named, tells how it stands, and writes its outcomes where that is asked for. */
export function workOnRun(call: Invocation, work: Work): Promise<number> {
  const { args, options, io } = call;
  const [given = 'latest'] = args;
  const tape = options.text('database');
  return withDeck(io, { log: true, ...(tape === undefined ? {} : { tape }) }, (deck) => workOnJobs(call, deck, given, work));
}

/** The name of the model that a run's jobs ask. A file that describes it says more than its id. */
export function jobsModel(deck: Deck, { run, model }: Pick<OfflineStatus, 'run' | 'model'>): string {
  return new BatchRuns(deck.paths.home).find(run)?.settings.model ?? model;
}

/** The same with a deck that is open. */
export async function workOnJobs(call: Invocation, deck: Deck, given: string, work: Work): Promise<number> {
  const { run, model } = await batchStatus(given, { folder: runsFolder(deck), tape: await deck.tape() });
  const named = jobsModel(deck, { run, model });
  const record = new BatchRuns(deck.paths.home).find(run);
  checkOutput(outputSettings(call.options, record?.settings).output, record, call.options);
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
