import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LmdeckError } from '../../core/index.ts';
import { TaskCatalog, type CatalogEntry, type TaskConfig, type TaskGroup } from '../../scoring/index.ts';

/** Tasks and groups that words of a command line stand for, each once. */
export interface FoundTasks {
  readonly members: readonly (TaskConfig | TaskGroup)[];
}

/**
 * The tasks of some words: a folder (all its groups, and the tasks that are in none), a task or group file, or a name (also a tag, or a pattern
 * with `*`) in the folders of `include`. Words may be separated by commas.
 *
 * @throws LmdeckError `usage` for what is not there, `config` for files that are wrong.
 */
export async function findTasks(words: readonly string[], include: readonly string[]): Promise<FoundTasks> {
  const members: (TaskConfig | TaskGroup)[] = [];
  let named: TaskCatalog | undefined;
  for (const word of words) {
    if (isPath(word)) members.push(...(await tasksAt(word)));
    else members.push(...(named ??= await catalogOf(word, include)).find(word));
  }
  return { members: unique(members) };
}

/** `a,b c` as words. */
export function taskWords(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.split(/[,\s]+/)).filter((word) => word !== '');
}

/** True for a word that means a file or folder and not a name. */
export function isPath(word: string): boolean {
  return /[\\/]|\.ya?ml$/.test(word) || word === '.' || word === '..' || (existsSync(word) && statSync(word).isDirectory());
}

async function tasksAt(word: string): Promise<readonly (TaskConfig | TaskGroup)[]> {
  const path = resolve(word);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new LmdeckError('usage', `There is no task file or folder ${path}.`);
  if (stat.isDirectory()) {
    const catalog = await TaskCatalog.open([path]);
    const [problem] = catalog.problems();
    if (problem !== undefined) throw new LmdeckError('config', `${problem.problem} Check all files: lmdeck eval validate ${word}`);
    return topLevel(catalog.entries(), word).flatMap((entry) => catalog.find(entry.name));
  }
  // The members of a group lie beside it.
  const catalog = await TaskCatalog.open([path, dirname(path)]);
  const entry = catalog.entries().find((each) => each.path === path);
  if (entry === undefined) throw new LmdeckError('config', `${path}: this file has no task or group.`);
  return catalog.find(entry.name);
}

/** Groups and tasks that no group in the folder has. */
function topLevel(entries: readonly CatalogEntry[], folder: string): readonly CatalogEntry[] {
  const inGroups = new Set(entries.flatMap((entry) => (entry.kind === 'group' ? entry.members : [])));
  const files = entries.filter((entry) => entry.kind !== 'tag');
  if (files.length === 0) throw new LmdeckError('usage', `There are no task files (*.yaml with "task" or "group") in ${folder}.`);
  return files.filter((entry) => !inGroups.has(entry.name));
}

async function catalogOf(word: string, include: readonly string[]): Promise<TaskCatalog> {
  if (include.length > 0) return TaskCatalog.open(include);
  throw new LmdeckError(
    'usage',
    `Where is the task "${word}"? Name the folder that has its file with --include_path (or LMDECK_TASKS), or give the path of the file.`,
  );
}

/** What is named twice, once. @throws LmdeckError `config` for two different ones of one name: results are kept by name. */
function unique(members: readonly (TaskConfig | TaskGroup)[]): readonly (TaskConfig | TaskGroup)[] {
  const known = new Map<string, TaskConfig | TaskGroup>();
  const check = (member: TaskConfig | TaskGroup): void => {
    const name = nameOf(member);
    const first = known.get(name) ?? member;
    if (!isDeepStrictEqual(first, member))
      throw new LmdeckError(
        'config',
        `There are two different tasks or groups of the name "${name}" to run, and results are kept by name. Run them one after the other, or give one of them another name.`,
      );
    known.set(name, member);
    if ('members' in member) member.members.forEach(check);
  };
  members.forEach(check);
  return [...new Map(members.map((member) => [nameOf(member), member])).values()];
}

/** The name of a task or group. */
function nameOf(member: TaskConfig | TaskGroup): string {
  return 'members' in member ? member.name : member.task;
}
