import { checkOptions } from '../../core/index.ts';
import type { Command, CommandGroup } from '../args/command.ts';
import { modelOptions, optionName } from '../prompt/model-options.ts';
import { withDeck } from '../with-deck.ts';

const list: Command = {
  name: 'list',
  summary: 'List the default options of every model',
  options: [{ flags: '--json', description: 'As a JSON object' }],
  examples: [{ command: 'lmdeck models options' }],
  run: ({ options, io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const models = Object.entries((await deck.settings.read()).models ?? {}).filter(([, settings]) => settings.options !== undefined);
      if (options.flag('json'))
        return io.print(`${JSON.stringify(Object.fromEntries(models.map(([id, settings]) => [id, settings.options])), undefined, 2)}\n`);
      if (models.length === 0) return io.note('No default options are set. Set one: lmdeck models options set MODEL temperature 0');
      await io.print(models.map(([id, settings]) => `${id}:\n${lines(settings.options ?? {})}`).join(''));
    }),
};

const show: Command = {
  name: 'show',
  summary: 'Show the default options of a model',
  arguments: ['<model>'],
  completes: 'model',
  examples: [{ command: 'lmdeck models options show tiny' }],
  run: ({ args: [model = ''], io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const id = await deck.resolve(model);
      const text = lines(await deck.settings.modelOptions(id));
      if (text === '') return io.note(`No default options are set for ${id}.`);
      await io.print(text);
    }),
};

const set: Command = {
  name: 'set',
  summary: 'Set a default option of a model',
  arguments: ['<model>', '<name>', '<value>'],
  completes: 'model',
  examples: [{ command: 'lmdeck models options set tiny temperature 0' }],
  run: ({ args: [model = '', given = '', value = ''], io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const target = await deck.model(model);
      const name = optionName(given, target);
      const checked = checkOptions(target, modelOptions([[given, value]], target));
      await deck.settings.setModelOption(target.id, name, checked[name] ?? value);
    }),
};

const clear: Command = {
  name: 'clear',
  summary: 'Remove one default option of a model, or all',
  arguments: ['<model>', '[name]'],
  completes: 'model',
  examples: [{ command: 'lmdeck models options clear tiny temperature' }, { command: 'lmdeck models options clear tiny' }],
  run: ({ args: [model = '', given], io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const id = await deck.resolve(model);
      const name = given === undefined ? undefined : optionName(given, await deck.model(model));
      if (!(await deck.settings.clearModelOptions(id, name))) io.note(`There was nothing to clear for ${id}.`);
    }),
};

export const optionsCommand: CommandGroup = {
  name: 'options',
  summary: 'Default options of models: list, show, set, clear',
  default: 'list',
  commands: [list, show, set, clear],
  examples: [{ command: 'lmdeck models options set tiny temperature 0' }, { command: 'lmdeck models options show tiny' }],
};

function lines(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .map(([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
    .join('');
}
