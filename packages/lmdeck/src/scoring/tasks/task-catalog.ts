import { globSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { didYouMean, LmdeckError } from '../../core/index.ts';
import { PythonFloat, pythonStr } from '../../python/index.ts';
import { isFields, TaskFiles, type TaskFields, type TaskValue } from './task-file.ts';
import { taskConfig, type TaskConfig } from './task-config.ts';
import { TaskFunction } from './task-function.ts';

/** What a name in a catalog stands for. */
export interface CatalogEntry {
  readonly name: string;
  readonly kind: 'task' | 'group' | 'tag';
  /** The file; absent for tags. */
  readonly path?: string;
  /** Of a tag: its tasks. Of a group: its members, as far as they are names. */
  readonly members: readonly string[];
  readonly tags: readonly string[];
  readonly outputType?: string;
  readonly description?: string;
}

/** A metric of a group over its tasks. */
export interface GroupMetric {
  readonly metric: string;
  /** Larger tasks count more. */
  readonly weightBySize: boolean;
  /** Filters whose values are joined; `undefined`: all that the tasks have. */
  readonly filters: readonly string[] | undefined;
}

/** Tasks that are run and reported together. */
export interface TaskGroup {
  readonly name: string;
  readonly alias: string | undefined;
  readonly members: readonly (TaskConfig | TaskGroup)[];
  readonly metrics: readonly GroupMetric[];
  /** As text, however the file writes it; `null` where it says none. */
  readonly version: string | null;
}

/** A task file or group file that is found by its name. */
interface Registered {
  readonly entry: CatalogEntry;
  readonly fields: TaskFields;
  /** Another file of the same folder that claims the name. */
  readonly rival?: string;
}

/** Task files of some folders, by name. */
export class TaskCatalog {
  readonly #files: TaskFiles;
  readonly #entries = new Map<string, Registered>();
  readonly #problems: { readonly path: string; readonly problem: string }[] = [];
  /** Groups whose members are being built, the outermost first. */
  readonly #within: string[] = [];

  private constructor(files: TaskFiles) {
    this.#files = files;
  }

  /**
   * Reads the task files in folders, the first folder that has a name counts; or single files.
   * @throws LmdeckError `config` for a path that does not exist, or a single file that is wrong. Wrong files in folders are {@link problems}.
   */
  static async open(paths: readonly string[]): Promise<TaskCatalog> {
    const catalog = new TaskCatalog(await TaskFiles.load());
    for (const path of paths) catalog.#add(resolve(path));
    return catalog;
  }

  /** Everything that can be named, by name. */
  entries(): readonly CatalogEntry[] {
    const tags = new Map<string, string[]>();
    const found: CatalogEntry[] = [];
    for (const { entry } of this.#entries.values()) {
      found.push(entry);
      if (entry.kind === 'task') for (const tag of entry.tags) tags.set(tag, [...(tags.get(tag) ?? []), entry.name]);
    }
    for (const [name, members] of tags) if (!this.#entries.has(name)) found.push({ name, kind: 'tag', members: members.sort(), tags: [] });
    return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** Files in the folders that are no task files, with the reason. */
  problems(): readonly { readonly path: string; readonly problem: string }[] {
    return this.#problems;
  }

  /**
   * The tasks and groups of a name: a task, a group, a tag, or a pattern with `*`.
   * @param overrides fields that go over those of every task.
   * @throws LmdeckError `usage` for a name that is not there, with close ones; `config` for a task that is wrong.
   */
  find(name: string, overrides: TaskFields = {}): readonly (TaskConfig | TaskGroup)[] {
    // Groups have hundreds of members, and a list of all names takes a while where there are thousands.
    const known = this.#entries.get(name);
    if (known !== undefined) return this.#built(known.entry, overrides);
    const entries = this.entries();
    const exact = entries.find((entry) => entry.name === name);
    if (exact !== undefined) return this.#built(exact, overrides);
    const pattern = name.includes('*') ? new RegExp(`^${name.split('*').map(escaped).join('.*')}$`) : undefined;
    const matching = pattern === undefined ? [] : entries.filter((entry) => entry.kind !== 'tag' && pattern.test(entry.name));
    if (matching.length > 0) return matching.flatMap((entry) => this.#built(entry, overrides));
    const names = entries.map((entry) => entry.name);
    throw new LmdeckError('usage', `There is no task "${name}".${didYouMean(name, names)} List them: lmdeck eval ls`);
  }

  #add(path: string): void {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw new LmdeckError('usage', `There is no task file or folder ${path}.`);
    if (!stat.isDirectory()) {
      const fields = this.#files.read(path);
      if (typeof fields['task'] !== 'string' && typeof fields['group'] !== 'string')
        throw new LmdeckError('config', `${path}: a task file has a field "task" with its name, a group file "group".`);
      this.#register(path, fields);
      return;
    }
    const before = new Set(this.#entries.keys());
    const here = new Map<string, string>();
    for (const file of globSync('**/*.yaml', { cwd: path }).sort()) {
      if (/(?:^|[/\\])(?:__pycache__|node_modules|\.[^/\\]+)[/\\]/.test(file)) continue;
      const full = join(path, file);
      try {
        const fields = this.#files.read(full);
        const name = ownName(fields);
        if (name === undefined) continue;
        const first = here.get(name);
        if (first === undefined) {
          here.set(name, full);
          this.#register(full, fields);
        } else {
          this.#problems.push({ path: full, problem: claimedTwice(name, first, full) });
          const known = this.#entries.get(name);
          if (known !== undefined && !before.has(name)) this.#entries.set(name, { ...known, rival: full });
        }
      } catch (error) {
        this.#problems.push({ path: full, problem: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  /** Files without a name are what others include. */
  #register(path: string, fields: TaskFields): void {
    const { task, tag } = fields;
    const name = ownName(fields);
    if (name === undefined || this.#entries.has(name)) return;
    const entry: CatalogEntry = {
      name,
      kind: isGroup(fields) ? 'group' : 'task',
      path,
      members: isGroup(fields) ? membersOf(task).map(nameOf) : [],
      tags: textsOf(tag),
      outputType: typeof fields['output_type'] === 'string' ? fields['output_type'] : 'generate_until',
    };
    this.#entries.set(name, { entry, fields });
  }

  #built(entry: CatalogEntry, overrides: TaskFields): readonly (TaskConfig | TaskGroup)[] {
    if (entry.kind === 'tag') return entry.members.flatMap((member) => this.find(member, overrides));
    const { fields = {}, rival } = this.#entries.get(entry.name) ?? {};
    if (rival !== undefined) throw new LmdeckError('config', claimedTwice(entry.name, entry.path ?? '', rival));
    const folder = dirname(entry.path ?? '.');
    return [
      entry.kind === 'group'
        ? this.#group(entry.name, fields, folder, overrides)
        : taskConfig({ ...fields, ...overrides }, entry.path ?? entry.name, folder),
    ];
  }

  #group(name: string, fields: TaskFields, folder: string, overrides: TaskFields): TaskGroup {
    const { task, group_alias: alias, aggregate_metric_list: metrics, metadata, group: _group, tag: _tag, ...shared } = fields;
    const below = { ...shared, ...overrides };
    const members = this.#inside(name, () => membersOf(task).flatMap((member) => this.#member(name, member, folder, below)));
    if (members.length === 0) throw new LmdeckError('config', `group ${name} has no tasks: "task" is the list of them.`);
    const version = isFields(metadata) ? metadata['version'] : undefined;
    return {
      name,
      alias: typeof alias === 'string' ? alias : undefined,
      version: versionText(version),
      metrics: membersOf(metrics).map((each) => groupMetric(each, name)),
      members,
    };
  }

  #inside<T>(group: string, build: () => T): T {
    if (this.#within.includes(group))
      throw new LmdeckError('config', `group ${group} contains itself: ${[...this.#within, group].join(' → ')}.`);
    this.#within.push(group);
    try {
      return build();
    } finally {
      this.#within.pop();
    }
  }

  #member(group: string, member: TaskValue, folder: string, below: TaskFields): readonly (TaskConfig | TaskGroup)[] {
    if (typeof member === 'string') return this.find(member, below);
    if (!isFields(member)) throw new LmdeckError('config', `group ${group}: a member must be a name or a mapping with "task" or "group".`);
    if (typeof member['group'] === 'string') {
      const { group: inner, ...own } = member;
      if (typeof inner !== 'string') return [];
      if (this.#entries.has(inner)) return this.find(inner, { ...below, ...own });
      return [this.#group(`${group}::${inner}`, member, folder, below)];
    }
    const { task, ...own } = member;
    if (typeof task !== 'string') throw new LmdeckError('config', `group ${group}: a member must have "task" or "group".`);
    if (this.#entries.has(task)) return this.find(task, { ...below, ...own });
    const { include, ...written } = own;
    const included = membersOf(include).map((file) => this.#included(group, file, folder));
    return [taskConfig({ ...below, ...Object.assign({}, ...included), ...written, task: `${group}::${task}` }, `group ${group}`, folder)];
  }

  /** The fields of a file that a task inside of a group includes. */
  #included(group: string, file: TaskValue, folder: string): TaskFields {
    if (typeof file !== 'string') throw new LmdeckError('config', `group ${group}: include must be a file name or a list of them.`);
    const { task: _task, task_list: _list, ...fields } = this.#files.read(resolve(folder, file));
    return fields;
  }
}

/** The name that a file gives its task or group. */
function ownName(fields: TaskFields): string | undefined {
  const name = fields[isGroup(fields) ? 'group' : 'task'];
  return typeof name === 'string' ? name : undefined;
}

/** A Python class is a task, of whatever group it says that it is. */
function isGroup(fields: TaskFields): boolean {
  return typeof fields['group'] === 'string' && fields['class'] === undefined;
}

function claimedTwice(name: string, first: string, second: string): string {
  return `${second}: "${name}" is the name in ${first} too. Give one of them another.`;
}

function groupMetric(value: TaskValue, group: string): GroupMetric {
  if (!isFields(value) || typeof value['metric'] !== 'string')
    throw new LmdeckError('config', `group ${group}: aggregate_metric_list: every entry needs a metric, by its name.`);
  // A function is allowed there, and never called: groups are always means.
  if (value['aggregation'] !== undefined && value['aggregation'] !== 'mean' && !(value['aggregation'] instanceof TaskFunction))
    throw new LmdeckError(
      'config',
      `group ${group}: aggregate_metric_list: ${value['metric']} must have the aggregation mean; groups know no other.`,
    );
  const { filter_list: filters, weight_by_size: weight } = value;
  return {
    metric: value['metric'],
    weightBySize: weight === undefined || Boolean(weight),
    filters: filters === undefined || filters === null ? undefined : textsOf(filters),
  };
}

function versionText(version: TaskValue): string | null {
  if (typeof version === 'string' || typeof version === 'number' || version instanceof PythonFloat) return pythonStr(version);
  return null;
}

function membersOf(value: TaskValue): readonly TaskValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function nameOf(value: TaskValue): string {
  if (typeof value === 'string') return value;
  const name = isFields(value) ? (value['task'] ?? value['group']) : undefined;
  return typeof name === 'string' ? name : '?';
}

function textsOf(value: TaskValue): readonly string[] {
  return membersOf(value).filter((each) => typeof each === 'string');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
