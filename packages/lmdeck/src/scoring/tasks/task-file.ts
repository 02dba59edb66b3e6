import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Document as YamlDocument, LineCounter, Node, Scalar, ScalarTag } from 'yaml';
import { LmdeckError } from '../../core/index.ts';
import { orderedDict, pythonFloat, type PythonValue } from '../../python/index.ts';
import { TaskFunction } from './task-function.ts';

type Yaml = typeof import('yaml');

/** A value of a task file: what Python's YAML reader would give, and functions. */
export type TaskValue = PythonValue | TaskFunction | readonly TaskValue[] | { readonly [key: string]: TaskValue };

/** The fields of a task or group file, those of its includes below its own. */
export type TaskFields = Readonly<Record<string, TaskValue>>;

/** Of one file that are indented. */
const MOST_LINES = 200;
const INDENT = ' '.repeat(80);

/** Reads task files: YAML 1.1 with `!function` and `include`. */
export class TaskFiles {
  readonly #yaml: Yaml;

  private constructor(yaml: Yaml) {
    this.#yaml = yaml;
  }

  static async load(): Promise<TaskFiles> {
    return new TaskFiles(await import('yaml'));
  }

  /** @throws LmdeckError `config` with file, line and column. */
  read(path: string): TaskFields {
    return this.#read(resolve(path), []);
  }

  #read(path: string, including: readonly string[]): TaskFields {
    if (including.includes(path)) throw new LmdeckError('config', `${path} includes itself: ${[...including, path].join(' → ')}`);
    const fields = this.#parse(path);
    const { include, ...own } = fields;
    const merged: Record<string, TaskValue> = {};
    for (const each of include === undefined || include === null ? [] : Array.isArray(include) ? include : [include]) {
      if (typeof each !== 'string') throw new LmdeckError('config', `${path}: include must be a file name or a list of them.`);
      const { task_list: _taskList, ...included } = this.#read(resolve(dirname(path), each), [...including, path]);
      Object.assign(merged, included);
    }
    return { ...merged, ...own };
  }

  #parse(path: string): TaskFields {
    const { document, lines } = this.#document(readText(path), dirname(path));
    const problem = document.errors[0];
    if (problem !== undefined) throw placed(path, lines, problem.pos[0], yamlProblem(problem.message));
    const value = this.#value(document, document.contents, path, lines);
    if (isFields(value)) return value;
    throw new LmdeckError('config', `${path}: a task file must be a mapping of fields.`);
  }

  /**
   * As Python's reader has it: of equal keys the last counts, and texts in quotes may go on at the beginning of a line, where YAML wants them
   * indented. White space there is no part of the text, so such lines are indented until the text has its end.
   */
  #document(text: string, folder: string): { readonly document: YamlDocument; readonly lines: LineCounter } {
    const { LineCounter: Counter, parseDocument } = this.#yaml;
    const read = (source: string) => {
      const lines = new Counter();
      const customTags = [functionTag(folder)];
      return { document: parseDocument(source, { version: '1.1', merge: true, uniqueKeys: false, lineCounter: lines, customTags }), lines };
    };
    const first = read(text);
    let [found, source] = [first, text];
    for (let line = 0; line < MOST_LINES; line++) {
      const next = endOfOpenText(found.document.errors, source);
      if (next === -1) break;
      source = `${source.slice(0, next + 1)}${INDENT}${source.slice(next + 1)}`;
      found = read(source);
    }
    return found.document.errors.length === 0 ? found : first;
  }

  /** A node as Python reads it: `1.0` stays a float. */
  #value(document: YamlDocument, node: unknown, path: string, lines: LineCounter): TaskValue {
    const { isAlias, isMap, isScalar, isSeq } = this.#yaml;
    if (isAlias(node)) return this.#value(document, node.resolve(document), path, lines);
    if (isSeq(node)) return node.items.map((item) => this.#value(document, item, path, lines));
    if (isMap(node)) {
      const dict: Record<string, TaskValue> = {};
      for (const { key, value } of node.items) {
        if (!isScalar(key)) throw placed(path, lines, offsetOf(node), 'a key must be a plain text.');
        const name = nameOf(key);
        if (name === '<<') Object.assign(dict, mergedFields(this.#value(document, value, path, lines)), { ...dict });
        else dict[name] = this.#value(document, value, path, lines);
        if (name === 'doc_to_choice' && isMap(value))
          dict[name] = inOrder(
            dict[name],
            value.items.flatMap(({ key: each }) => (isScalar(each) ? nameOf(each) : [])),
          );
      }
      return dict;
    }
    return isScalar(node) ? scalarValue(node) : null;
  }
}

/** Choices in the order of the file: a plain object moves keys of digits to its front, and choices are counted. */
function inOrder(choices: TaskValue, names: readonly string[]): TaskValue {
  if (!isFields(choices)) return choices;
  const entries = names.flatMap((name): [string, PythonValue][] => {
    const choice = choices[name];
    return typeof choice === 'string' || typeof choice === 'number' ? [[name, choice]] : [];
  });
  return entries.length === Object.keys(choices).length ? orderedDict(entries) : choices;
}

/** A key as it is written: `y`, `on` and `1` are names here, whatever YAML makes of them. */
function nameOf({ source, value }: Scalar): string {
  return source ?? String(value);
}

/** Where the line ends after which a text in quotes goes on without indent; -1 where no text does. */
function endOfOpenText(errors: YamlDocument['errors'], source: string): number {
  const open = errors.find(({ code, message }) => code === 'MISSING_CHAR' && /^Missing closing ["']quote/.test(message));
  if (open !== undefined) return source.indexOf('\n', open.pos[0]);
  // A quote that is escaped at the end of a line is taken for the end of the text; then the next line is what is wrong.
  const [after] = errors.map(({ pos }) => source.slice(0, pos[0]).trimEnd());
  return after?.endsWith('\\"') === true ? source.indexOf('\n', after.length) : -1;
}

/** What YAML 1.1 takes for a number and Python's reader does not: `08`, and times such as `02:00`. */
const NO_NUMBER = /^[-+]?0\d*(?:[89]\d*|:[\d:]*)$/;

function scalarValue({ value, source }: Scalar): TaskValue {
  if (value instanceof TaskFunction) return value;
  switch (typeof value) {
    case 'number':
      if (source !== undefined && NO_NUMBER.test(source)) return source;
      return Number.isInteger(value) && source !== undefined && /[.eE]/.test(source) && !/^0x/i.test(source) ? pythonFloat(value) : value;
    case 'boolean':
      // Of YAML 1.1 Python's reader leaves these out.
      return source !== undefined && /^[yn]$/i.test(source) ? source : value;
    case 'string':
    case 'bigint':
      return value;
    default:
      return value instanceof Date ? (source ?? value.toISOString()) : null;
  }
}

/** The first line of what the YAML reader says, without the place, which is told otherwise. */
function yamlProblem(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '.');
}

function mergedFields(value: TaskValue): TaskFields {
  if (Array.isArray(value)) return Object.assign({}, ...value.map(mergedFields).toReversed());
  return isFields(value) ? value : {};
}

function functionTag(folder: string): ScalarTag {
  return { tag: '!function', resolve: (text) => new TaskFunction(text.trim(), folder) };
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function placed(path: string, lines: LineCounter, offset: number, problem: string): LmdeckError {
  const { line, col } = lines.linePos(offset);
  return new LmdeckError('config', `${path}:${line}:${col}: ${problem}`, { data: { path, line, column: col } });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new LmdeckError('config', `Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** True for a mapping of fields. */
export function isFields(value: TaskValue): value is TaskFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}
