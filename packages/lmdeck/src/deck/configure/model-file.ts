import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';

import { isJsonObject, LmdeckError, type JsonValue, type LanguageModel, type Model, type ModelDescription } from '../../core/index.ts';
import type { Deck } from '../deck.ts';
import type { SavedModel } from '../model-resolver.ts';
import { checkedOptions, describeModel, modelTypes, type ModelTypes } from './model-types.ts';

/**
 * Writes what a model is into a file, without secrets: YAML for `.yaml` and `.yml`, JSON for `.json`.
 * @throws LmdeckError `usage` for another kind of file; `capability` for a model that cannot be described; `config` when it cannot be written.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { mock } from 'lmdeck';
 * import { loadModel, saveModel } from 'lmdeck/configure';
 *
 * const path = join(await mkdtemp(join(tmpdir(), 'lmdeck-')), 'model.yaml');
 * await saveModel(mock({ outputs: ['Paris'] }), path);
 * console.log(await (await loadModel(path)).prompt('Capital of France?').text()); // Paris
 * ```
 */
export async function saveModel(model: Model, path: string): Promise<void> {
  await saveDescription(describeModel(model), path);
}

/** Writes the description of a model; see {@link saveModel}. */
export async function saveDescription(description: ModelDescription, path: string): Promise<void> {
  const text = await written(description, path);
  await writeFile(path, text).catch((error: unknown) => {
    throw new LmdeckError('config', `Cannot write ${path}: ${reason(error)}`, { cause: error });
  });
}

/**
 * The model that a file describes; its options become defaults. Only types that are listed are made.
 * @throws LmdeckError `config` naming the file and what is wrong.
 */
export async function loadModel(path: string, types: ModelTypes = modelTypes()): Promise<LanguageModel> {
  const description = await readDescription(path);
  return inFile(path, () => types.make(description));
}

/** What a file describes, for a deck that puts its own options and wrappers around it. */
export async function savedModel(path: string, deck: Deck): Promise<SavedModel> {
  const description = await readDescription(path);
  return inFile(path, async () => {
    if (!isJsonObject(description) || description['type'] !== 'deck') {
      const { options, ...bare } = isJsonObject(description) ? description : { description };
      return { made: await modelTypes({ deck }).make(bare), options: checkedOptions(options) };
    }
    const { id, options } = description;
    if (typeof id !== 'string' || id === path) throw new LmdeckError('config', 'A model of the deck needs its name as "id".');
    return { id, options: checkedOptions(options) };
  });
}

async function inFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const known = LmdeckError.from(error);
    throw new LmdeckError(known.code, `${path}: ${known.message}`, { ...known.toInfo(), cause: error });
  }
}

async function readDescription(path: string): Promise<JsonValue> {
  const format = formatOf(path);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new LmdeckError('config', `Cannot read ${path}: ${reason(error)}`, { cause: error });
  });
  try {
    const value: JsonValue = format === 'json' ? JSON.parse(text) : (await import('yaml')).parse(text);
    return value;
  } catch (error) {
    throw new LmdeckError('config', `${path} is not ${format.toUpperCase()}: ${reason(error)}`, { cause: error });
  }
}

async function written(value: JsonValue, path: string): Promise<string> {
  return formatOf(path) === 'json' ? `${JSON.stringify(value, null, 2)}\n` : (await import('yaml')).stringify(value);
}

function formatOf(path: string): 'json' | 'yaml' {
  switch (extname(path).toLowerCase()) {
    case '.json':
      return 'json';
    case '.yaml':
    case '.yml':
      return 'yaml';
    default:
      throw new LmdeckError('usage', `${path}: models are saved as .yaml, .yml or .json.`);
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
