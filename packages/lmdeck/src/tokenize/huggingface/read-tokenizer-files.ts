import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isJsonObject, LmdeckError, type JsonObject, type JsonValue } from '../../core/index.ts';

/** The parts of a tokenizer as Hugging Face's tools write them. */
export interface TokenizerFiles {
  /** `tokenizer.json` */
  readonly tokenizer: JsonObject;
  /** `tokenizer_config.json` */
  readonly config?: JsonObject | undefined;
  /** `special_tokens_map.json` */
  readonly specialTokens?: JsonObject | undefined;
  /** Chat templates by name; the usual one is `default`. They go before those of `config`. */
  readonly chatTemplates?: Readonly<Record<string, string>> | undefined;
}

/**
 * Reads a tokenizer from a folder, or from a `tokenizer.json` and what lies beside it.
 * @throws LmdeckError `config` naming the file that is missing or cannot be read.
 */
export async function readTokenizerFiles(path: string): Promise<TokenizerFiles & { readonly name: string }> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const folder = isFolder ? path : dirname(path);
  const file = isFolder ? join(path, 'tokenizer.json') : path;
  const tokenizer = await readJson(file);
  if (tokenizer === undefined)
    throw new LmdeckError(
      'config',
      `There is no ${file}. Give the folder of a model that has one, or the file itself; tokenizers in another form (tokenizer.model, vocab.txt) must be converted first.`,
    );
  const [config, specialTokens, chatTemplates] = await Promise.all([
    readJson(join(folder, 'tokenizer_config.json')),
    readJson(join(folder, 'special_tokens_map.json')),
    readTemplates(folder),
  ]);
  return { name: basename(isFolder ? path : folder), tokenizer, config, specialTokens, chatTemplates };
}

/** `chat_template.jinja`, `chat_template.json` of processors, and those of `additional_chat_templates/`. */
async function readTemplates(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  const old = (await readJson(join(folder, 'chat_template.json')))?.['chat_template'];
  if (typeof old === 'string') found['default'] = old;
  const own = await readText(join(folder, 'chat_template.jinja'));
  if (own !== undefined) found['default'] = own;
  const more = join(folder, 'additional_chat_templates');
  const names = await readdir(more).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.jinja')))
    found[basename(name, '.jinja')] = (await readText(join(more, name))) ?? '';
  return found;
}

async function readJson(path: string): Promise<JsonObject | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LmdeckError('config', `${path} is not JSON: ${LmdeckError.from(error).message}`, { cause: error });
  }
  if (isJsonObject(value)) return value;
  throw new LmdeckError('config', `${path} is not a JSON object.`);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw new LmdeckError('config', `${path} cannot be read: ${LmdeckError.from(error).message}`, { cause: error });
  }
}
