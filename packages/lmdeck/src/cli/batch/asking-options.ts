import type { BatchOptions, BatchWork } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { Tape } from '../../tape/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { BatchSettings } from './batch-record.ts';
import type { Ends } from './drainable.ts';

/** How a run asks, wherever its outcomes go. */
export async function askingOptions(
  run: string,
  settings: BatchSettings,
  { concurrency, window, maxErrors, maxCost }: BatchWork,
  options: ParsedOptions,
  deck: Deck,
  ends: Ends,
): Promise<BatchOptions & { readonly runId: string; readonly tape: Tape }> {
  const key = options.text('key');
  return {
    template: settings.template,
    system: settings.system,
    options: settings.options,
    schema: settings.schema,
    samples: settings.samples,
    rowSettings: settings.rowSettings,
    lineModels: settings.lineModels,
    limit: settings.limit,
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
  };
}
