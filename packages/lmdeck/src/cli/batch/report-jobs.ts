import { batchOutcomes, type BatchTally, type OfflineStatus } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Invocation } from '../args/command.ts';
import { EXIT } from '../io/report-error.ts';
import { dollars } from '../prompt/usage-text.ts';
import { BatchRuns } from './batch-runs.ts';
import { deliver } from './deliver.ts';
import { checkOutput, noteOutput } from './jobs-output.ts';
import { runsFolder, stateLine } from './offline-options.ts';
import { outputSettings } from './run-settings.ts';

/** True when nothing of a run is open any more. */
export function isDone({ state }: OfflineStatus): boolean {
  return state === 'finished' || state === 'cancelled';
}

/** Writes the outcomes of a run where that is asked for, or was when it began, and tells how it stands. @returns 3 when rows have no answer. */
export async function reportJobs(call: Invocation, status: OfflineStatus, deck: Deck): Promise<number> {
  const runs = new BatchRuns(deck.paths.home);
  const record = runs.find(status.run);
  const settings = outputSettings(call.options, record?.settings);
  const isAsked = call.options.text('output') !== undefined;
  if (!isAsked && !isDone(status)) return tellJobs(call, status, undefined);
  // It may have come into being while the jobs were waited for.
  checkOutput(settings.output, record, call.options);
  noteOutput(settings.output, record, runs);
  const outcomes = batchOutcomes(status.run, { tape: await deck.tape(), folder: runsFolder(deck) });
  const { tally, written } = await deliver(outcomes, settings, call.io);
  return tellJobs(call, status, { tally, written, output: settings.output }, deck);
}

/** What was written of a run. */
interface Delivered {
  readonly tally: BatchTally;
  readonly written: number;
  readonly output: string | undefined;
}

/** Tells how a run stands, and notes it. */
export async function tellJobs({ options, io }: Invocation, status: OfflineStatus, delivered?: Delivered, deck?: Deck): Promise<number> {
  const isComplete = isDone(status) && status.failed + status.missing + status.refused === 0;
  const output = delivered?.output;
  if (deck !== undefined && delivered !== undefined) {
    const runs = new BatchRuns(deck.paths.home);
    const record = runs.find(status.run);
    const ended = isDone(status) ? ({ status: isComplete ? 'finished' : 'incomplete', endedAt: Date.now() } as const) : {};
    if (record?.settings.offline === true) runs.write({ ...record, ...ended, tally: delivered.tally });
  }
  if (output !== undefined && output !== '-') io.note(`Wrote ${delivered?.written ?? 0} of ${status.rows} rows to ${output}.`);
  if (options.flag('json') && output !== '-') await io.print(`${JSON.stringify(status, undefined, 2)}\n`);
  else {
    const cost = delivered?.tally.costMicros ?? 0;
    const mayPayTwice = status.jobs.some((job) => job.state === 'gone') ? ' (rows of a job that is gone may be paid for twice)' : '';
    const next = !isDone(status)
      ? ` Go on with: lmdeck batch wait ${status.run}`
      : status.failed + status.missing > 0
        ? ` Ask those again${mayPayTwice}: lmdeck batch ${status.state === 'cancelled' ? `run ${status.source ?? 'FILE'} --run` : 'retry-failed'} ${status.run}`
        : '';
    io.note(`Run ${status.run} is ${status.state}: ${stateLine(status)}${cost === 0 ? '' : `, ${dollars(cost)}`}.${next}`);
  }
  return isComplete ? EXIT.ok : EXIT.incomplete;
}
