import { outputLines, rowObject, runBatch, TallyCounter, type BatchWork } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { OutputClosed, type CliIo } from '../io/cli-io.ts';
import { EXIT } from '../io/report-error.ts';
import { askingOptions } from './asking-options.ts';
import { BatchReporter } from './batch-progress.ts';
import type { BatchSettings } from './batch-record.ts';
import { drainable } from './drainable.ts';
import { sourceOf } from './source-of.ts';

/** Prints the outcomes instead of keeping them in a file: there is nothing to go on with, the calls are on the tape all the same. */
export async function printRun(
  run: string,
  settings: BatchSettings,
  work: BatchWork,
  options: ParsedOptions,
  deck: Deck,
  io: CliIo,
): Promise<number> {
  const model = settings.model === undefined ? undefined : await deck.model(settings.model);
  const lines = outputLines(settings);
  const reporter = new BatchReporter(io, false);
  const counter = new TallyCounter();
  return drainable(io, async (ends) => {
    const outcomes = runBatch(sourceOf(settings, io), model, await askingOptions(run, settings, work, options, deck, ends));
    let closed: OutputClosed | undefined;
    try {
      for await (const outcome of outcomes) {
        if (outcome.status === 'cancelled' || closed !== undefined) continue;
        counter.add(outcome);
        try {
          await io.print(`${JSON.stringify(rowObject(outcome, lines))}\n`);
        } catch (error) {
          if (!(error instanceof OutputClosed)) throw error;
          // No further row begins. Those under way are paid for, and come onto the tape.
          closed = error;
        }
        reporter.update({ tally: counter.tally, before: 0, underWay: 0 });
      }
    } finally {
      reporter.end();
    }
    if (closed !== undefined) throw closed;
    if (ends.stop.aborted) return EXIT.interrupted;
    return counter.tally.failed > 0 ? EXIT.incomplete : EXIT.ok;
  });
}
