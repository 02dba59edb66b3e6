import { isJsonObject, LmdeckError, type LanguageModel, type Model, type ModelDescription } from '../../core/index.ts';
import type { Deck } from '../deck.ts';
import type { SavedModel } from '../model-resolver.ts';
import { readDataFile, writeDataFile } from './data-file.ts';
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
  await writeDataFile(path, description);
}

/**
 * The model that a file describes; its options become defaults. Only types that are listed are made.
 * @throws LmdeckError `config` naming the file and what is wrong.
 */
export async function loadModel(path: string, types: ModelTypes = modelTypes()): Promise<LanguageModel> {
  const description = await readDataFile(path);
  return inFile(path, () => types.make(description));
}

/** What a file describes, for a deck that puts its own options and wrappers around it. */
export async function savedModel(path: string, deck: Deck): Promise<SavedModel> {
  const description = await readDataFile(path);
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
