import { outputLines, rowObject, runBatch, TallyCounter, type BatchWork } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { EXIT } from '../io/report-error.ts';
import { BatchReporter } from './batch-progress.ts';
import type { BatchSettings } from './batch-record.ts';
import { drainable } from './drainable.ts';
import { sourceOf } from './source-of.ts';

/** Prints the outcomes instead of keeping them in a file: there is nothing to go on with, the calls are on the tape all the same. */
export async function printRun(
  run: string,
  settings: BatchSettings,
  { concurrency, window, maxErrors, maxCost }: BatchWork,
  options: ParsedOptions,
  deck: Deck,
  io: CliIo,
): Promise<number> {
  const model = settings.model === undefined ? undefined : await deck.model(settings.model);
  const { template, system, options: modelOptions, schema, samples, rowSettings, lineModels, limit } = settings;
  const lines = outputLines(settings);
  const reporter = new BatchReporter(io, false);
  const counter = new TallyCounter();
  const key = options.text('key');
  return drainable(io, async (ends) => {
    const outcomes = runBatch(sourceOf(settings, io), model, {
      template,
      system,
      options: modelOptions,
      schema,
      samples,
      rowSettings,
      lineModels,
      limit,
      models: (name) => deck.model(name),
      runId: run,
      tape: await deck.tape(),
      order: settings.asCompleted === true ? 'completed' : 'input',
      concurrency,
      window,
      maxErrors,
      maxCost,
      apiKey: key === undefined ? undefined : ((await deck.keys.get(key)) ?? key),
      signal: ends.abort,
      stop: ends.stop,
    });
    try {
      for await (const outcome of outcomes) {
        if (outcome.status === 'cancelled') continue;
        counter.add(outcome);
        await io.print(`${JSON.stringify(rowObject(outcome, lines))}\n`);
        reporter.update({ tally: counter.tally, before: 0, underWay: 0 });
      }
    } finally {
      reporter.end();
    }
    if (ends.stop.aborted) return EXIT.interrupted;
    return counter.tally.failed > 0 ? EXIT.incomplete : EXIT.ok;
  });
}
