import { findSources, openGenerator, shortPath, staleness, type GeneratedModule } from '../../functions/generate/index.ts';
import type { Command } from '../args/command.ts';
import { plural } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { generatorOptions, sourceOptions, sourcePaths } from './source-options.ts';
import { tellProblems } from './tell-problems.ts';

export const listCommand: Command = {
  name: 'ls',
  summary: 'List declared functions, classes and interfaces',
  description: 'Shows what `generate` finds: name, kind, place, and whether its module is up to date. --json has the definitions too.',
  arguments: ['[paths...]'],
  completes: 'file',
  options: [...sourceOptions, { flags: '--json', description: 'Print everything as JSON' }],
  examples: [{ command: 'lmdeck functions ls src' }, { command: "lmdeck functions ls --json | jq '.[].name'" }],
  run: async ({ args, options, io }) => {
    const settings = generatorOptions(options);
    using generator = await openGenerator(settings);
    const modules = await generator.generate(findSources(sourcePaths(args), settings.folder).files);
    const rows = modules.flatMap((module) => rowsOf(module, settings.folder));
    if (options.flag('json')) await io.print(`${JSON.stringify(rows, undefined, 2)}\n`);
    else {
      const width = Math.max(0, ...rows.map((row) => row.name.length));
      const lines = rows.map(({ name, kind, about, file, line, column, state, leftOut }) => {
        const human = leftOut.length === 0 ? '' : `; left to you: ${leftOut.join(', ')}`;
        return `${name.padEnd(width)}  ${kind.padEnd(9)}  ${file}:${line}:${column}  ${about}${human}  ${state}\n`;
      });
      await io.print(lines.join(''));
    }
    return tellProblems(io, modules, settings.folder) ? EXIT.failed : EXIT.ok;
  },
};

function rowsOf(module: GeneratedModule, folder: string) {
  const state = module.problems.length > 0 ? 'has problems' : (staleness(module) ?? 'up to date');
  return module.declared.map((declared) => {
    const { name, kind } = declared;
    const { file, line, column } = declared.place;
    const definition = module.functions.find((each) => each.name === name);
    const manifest = module.classes.find((each) => each.name === name);
    const about =
      declared.kind === 'function' ? plural(declared.parameters.length, 'parameter') : plural(declared.members.length, 'member');
    return {
      name,
      kind,
      about,
      file: shortPath(file, folder),
      line,
      column,
      module: shortPath(module.file, folder),
      state,
      leftOut: declared.kind === 'function' ? [] : declared.leftOut,
      ...(definition === undefined ? {} : { definition }),
      ...(manifest === undefined ? {} : { manifest }),
    };
  });
}
