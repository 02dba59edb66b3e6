import { didYouMean, LmdeckError } from '../../core/index.ts';
import { TaskCatalog } from '../../scoring/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { localTime } from '../logs/local-time.ts';
import { withDeck } from '../with-deck.ts';
import { EvalRuns } from './eval-runs.ts';
import { isPath } from './find-tasks.ts';
import { includePaths, taskOptions } from './task-options.ts';

const KINDS: Readonly<Record<string, readonly string[]>> = {
  all: ['task', 'group', 'tag'],
  tasks: ['task'],
  subtasks: ['task'],
  groups: ['group'],
  tags: ['tag'],
};

export const listCommand: Command = {
  name: 'ls',
  summary: 'List runs, or the tasks, groups and tags of folders',
  description:
    'Without a word: what is in the folders of --include_path or LMDECK_TASKS; without folders, the runs. A folder can also be named after the word.',
  arguments: ['[what]', '[folders...]'],
  completes: 'file',
  options: [
    ...taskOptions.slice(0, 1),
    { flags: '-n, --count <number>', description: 'How many runs; 0 for all', default: '20' },
    { flags: '--json', description: 'Print JSON' },
  ],
  examples: [
    { command: 'lmdeck eval ls', does: 'The last runs' },
    { command: 'lmdeck eval ls tasks examples/tasks' },
    { command: 'lmdeck eval ls groups --include_path tasks --json' },
  ],
  run: list,
};

async function list(call: Invocation): Promise<void> {
  const { args, options, io } = call;
  const [first, ...others] = args;
  const named = first === undefined || first === 'runs' || Object.hasOwn(KINDS, first) ? first : undefined;
  const folders = [...(named === undefined && first !== undefined ? [first] : []), ...others];
  if (named === undefined && first !== undefined && !isPath(first))
    throw new LmdeckError(
      'usage',
      `lmdeck eval ls: "${first}" is none of tasks, groups, tags, all, runs.${didYouMean(first, ['tasks', 'groups', 'tags', 'runs'])}`,
    );
  const paths = [...folders, ...includePaths(options, io.env)];
  if (named === 'runs' || (named === undefined && paths.length === 0)) return runs(call);
  if (paths.length === 0)
    throw new LmdeckError('usage', 'Which folder? Name it, or use --include_path or LMDECK_TASKS: lmdeck eval ls tasks examples/tasks');
  const catalog = await TaskCatalog.open(paths);
  const kinds = KINDS[named ?? 'all'] ?? [];
  const entries = catalog.entries().filter((entry) => kinds.includes(entry.kind));
  if (options.flag('json')) return io.print(`${JSON.stringify(entries, undefined, 2)}\n`);
  const width = Math.max(0, ...entries.map((entry) => entry.name.length));
  for (const { name, kind, members, outputType, path } of entries) {
    const what = kind === 'task' ? (outputType ?? '') : `${kind}: ${members.join(', ')}`;
    await io.print(`${name.padEnd(width)}  ${what}${path === undefined ? '' : `  ${path}`}\n`);
  }
  if (entries.length === 0) io.note('There are none.');
  for (const { path, problem } of catalog.problems()) io.note(problem.startsWith(path) ? problem : `${path}: ${problem}`);
}

async function runs({ options, io }: Invocation): Promise<void> {
  return withDeck(io, { tape: false }, async (deck) => {
    const count = options.integer('count') ?? 20;
    const all = new EvalRuns(deck.paths.home).list();
    const shown = count === 0 ? all : all.slice(0, count);
    if (options.flag('json')) return io.print(`${JSON.stringify(shown, undefined, 2)}\n`);
    if (all.length === 0) return io.note('There are no evaluation runs yet. Start one: lmdeck eval run --tasks examples/tasks -m tiny');
    for (const { run, startedAt, status, settings, tasks, failed } of shown) {
      const failures = failed === undefined || failed === 0 ? '' : ` (${failed} failed)`;
      await io.print(`${run}  ${localTime(startedAt)}  ${`${status}${failures}`.padEnd(11)}  ${settings.model}  ${tasks.join(', ')}\n`);
    }
    return undefined;
  });
}
