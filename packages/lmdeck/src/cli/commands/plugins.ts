import type { PluginInfo } from '../../deck/index.ts';
import type { Command, CommandGroup } from '../args/command.ts';
import { EXIT } from '../io/report-error.ts';
import { withDeck } from '../with-deck.ts';

const list: Command = {
  name: 'list',
  summary: 'List plugins, what they bring, and what is wrong with them',
  description: 'Lists plugins. Each is loaded, to see whether it works; the exit code is 1 when one does not.',
  options: [{ flags: '--json', description: 'As a JSON array' }],
  examples: [{ command: 'lmdeck plugins' }, { command: 'lmdeck plugins list --json' }],
  run: ({ options, io }) =>
    withDeck(io, { tape: false }, async (deck) => {
      const plugins = await deck.plugins({ load: true });
      if (options.flag('json')) await io.print(`${JSON.stringify(plugins, undefined, 2)}\n`);
      else if (plugins.length === 0)
        io.note(
          `No plugins. lmdeck looks in node_modules from the current folder upward, in ${deck.paths.plugins}, and at "plugins" in ${deck.paths.config}.`,
        );
      else await io.print(plugins.map((plugin) => `${describe(plugin)}\n`).join(''));
      return plugins.some((plugin) => plugin.error !== undefined) ? EXIT.failed : EXIT.ok;
    }),
};

function describe({ name, version, path, declares, brings, error }: PluginInfo): string {
  const models = declares?.models ?? brings?.models ?? [];
  const commands = declares?.commands ?? brings?.commands ?? [];
  return [
    `${name}${version === undefined ? '' : ` ${version}`}`,
    `  ${path}`,
    ...(models.length === 0 ? [] : [`  models: ${models.join(', ')}`]),
    ...(commands.length === 0
      ? []
      : [`  commands: ${commands.map((command) => (typeof command === 'string' ? command : command.name)).join(', ')}`]),
    ...(error === undefined ? [] : [`  Error: ${error.message}`]),
  ].join('\n');
}

export const pluginsCommand: CommandGroup = {
  name: 'plugins',
  summary: 'List plugins',
  default: 'list',
  commands: [list],
  examples: [{ command: 'lmdeck plugins' }],
};
