import { readFileSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';
import { openTask, TaskCatalog, type CatalogEntry, type TaskConfig, type TaskGroup } from '../../scoring/index.ts';
import type { Command, Invocation } from '../args/command.ts';
import { plural } from '../io/progress.ts';
import { EXIT } from '../io/report-error.ts';
import { isPath, taskWords } from './find-tasks.ts';
import { dataFolders, includePaths, taskOptions } from './task-options.ts';
import { checkTask, type CheckedTask } from './validate-task.ts';

/** Something wrong with a task, and where. */
interface Problem {
  readonly path: string;
  readonly line?: number;
  readonly task?: string;
  readonly message: string;
}

export const validateCommand: Command = {
  name: 'validate',
  summary: 'Check task files and their data',
  description:
    'Reads every task file in the given folders (or the named files and tasks), opens the data, and builds the first prompts. What is wrong is\n' +
    'told with file and line: then the exit code is 1. Nothing is asked.',
  arguments: ['[paths...]'],
  completes: 'file',
  options: [
    {
      flags: '-t, --tasks <tasks>',
      description: 'Task files, folders of them, or names; several separated by commas',
      repeatable: true,
      completes: 'file',
    },
    ...taskOptions,
    { flags: '--json', description: 'Print tasks and problems as JSON' },
  ],
  examples: [{ command: 'lmdeck eval validate examples/tasks' }, { command: 'lmdeck eval validate --tasks gsm8k --include_path tasks' }],
  run: validate,
};

async function validate({ args, options, io }: Invocation): Promise<number> {
  const words = taskWords([...options.texts('tasks'), ...args]);
  if (words.length === 0) throw new LmdeckError('usage', 'lmdeck eval validate: name task files, folders or tasks.');
  const folders = dataFolders(options);
  const tasks: CheckedTask[] = [];
  const problems: Problem[] = [];
  const check = async (catalog: TaskCatalog, entry: CatalogEntry): Promise<void> => {
    try {
      for (const config of configs(catalog.find(entry.name))) tasks.push(await checkTask(await openTask(config, { folders })));
    } catch (error) {
      problems.push(located(error, entry));
    }
  };
  for (const path of words.filter(isPath)) {
    const catalog = await opened([path], problems);
    for (const entry of catalog?.entries() ?? []) if (entry.kind !== 'tag') await check(catalog ?? fail(), entry);
    for (const { path: file, problem } of catalog?.problems() ?? []) {
      const found = parsed(file, problem);
      if (!problems.some(({ path: told, message }) => told === found.path && message === found.message)) problems.push(found);
    }
  }
  const names = words.filter((word) => !isPath(word));
  const include = includePaths(options, io.env);
  const catalog = names.length === 0 ? undefined : await TaskCatalog.open(include);
  for (const name of names) {
    catalog?.find(name);
    const entry = catalog?.entries().find((each) => each.name === name);
    if (catalog !== undefined) await check(catalog, entry ?? { name, kind: 'group', members: [], tags: [] });
  }
  if (options.flag('json')) await io.print(`${JSON.stringify({ tasks: unique(tasks), problems }, undefined, 2)}\n`);
  else {
    const lines = unique(tasks).map(
      ({ name, outputType, documents, requests }) =>
        `${name}: ${outputType}, ${plural(documents, 'document')}, ${plural(requests, 'request')} each\n`,
    );
    await io.print(lines.join(''));
  }
  for (const { path, line, message } of problems) io.note(`${path}${line === undefined ? '' : `:${line}`}: ${message}`);
  if (problems.length === 0 && tasks.length === 0) throw new LmdeckError('usage', `There are no task files in ${words.join(', ')}.`);
  if (problems.length > 0)
    io.note(`${plural(problems.length, 'problem')} in ${plural(new Set(problems.map((each) => each.path)).size, 'file')}.`);
  return problems.length === 0 ? EXIT.ok : EXIT.failed;
}

function fail(): never {
  throw new LmdeckError('internal', 'there is no catalog.');
}

async function opened(paths: readonly string[], problems: Problem[]): Promise<TaskCatalog | undefined> {
  try {
    return await TaskCatalog.open(paths);
  } catch (error) {
    const known = LmdeckError.from(error);
    if (known.code !== 'config') throw error;
    problems.push(parsed(paths[0] ?? '', known.message));
    return undefined;
  }
}

/** The tasks of a group, or the task itself. */
function configs(members: readonly (TaskConfig | TaskGroup)[]): readonly TaskConfig[] {
  return members.flatMap((member) => ('members' in member ? configs(member.members) : [member]));
}

/** The place of an error that names a field or quotes a value of a task's file. */
function located(error: unknown, { name, path }: CatalogEntry): Problem {
  const said = LmdeckError.from(error).message;
  if (path === undefined) return { path: name, message: said };
  // The file stands before the message here.
  const message = said.replace(` (${path}): `, ': ');
  const problem = parsed(path, message);
  if (problem.line !== undefined) return { ...problem, task: name };
  const lines = textOf(path).split('\n');
  const rest = problem.message.replace(/^(?:task|group) [^:]+: /, '');
  // Most telling first: what is quoted, a file, the field that the message begins with, any field.
  const candidates = [
    ...Array.from(rest.matchAll(/["“]([^"”]+)["”]/g), (match) => match[1]),
    ...Array.from(rest.matchAll(/[\w.-]+\.(?:jsonl?|csv|tsv|parquet|arrow)\b/g), (match) => match[0]),
    /^(\w+)[ :[.]/.exec(rest)?.[1],
    ...Array.from(rest.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g), (match) => match[0]),
  ].filter((word) => word !== undefined);
  for (const word of candidates) {
    const at = lines.findIndex((line) => line.includes(word) && !line.trimStart().startsWith('#'));
    if (at !== -1) return { path: problem.path, line: at + 1, task: name, message: problem.message };
  }
  return { ...problem, task: name };
}

/** Takes the file, and the line if there is one, off the beginning of a message. */
function parsed(path: string, message: string): Problem {
  const [, file = path, line, rest = message] =
    /^((?:[A-Za-z]:)?[^:\s][^:]*\.(?:ya?ml|jsonl?|csv|tsv|parquet|arrow))(?::(\d+))?(?::\d+)?: (.*)$/s.exec(message) ?? [];
  return { path: file, ...(line === undefined ? {} : { line: Number(line) }), message: rest };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Tasks that several groups have, once. */
function unique(tasks: readonly CheckedTask[]): readonly CheckedTask[] {
  return [...new Map(tasks.map((task) => [task.name, task])).values()];
}
