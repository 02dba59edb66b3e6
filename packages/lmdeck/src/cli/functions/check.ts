import { findSources, openGenerator, shortPath, staleness } from '../../functions/generate/index.ts';
import type { Command } from '../args/command.ts';
import { plural } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { generatorOptions, sourceOptions, sourcePaths } from './source-options.ts';
import { tellProblems } from './tell-problems.ts';

export const checkCommand: Command = {
  name: 'check',
  summary: 'Tell which generated modules are stale',
  description:
    'Generates without writing and compares: exit code 1, and the names of the files, when a module is missing or not what its source says now.\n' +
    'How a module is formatted does not matter.',
  arguments: ['[paths...]'],
  completes: 'file',
  options: [
    { flags: '-o, --output <file>', description: 'The module of the only source', completes: 'file' },
    ...sourceOptions,
    { flags: '--json', description: 'Print the state of each module as JSON' },
  ],
  examples: [{ command: 'lmdeck functions check' }, { command: 'lmdeck functions check src --json' }],
  run: async ({ args, options, io }) => {
    const settings = generatorOptions(options);
    using generator = await openGenerator(settings);
    const modules = await generator.generate(findSources(sourcePaths(args), settings.folder).files, options.text('output'));
    const rows = modules.map((module) => ({
      source: shortPath(module.source, settings.folder),
      module: shortPath(module.file, settings.folder),
      state: module.problems.length > 0 ? 'has problems' : (staleness(module) ?? 'up to date'),
    }));
    if (options.flag('json')) await io.print(`${JSON.stringify(rows, undefined, 2)}\n`);
    const stale = rows.filter(({ state }) => state !== 'up to date');
    const failed = tellProblems(io, modules, settings.folder);
    for (const { source, module, state } of stale) if (state !== 'has problems') io.note(`${module}: ${state} (source: ${source})`);
    if (stale.length > 0) io.note(`${plural(stale.length, 'module')} of ${modules.length} stale. Run: lmdeck functions generate`);
    return failed || stale.length > 0 ? EXIT.failed : EXIT.ok;
  },
};
