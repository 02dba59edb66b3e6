import { isJsonObject, type JsonObject, type JsonValue } from '../../core/index.ts';
import type { TokenizerFiles } from './read-tokenizer-files.ts';

const NAMES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/** The special tokens that have a role, by its name, as `transformers` gives them to chat templates. */
export function specialTokenNames({ config = {}, specialTokens = {} }: TokenizerFiles): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of new Set([...NAMES, ...Object.keys(config), ...Object.keys(specialTokens)])) {
    if (!name.endsWith('_token')) continue;
    const text = content(config[name]) ?? content(specialTokens[name]);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/** The chat templates of `tokenizer_config.json`: one, or a list of named ones. */
export function configTemplates(config: JsonObject = {}): Readonly<Record<string, string>> {
  const given = config['chat_template'];
  if (typeof given === 'string') return { default: given };
  if (!Array.isArray(given)) return {};
  const entries = given.flatMap((each: JsonValue): [string, string][] => {
    if (!isJsonObject(each)) return [];
    const { name, template } = each;
    return typeof name === 'string' && typeof template === 'string' ? [[name, template]] : [];
  });
  return Object.fromEntries(entries);
}

/** A token is written as its text or as an object that has it. */
function content(value: JsonValue | undefined): string | undefined {
  const text = isJsonObject(value) ? value['content'] : value;
  return typeof text === 'string' ? text : undefined;
}
