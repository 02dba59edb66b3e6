import { batchRows, type BatchRow, type MalformedRow } from '../../batch/index.ts';
import { LmdeckError, type LanguageModel } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { CliIo } from '../io/cli-io.ts';
import type { BatchSettings } from './batch-record.ts';
import { sourceOf } from './source-of.ts';

/** Rows for jobs, read as a run reads them that asks at once. A job has one model: where no other is named, that of the first row. */
export async function offlineRows(
  settings: BatchSettings,
  deck: Deck,
  io: CliIo,
): Promise<{
  readonly settings: BatchSettings;
  readonly model: LanguageModel;
  readonly rows: () => AsyncGenerator<BatchRow | MalformedRow, undefined>;
}> {
  const named = (await firstModel(settings, io)) ?? settings.model;
  if (named === undefined)
    throw new LmdeckError('usage', 'Neither the command nor the first row names a model. Name one: -m openai/gpt-5.6-luna');
  const name = named === settings.model ? named : await deck.resolve(named);
  const model = await deck.model(name);
  const ids = new Map<string, Promise<string>>();
  const idOf = (given: string): Promise<string> => {
    // What nobody knows is an outcome of the row, which tells its name.
    const id = ids.get(given) ?? deck.resolve(given).catch(() => given);
    ids.set(given, id);
    return id;
  };
  return {
    settings: { ...settings, model: name },
    model,
    rows: async function* () {
      for await (const row of batchRows(sourceOf(settings, io), settings))
        yield 'error' in row || row.model === undefined ? row : { ...row, model: await idOf(row.model) };
      return undefined;
    },
  };
}

async function firstModel(settings: BatchSettings, io: CliIo): Promise<string | undefined> {
  if (settings.lineModels !== true) return undefined;
  const source = sourceOf(settings, io);
  // What cannot be read twice is read for its rows.
  if (source.path === undefined) return undefined;
  for await (const row of batchRows(source, { ...settings, limit: 1 })) return 'error' in row ? undefined : row.model;
  return undefined;
}
