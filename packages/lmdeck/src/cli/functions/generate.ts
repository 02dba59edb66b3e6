import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findSources, openGenerator, shortPath, staleness, watchFunctions, type GeneratedModule } from '../../functions/generate/index.ts';
import { LmdeckError } from '../../core/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import type { CliIo } from '../io/cli-io.ts';
import { interruptible } from '../io/interruptible.ts';
import { plural } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { generatorOptions, sourceOptions, sourcePaths } from './source-options.ts';
import { tellProblems } from './tell-problems.ts';

export const generateCommand: Command = {
  name: 'generate',
  summary: 'Write a module for every source with declarations',
  description:
    'Reads exported `declare function`s, abstract classes and interfaces whose members return promises, with their comments, and writes\n' +
    'x.llm.generated.ts beside x.llm.ts. Paths are files, folders or patterns (default: this folder). What is up to date is left alone. A type that\n' +
    'JSON has no value for is told with its place; then the exit code is 1 and that module is not written.',
  arguments: ['[paths...]'],
  completes: 'file',
  options: [
    { flags: '-o, --output <file>', description: 'The module of the only source', completes: 'file' },
    { flags: '-w, --watch', description: 'Stay, and write again what changes' },
    ...sourceOptions,
    { flags: '--json', description: 'Print what was written and what is wrong as JSON; with --watch one line per change' },
  ],
  examples: [
    { command: 'lmdeck functions generate' },
    { command: 'lmdeck functions generate src/customers.llm.ts -o src/customers.ts' },
    { command: 'lmdeck functions generate src --watch' },
  ],
  run: async ({ args, options, io }: Invocation) => {
    const settings = generatorOptions(options);
    const paths = sourcePaths(args);
    const output = options.text('output');
    const isJson = options.flag('json');
    if (!options.flag('watch')) {
      using generator = await openGenerator(settings);
      const { files } = findSources(paths, settings.folder);
      const modules = await generator.generate(files, output);
      if (modules.length === 0)
        throw new LmdeckError('usage', `There are no sources in ${paths.join(', ')}: no *.llm.ts, and no declaration marked @llm.`);
      await report(io, modules, settings.folder, isJson, 2);
      return modules.some((module) => module.problems.length > 0) ? EXIT.failed : EXIT.ok;
    }
    await interruptible(io, async (signal) => {
      for await (const modules of watchFunctions({ ...settings, paths, output, signal }))
        await report(io, modules, settings.folder, isJson);
      signal.throwIfAborted();
    });
    return EXIT.ok;
  },
};

/** Writes the modules that are stale and tells of all. */
async function report(io: CliIo, modules: readonly GeneratedModule[], folder: string, isJson: boolean, indent?: number): Promise<void> {
  const rows = modules.map((module) => ({ module, written: write(module) }));
  if (isJson) {
    const summary = rows.map(({ module, written }) => ({
      source: shortPath(module.source, folder),
      module: shortPath(module.file, folder),
      written,
      functions: module.functions.map((each) => each.name),
      classes: module.classes.map((each) => each.name),
      problems: module.problems.map((problem) => ({ ...problem, file: shortPath(problem.file, folder) })),
    }));
    await io.print(`${JSON.stringify(summary, undefined, indent)}\n`);
  } else {
    for (const { module, written } of rows) {
      if (module.text !== undefined)
        await io.print(`${written ? 'wrote' : 'up to date:'} ${shortPath(module.file, folder)} (${contents(module)})\n`);
      else if (module.problems.length === 0) io.note(`${shortPath(module.source, folder)} declares nothing that a model could carry out.`);
    }
  }
  tellProblems(io, modules, folder);
}

/** Writes a module that is not what is there; a formatter may have gone over what is there. */
function write(module: GeneratedModule): boolean {
  if (module.text === undefined || staleness(module) === undefined) return false;
  mkdirSync(dirname(module.file), { recursive: true });
  writeFileSync(module.file, module.text);
  return true;
}

function contents({ functions, classes }: GeneratedModule): string {
  const parts = [
    ...(functions.length === 0 ? [] : [plural(functions.length, 'function')]),
    ...(classes.length === 0 ? [] : [plural(classes.length, 'class', 'classes')]),
  ];
  return parts.join(', ');
}
