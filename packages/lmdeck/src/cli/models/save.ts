import { describeModel, saveDescription, setParameters } from '../../deck/configure/index.ts';
import type { Command } from '../args/command.ts';
import { refuseExisting } from '../io/refuse-existing.ts';
import { modelOptions } from '../prompt/model-options.ts';
import { withDeck } from '../with-deck.ts';

export const saveCommand: Command = {
  name: 'save',
  summary: 'Write a model and its options into a file',
  description: `The file is YAML or JSON by its ending, and stands for the model wherever one is named: lmdeck -m FILE. Keys and headers are left out; where a key
is looked for is kept, and it goes only to servers that are known to get it.`,
  arguments: ['<model>', '<file>'],
  completes: 'model',
  options: [
    {
      flags: '-o, --option <name> <value>',
      description: 'Set an option; one that the model does not have is left out with a warning',
      repeatable: true,
    },
    { flags: '--overwrite', description: 'Replace the file when it is there' },
  ],
  examples: [
    { command: 'lmdeck models save tiny tiny.yaml -o temperature 0', does: 'Then: lmdeck -m tiny.yaml "…"' },
    { command: 'lmdeck models save openai/gpt-5-mini mini.json' },
  ],
  run: ({ args: [name = '', path = ''], options, io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      refuseExisting(path, options.flag('overwrite'));
      const model = await deck.model(name);
      const description = describeModel(model);
      const changes = modelOptions(options.pairs('option'), model);
      const set =
        model.options === undefined
          ? { ...description.options, ...changes }
          : setParameters(model.options, description.options ?? {}, changes, (message) => io.note(`Warning: ${message}`));
      await saveDescription({ ...description, ...(Object.keys(set).length === 0 ? {} : { options: set }) }, path);
    }),
};
