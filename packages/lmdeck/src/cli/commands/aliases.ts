import { didYouMean, LmdeckError } from '../../core/index.ts';
import type { Command, CommandGroup } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';

const list: Command = {
  name: 'list',
  summary: 'List the aliases',
  options: [{ flags: '--json', description: 'As a JSON object' }],
  examples: [{ command: 'lmdeck aliases' }, { command: 'lmdeck aliases list --json' }],
  run: ({ options, io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const aliases = Object.entries(await deck.aliases.list()).sort(([a], [b]) => (a < b ? -1 : 1));
      if (options.flag('json')) return io.print(`${JSON.stringify(Object.fromEntries(aliases), undefined, 2)}\n`);
      if (aliases.length === 0) return io.note('No aliases yet. Set one: lmdeck aliases set NAME MODEL');
      const width = Math.max(...aliases.map(([alias]) => alias.length));
      await io.print(aliases.map(([alias, target]) => `${alias.padEnd(width)} : ${target}\n`).join(''));
    }),
};

const set: Command = {
  name: 'set',
  summary: 'Give a model a short name',
  arguments: ['<alias>', '<model>'],
  completes: 'model',
  examples: [{ command: 'lmdeck aliases set mini openai/gpt-5-mini', does: 'Then: lmdeck -m mini "…"' }],
  run: ({ args: [alias = '', model = ''], io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      await deck.aliases.set(alias, model);
      try {
        await deck.resolve(alias);
      } catch (error) {
        io.note(`Warning: the alias is set, but it does not lead to a model: ${LmdeckError.from(error).message}`);
      }
    }),
};

const remove: Command = {
  name: 'remove',
  summary: 'Remove an alias',
  arguments: ['<alias>'],
  completes: 'alias',
  examples: [{ command: 'lmdeck aliases remove mini' }],
  run: ({ args: [alias = ''], io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      if (await deck.aliases.remove(alias)) return;
      throw new LmdeckError(
        'config',
        `There is no alias "${alias}".${didYouMean(alias, Object.keys(await deck.aliases.list()))} List them: lmdeck aliases`,
      );
    }),
};

const path: Command = {
  name: 'path',
  summary: 'Print where the aliases are stored',
  examples: [{ command: 'lmdeck aliases path' }],
  run: ({ io }) => withDeck(io, { tape: false }, (deck) => io.print(`${deck.aliases.path}\n`)),
};

export const aliasesCommand: CommandGroup = {
  name: 'aliases',
  summary: 'Manage short names of models',
  default: 'list',
  commands: [list, set, remove, path],
  examples: [{ command: 'lmdeck aliases' }, { command: 'lmdeck aliases set mini openai/gpt-5-mini' }],
};
