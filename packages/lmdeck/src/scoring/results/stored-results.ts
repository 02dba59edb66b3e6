import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import { readLines } from '../../datasets/index.ts';
import { isPlainDict, parsePythonJson, PythonFloat, pythonStr, type PythonValue } from '../../python/index.ts';
import { sanitizeModelName } from './sanitize-model-name.ts';

/** A metric as results files have it. */
export interface StoredMetric {
  readonly metric: string;
  readonly filter: string;
  /** Not a number when the file has none. */
  readonly value: number;
  readonly standardError: number | undefined;
  readonly higherIsBetter: boolean;
}

/** A task or group as results files have it. */
export interface StoredTask {
  readonly name: string;
  readonly alias: string;
  readonly version: string;
  readonly shots: string;
  /** Documents that the metrics are made of. */
  readonly answered: number | undefined;
  readonly failed: number;
  readonly metrics: readonly StoredMetric[];
  /** Of a group: the tasks and groups below it. */
  readonly members: readonly string[];
  /** Answers with something odd about them, counted by what it is. */
  readonly notes: Readonly<Record<string, number>>;
}

/** Results of a run, read back: ours or those of lm-evaluation-harness. */
export interface StoredResults {
  readonly path: string;
  /** ULID of the run; absent in files of other programs. */
  readonly runId: string | undefined;
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number | undefined;
  readonly seconds: number | undefined;
  readonly tasks: readonly StoredTask[];
  readonly groups: readonly StoredTask[];
  /** `config` of the file: settings of the run. */
  readonly settings: Readonly<Record<string, PythonValue>>;
}

/** One row of a samples file: a document and what one filter made of its answers. */
export interface StoredSample {
  readonly docId: number;
  readonly doc: PythonValue;
  readonly target: string;
  /** Per request its arguments: context and continuation, text, or context and generation options. */
  readonly requests: readonly (readonly PythonValue[])[];
  /** Per request its answers, one per repeat. */
  readonly answers: readonly PythonValue[];
  readonly filtered: readonly PythonValue[];
  /** Absent for a document that failed. */
  readonly filter: string | undefined;
  readonly metrics: Readonly<Record<string, PythonValue>>;
  readonly docHash: string;
  readonly promptHash: string;
  /** Per request the ids of its calls on the tape; empty in files of other programs. */
  readonly calls: readonly (readonly string[])[];
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

type Fields = Readonly<Record<string, PythonValue>>;

/**
 * Reads results: a `results_<date>.json`, or the newest one in a folder.
 * @throws LmdeckError `config` when there are none, or the file has something else.
 */
export function readResults(path: string): StoredResults {
  const file = resultsFile(path);
  let content: PythonValue;
  try {
    content = parsePythonJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LmdeckError('config', `Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const all = fields(content);
  if (!isPlainDict(all['results']))
    throw new LmdeckError('config', `${file}: these are no results of an evaluation: there is no "results".`);
  const own = fields(all['lmdeck']);
  // A group that joins no metric stands only in "group_subtasks", where older files have tasks too, with nothing below them.
  const withMembers = Object.entries(fields(all['group_subtasks'])).flatMap(([name, members]) => (list(members).length === 0 ? [] : name));
  const groups = [...Object.keys(fields(all['groups'])), ...withMembers];
  const entries = Object.keys(fields(all['results'])).map((name) => storedTask(all, own, name));
  return {
    path: file,
    runId: textOf(own['run']),
    model: textOf(all['model_name']) ?? textOf(fields(all['config'])['model']) ?? '?',
    startedAt: scaled(numberOf(all['date']), 1000),
    seconds: scaled(Number(all['total_evaluation_time_seconds'] ?? Number.NaN), 1),
    tasks: entries.filter(({ name }) => !groups.includes(name)),
    groups: entries.filter(({ name }) => groups.includes(name)),
    settings: fields(all['config']),
  };
}

/** The samples file of a task that lies beside results; one that is still being written counts too. */
export function samplesFile(results: Pick<StoredResults, 'path'>, task: string): string | undefined {
  const date = /_(\d{4}-\d{2}-\d{2}T[\d.-]+)\.json$/.exec(basename(results.path))?.[1];
  const name = `samples_${sanitizeModelName(task)}${date === undefined ? '' : `_${date}`}.jsonl`;
  return [name, `${name}.part`].map((each) => join(dirname(results.path), each)).find((each) => existsSync(each));
}

/** The rows of a samples file, in order. @throws LmdeckError `config` with the line for what is no row. */
export async function* readSamples(path: string): AsyncIterable<StoredSample> {
  for await (const { text, number } of readLines(path)) {
    if (text.trim() === '') continue;
    let row: PythonValue;
    try {
      row = parsePythonJson(text);
    } catch (error) {
      // The last row of a run that was killed.
      if (path.endsWith('.part')) return;
      throw new LmdeckError('config', `${path}:${number}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    yield storedSample(fields(row));
  }
}

function storedSample(row: Fields): StoredSample {
  const error = fields(row['error']);
  return {
    docId: numberOf(row['doc_id']) ?? -1,
    doc: row['doc'],
    target: textOf(row['target']) ?? '',
    requests: Object.values(fields(row['arguments'])).map((each) => Object.values(fields(each))),
    answers: list(row['resps']),
    filtered: list(row['filtered_resps']),
    filter: textOf(row['filter']),
    metrics: Object.fromEntries(list(row['metrics']).map((name) => [pythonStr(name), row[pythonStr(name)]])),
    docHash: textOf(row['doc_hash']) ?? '',
    promptHash: textOf(row['prompt_hash']) ?? '',
    calls: list(row['calls']).map((each) => list(each).map(pythonStr)),
    error: isPlainDict(row['error']) ? { code: pythonStr(error['code']), message: pythonStr(error['message']) } : undefined,
  };
}

function storedTask(all: Fields, own: Fields, name: string): StoredTask {
  const values = fields(fields(all['results'])[name]);
  const better = fields(fields(all['higher_is_better'])[name]);
  const metrics = Object.keys(values).flatMap((key): StoredMetric[] => {
    const comma = key.indexOf(',');
    if (comma === -1 || key.slice(0, comma).endsWith('_stderr')) return [];
    const metric = key.slice(0, comma);
    const filter = key.slice(comma + 1);
    const value = numberOf(values[key]) ?? Number.NaN;
    return [
      { metric, filter, value, standardError: numberOf(values[`${metric}_stderr,${filter}`]), higherIsBetter: better[metric] !== false },
    ];
  });
  const version = fields(all['versions'])[name] ?? null;
  const shots = fields(all['n-shot'])[name];
  return {
    name,
    alias: (textOf(values['alias']) ?? name).replace(/^[ -]+/, ''),
    version: version === null ? 'N/A' : pythonStr(version),
    shots: shots === undefined ? '' : pythonStr(shots),
    answered: numberOf(fields(fields(all['n-samples'])[name])['effective']) ?? numberOf(values['sample_len']),
    failed: numberOf(fields(fields(own['failed'])[name])['documents']) ?? 0,
    metrics,
    members: list(fields(all['group_subtasks'])[name]).map(pythonStr),
    notes: Object.fromEntries(Object.entries(fields(fields(own['notes'])[name])).map(([note, count]) => [note, numberOf(count) ?? 0])),
  };
}

function resultsFile(path: string): string {
  if (!existsSync(path)) throw new LmdeckError('usage', `There are no results at ${path}.`);
  if (path.endsWith('.json')) return path;
  // Names end in the date: the last one is the newest.
  const newest = readdirSync(path)
    .filter((name) => /^results(?:_.*)?\.json$/.test(name))
    .sort()
    .at(-1);
  if (newest === undefined) throw new LmdeckError('usage', `There is no results_….json in ${path}.`);
  return join(path, newest);
}

function fields(value: PythonValue): Fields {
  return isPlainDict(value) ? value : {};
}

function list(value: PythonValue): readonly PythonValue[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: PythonValue): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The number of a value as results files have it. */
export function numberOf(value: PythonValue): number | undefined {
  if (value instanceof PythonFloat) return value.value;
  return typeof value === 'number' ? value : undefined;
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value * factor;
}
