import type { OfflineModel, OfflineOptions, OfflineStatus } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import { LmdeckError } from '../../core/index.ts';
import type { Invocation } from '../args/command.ts';
import { interruptible } from '../io/interruptible.ts';
import { progressLine } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { withDeck } from '../with-deck.ts';
import { offlineOptions, stateLine } from './batch-options.ts';
import { writeOutcomes } from './write-outcomes.ts';

type Work = (run: string, model: OfflineModel, options: OfflineOptions) => Promise<OfflineStatus>;

/** Does something with a run that is named, tells how it stands, and writes its outcomes where that is asked for. */
export function workOnRun(call: Invocation, work: Work): Promise<number> {
  const { args, options, io } = call;
  const [given = 'latest'] = args;
  const tape = options.text('database');
  return withDeck(io, { log: true, ...(tape === undefined ? {} : { tape }) }, (deck) =>
    interruptible(io, async (signal) => {
      const { batchStatus } = await import('../../batch/index.ts');
      const progress = progressLine(io);
      const offline = await offlineOptions(call, deck, progress, signal);
      const { run, model } = await batchStatus(given, offline);
      try {
        const status = await work(run, await deck.model(model), offline);
        progress.end();
        return await reported(call, status, deck, offline);
      } catch (error) {
        progress.end();
        if (LmdeckError.from(error).code === 'aborted') io.note(`Detached: the jobs go on. Go on with: lmdeck batch wait ${run}`);
        throw error;
      }
    }),
  );
}

/** Prints how a run stands; 3 when rows have no answer. */
async function reported(
  { options, io }: Invocation,
  status: OfflineStatus,
  deck: Deck,
  { folder }: Pick<OfflineOptions, 'folder'>,
): Promise<number> {
  const output = options.text('output');
  const isDone = status.state === 'finished' || status.state === 'cancelled';
  if (output !== undefined) {
    const { batchOutcomes } = await import('../../batch/index.ts');
    const written = await writeOutcomes(batchOutcomes(status.run, { tape: await deck.tape(), folder }), output, io);
    if (output !== '-') io.note(`Wrote ${written} of ${status.rows} rows to ${output}.`);
  }
  if (options.flag('json') && output !== '-') await io.print(`${JSON.stringify(status, undefined, 2)}\n`);
  else
    io.note(`Run ${status.run} is ${status.state}: ${stateLine(status)}.${isDone ? '' : ` Go on with: lmdeck batch wait ${status.run}`}`);
  return isDone && status.failed + status.missing + status.refused === 0 ? EXIT.ok : EXIT.incomplete;
}
