import { resolve } from 'node:path';
import { saveBatch } from '../../batch/index.ts';
import { isJsonObject, LmdeckError, type JsonObject, type LanguageModel } from '../../core/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { namedFile } from '../io/named-file.ts';
import { refuseExisting } from '../io/refuse-existing.ts';
import { withDeck } from '../with-deck.ts';
import { findRunView, runViews } from './run-view.ts';

export const saveCommand: Command = {
  name: 'save',
  summary: 'Write the settings of a run into a file, without secrets',
  description:
    'YAML or JSON, by the name of the file: source, model, template, options, output and so on. lmdeck batch run --config FILE runs it, here or on\n' +
    'another machine; what stands on the command line wins.',
  arguments: ['<run>', '<file>'],
  completes: 'file',
  options: [{ flags: '--overwrite', description: 'Replace the file when it is there' }],
  examples: [
    { command: 'lmdeck batch save latest run.yaml' },
    { command: 'lmdeck batch run --config run.yaml -o other.jsonl', does: 'The same, written elsewhere' },
  ],
  run: save,
};

async function save({ args, options, io }: Invocation): Promise<void> {
  const [given = '', file = ''] = args;
  namedFile(file, 'settings are kept in a file. Name it, for example run.yaml');
  refuseExisting(file, options.flag('overwrite'));
  return withDeck(io, { tape: false }, async (deck) => {
    const { run, record } = findRunView(runViews(deck.paths.home, io), given);
    if (record === undefined) throw new LmdeckError('usage', `The run ${run} was made by a program: its settings are not known here.`);
    const { model: name, options: asked, ...settings } = record.settings;
    const model = name === undefined ? undefined : await deck.model(name);
    const { withoutSecrets } = await import('../../deck/configure/index.ts');
    const shown = asked === undefined ? {} : { options: withoutSecrets(model?.options, asked) };
    const described = model === undefined || name === undefined ? {} : { model: await written(name, model) };
    await saveBatch({ ...settings, ...described, ...shown }, resolve(file));
    io.note(`Wrote the settings of ${run} to ${file}. Run them: lmdeck batch run --config ${file}`);
  });
}

/** A model that a file describes is described, others are named. */
async function written(name: string, model: LanguageModel): Promise<string | JsonObject> {
  if (!/\.(?:ya?ml|json)$/i.test(name)) return name;
  const { describeModel, readDataFile } = await import('../../deck/configure/index.ts');
  const file = await readDataFile(name);
  // By its name where it is one of the deck, so that the endpoint's settings stay where they are.
  return isJsonObject(file) && file['type'] === 'deck' ? file : { ...describeModel(model) };
}
