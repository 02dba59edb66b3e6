import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { isJsonObject, LmdeckError, type JsonObject, type JsonValue, type LanguageModel } from '../../core/index.ts';
import type { ModelTypes } from '../../deck/configure/index.ts';
import type { Deck } from '../../deck/index.ts';
import { OUTPUT_FORMATS } from '../output/convert-rows.ts';
import { outputLines } from '../output/output-lines.ts';
import { JOINS } from '../output/row-line.ts';
import type { WriteBatchOptions } from '../run/write-batch-options.ts';
import { openSource, SOURCE_FORMATS } from '../sources/open-source.ts';
import type { RowSource } from '../sources/row-source.ts';
import { batchParameters } from './batch-parameters.ts';
import type { BatchPlan } from './batch-plan.ts';

/**
 * Writes a run into a file: YAML for `.yaml` and `.yml`, JSON for `.json`. Paths in its folder become relative to it.
 * @param plan without secrets: they are the model's, see `withoutSecrets` of `lmdeck/configure`.
 * @throws LmdeckError `usage` for another kind of file, `config` when it cannot be written.
 *
 * @example
 * ```ts
 * import { readBatch, saveBatch } from 'lmdeck/batch';
 *
 * await saveBatch({ source: 'rows.jsonl', model: 'tiny', samples: 3, output: 'out.jsonl' }, 'run.yaml');
 * console.log((await readBatch('run.yaml')).samples); // 3
 * ```
 */
export async function saveBatch(plan: BatchPlan, path: string): Promise<void> {
  const { writeDataFile } = await import('../../deck/configure/index.ts');
  const { source, output } = plan;
  const folder = dirname(resolve(path));
  const values: Record<string, JsonValue> = {};
  const all = {
    ...plan,
    source: source === undefined || source === '-' ? source : near(source, folder),
    output: output === undefined || output === '-' ? output : near(output, folder),
  };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) values[name] = value;
  await writeDataFile(path, values);
}

/**
 * What a file says of a run; paths are absolute then. What is no setting is left out with a warning that names the nearest.
 * @throws LmdeckError `config` when it cannot be read, `usage` for a value that its setting does not take.
 */
export async function readBatch(path: string, { onWarning }: Pick<LoadBatchOptions, 'onWarning'> = {}): Promise<BatchPlan> {
  const { readDataFile, setParameters } = await import('../../deck/configure/index.ts');
  const value = await readDataFile(path);
  if (!isJsonObject(value)) throw new LmdeckError('config', `${path} must be an object with settings of a run, such as "source".`);
  // A description is no text, as which the parameter is listed.
  const { model, ...others } = value;
  const warn = onWarning ?? ((message: string) => process.emitWarning(message));
  let known: JsonObject;
  try {
    const named = typeof model === 'string' ? { ...others, model } : others;
    known = setParameters(batchParameters, {}, named, (message) => warn(`${path}: ${message}`));
  } catch (error) {
    throw new LmdeckError('usage', `${path}: ${LmdeckError.from(error).message}`, { cause: error });
  }
  if (model !== undefined && typeof model !== 'string' && !isJsonObject(model))
    throw new LmdeckError('usage', `${path}: model must be a name or an object that describes one.`);
  return planOf(known, isJsonObject(model) ? model : undefined, dirname(resolve(path)));
}

export interface LoadBatchOptions {
  /** Whose models names stand for, those of rows too. */
  readonly deck?: Deck | undefined;
  /** Those types of models that a description may name. Default: those of `modelTypes({ deck })`. */
  readonly types?: ModelTypes | undefined;
  /** Told what is left out. Default: `process.emitWarning`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A run out of a file, for `writeBatch(open, model, { ...options, runId, folder, tape })`. */
export interface LoadedBatch {
  readonly plan: BatchPlan;
  readonly open: () => RowSource;
  readonly model: LanguageModel | undefined;
  readonly options: Omit<WriteBatchOptions, 'runId' | 'folder'>;
}

/**
 * A run that a file describes. A model by name is the deck's, with all that surrounds it; one that is described is made of the listed types
 * alone.
 * @throws LmdeckError `config`, `usage`, `unknown-model`
 *
 * @example
 * ```ts
 * import { loadBatch, runBatch } from 'lmdeck/batch';
 * import { writeFileSync } from 'node:fs';
 *
 * writeFileSync('words.txt', 'cat\ndog\n');
 * writeFileSync('run.json', '{"source": "words.txt", "model": {"type": "mock", "id": "mock", "outputs": ["ok"]}}');
 * const { open, model, options } = await loadBatch('run.json');
 * for await (const outcome of runBatch(open(), model, options)) console.log(outcome.status); // ok
 * ```
 */
export async function loadBatch(path: string, { deck, types, onWarning }: LoadBatchOptions = {}): Promise<LoadedBatch> {
  const { modelTypes } = await import('../../deck/configure/index.ts');
  const plan = await readBatch(path, { onWarning });
  const {
    source,
    from,
    sql,
    model,
    format,
    join,
    keep,
    asCompleted,
    offline: _offline,
    retries: _retries,
    cache: _cache,
    ...options
  } = plan;
  if (source === undefined || source === '-') throw new LmdeckError('usage', `${path}: name the file with the rows as "source".`);
  if (typeof model === 'string' && deck === undefined)
    throw new LmdeckError('usage', `${path}: the model "${model}" is one of a deck: open one and give it along ({ deck }).`);
  const made = typeof model === 'string' ? await deck?.model(model) : undefined;
  return {
    plan,
    open: () => openSource(source, { format: from, query: sql }),
    model: isJsonObject(model) ? await (types ?? modelTypes({ deck })).make(model) : made,
    options: {
      ...options,
      ...outputLines({ format, join, keep }),
      order: asCompleted === true ? 'completed' : 'input',
      ...(deck === undefined ? {} : { models: (name: string) => deck.model(name) }),
    },
  };
}

function near(path: string, folder: string): string {
  const way = relative(folder, resolve(path));
  return way.startsWith('..') || isAbsolute(way) ? resolve(path) : way;
}

/** Values that have passed `batchParameters`, by their types. */
function planOf(values: JsonObject, description: JsonObject | undefined, folder: string): BatchPlan {
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const number = (name: string): number | undefined => (typeof values[name] === 'number' ? values[name] : undefined);
  const flag = (name: string): boolean | undefined => (typeof values[name] === 'boolean' ? values[name] : undefined);
  const object = (name: string): JsonObject | undefined => (isJsonObject(values[name]) ? values[name] : undefined);
  const path = (name: string): string | undefined => {
    const given = text(name);
    return given === undefined || given === '-' ? given : resolve(folder, given);
  };
  const { keep } = values;
  const columns = Array.isArray(keep) ? keep.flatMap((each: JsonValue) => (typeof each === 'string' ? [each] : [])) : undefined;
  const plan: BatchPlan = {
    source: path('source'),
    from: SOURCE_FORMATS.find((each) => each === values['from']),
    sql: text('sql'),
    model: description ?? text('model'),
    template: text('template'),
    system: text('system'),
    options: object('options'),
    schema: object('schema'),
    samples: number('samples'),
    rowSettings: flag('rowSettings'),
    lineModels: flag('lineModels'),
    limit: number('limit'),
    output: path('output'),
    format: OUTPUT_FORMATS.find((each) => each === values['format']),
    join: JOINS.find((each) => each === values['join']),
    keep: columns,
    asCompleted: flag('asCompleted'),
    offline: flag('offline'),
    concurrency: number('concurrency'),
    window: number('window'),
    retries: number('retries'),
    cache: flag('cache'),
    maxErrors: number('maxErrors'),
    maxCost: number('maxCost'),
  };
  return plan;
}
