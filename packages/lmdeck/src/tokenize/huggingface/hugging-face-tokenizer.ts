import {
  isJsonObject,
  LmdeckError,
  type ChatTemplate,
  type JsonObject,
  type JsonValue,
  type LocalTokenizer,
  type SpecialToken,
  type TokenIds,
} from '../../core/index.ts';
import { chatTemplate } from '../chat/chat-template.ts';
import type { AddedToken } from './added-tokens.ts';
import type { HubTokenizer } from './hub-library.ts';
import { Pipeline } from './pipeline.ts';
import { preTokenizerConfig } from './pre-tokenizer-config.ts';
import { readTokenizerFiles, type TokenizerFiles } from './read-tokenizer-files.ts';
import { configTemplates, specialTokenNames } from './special-token-names.ts';
import { strippedSpaces, surfaceBytes, surfaceOf, type Surface } from './token-surface.ts';

export interface HuggingFaceOptions {
  /** Second half of the id. Default: the name of the folder, or `tokenizer`. */
  readonly name?: string | undefined;
  /** The clock of chat templates. Default: the system's. */
  readonly now?: (() => Date) | undefined;
}

/** A tokenizer of Hugging Face, with what its configuration says. */
export interface HuggingFaceTokenizer extends LocalTokenizer {
  /** All chat templates by name; `chatTemplate` takes `tool_use` when there are tools, else `default`. */
  readonly chatTemplates: Readonly<Record<string, ChatTemplate>>;
  /** `model_max_length` of the configuration, in tokens; absent when it sets no limit. */
  readonly maxLength?: number;
}

/** From here on a `model_max_length` means that there is none. */
const NO_LIMIT = 1e9;

/**
 * A tokenizer from a `tokenizer.json` (with `tokenizer_config.json`, `special_tokens_map.json` and chat templates beside it), through
 * `@huggingface/tokenizers`. Nothing is downloaded.
 *
 * Ids are those of the Rust library, with these exceptions of `@huggingface/tokenizers`: `Precompiled` normalisers are approximated
 * by NFKC, `Split` knows `Isolated` and `Removed` only. `decode` does not clean up spaces before punctuation.
 *
 * @param source path of the file or its folder, or the parsed files.
 * @throws LmdeckError `config` when it cannot be read or has something that the library does not know.
 *
 * @example
 * ```ts
 * import { huggingFaceTokenizer } from 'lmdeck/tokenize';
 *
 * const vocab = { '[UNK]': 0, token: 1, '##ize': 2 };
 * const model = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab };
 * const tokenizer = await huggingFaceTokenizer({ tokenizer: { model, pre_tokenizer: { type: 'Whitespace' } } });
 * console.log(tokenizer.encodeWithOffsets('tokenize')); // { ids: [ 1, 2 ], offsets: [ [ 0, 5 ], [ 5, 8 ] ] }
 * ```
 */
export async function huggingFaceTokenizer(
  source: string | TokenizerFiles,
  options: HuggingFaceOptions = {},
): Promise<HuggingFaceTokenizer> {
  const files = typeof source === 'string' ? await readTokenizerFiles(source) : { name: 'tokenizer', ...source };
  const id = `huggingface/${options.name ?? files.name}`;
  const added = addedTokens(files.tokenizer);
  const surface = surfaceOf(files.tokenizer);
  const { config: preTokenizer, prefixSpace } = preTokenizerConfig(files.tokenizer['pre_tokenizer']);
  const library = await openLibrary(id, files, preTokenizer);
  const pipeline = new Pipeline(id, library, added, surface, { normalizer: files.tokenizer['normalizer'], prefixSpace });
  const tokens = new TokenTable(id, library, added, surface, strippedSpaces(files.tokenizer));
  const names = specialTokenNames(files);
  const templates = await openTemplates(id, files, names, options.now);
  const around = surroundings(library, tokens);
  const maxLength = files.config?.['model_max_length'];

  const encode: LocalTokenizer['encode'] = (text, { addSpecial = false, special = 'text' } = {}) => {
    const ids = addSpecial ? [...around.before] : [];
    pipeline.encode(text.toWellFormed(), special === 'token', ids);
    if (addSpecial) ids.push(...around.after);
    return ids;
  };
  return {
    id,
    ...withToken('bos', names['bos_token'], tokens),
    ...withToken('eos', names['eos_token'], tokens),
    ...(templates['default'] === undefined ? {} : { chatTemplate: chosen(templates['default'], templates['tool_use']) }),
    chatTemplates: templates,
    ...(typeof maxLength === 'number' && maxLength < NO_LIMIT ? { maxLength } : {}),
    encode,
    count: (text, encodeOptions) => encode(text, encodeOptions).length,
    decode: (ids, { skipSpecial = false } = {}) => tokens.decode(skipSpecial ? ids.filter((each) => !tokens.isSpecial(each)) : ids),
    bytes: (token) => tokens.bytes(token).slice(),
    encodeWithOffsets: (text, { addSpecial = false, special = 'text' } = {}) => {
      const placed = pipeline.place(text.toWellFormed(), special === 'token');
      const [before, after] = addSpecial ? [around.before, around.after] : [[], []];
      return {
        ids: [...before, ...placed.map((each) => each.id), ...after],
        offsets: [
          ...before.map(() => [0, 0] as const),
          ...placed.map((each) => each.offset),
          ...after.map(() => [text.length, text.length] as const),
        ],
      };
    },
  };
}

/** The tokens of a tokenizer by id and by text. */
class TokenTable {
  readonly #name: string;
  readonly #library: HubTokenizer;
  readonly #surface: Surface;
  readonly #stripped: number | undefined;
  readonly #added: ReadonlyMap<number, AddedToken>;
  readonly #bytes = new Map<number, Uint8Array>();

  constructor(name: string, library: HubTokenizer, added: readonly AddedToken[], surface: Surface, stripped: number | undefined) {
    this.#stripped = stripped;
    this.#name = name;
    this.#library = library;
    this.#surface = surface;
    this.#added = new Map(added.map((token) => [token.id, token]));
  }

  isSpecial(id: number): boolean {
    return this.#added.get(id)?.special === true;
  }

  idOf(text: string): number | undefined {
    for (const token of this.#added.values()) if (token.content === text) return token.id;
    return this.#library.model.tokens_to_ids.get(text);
  }

  bytes(id: number): Uint8Array {
    let bytes = this.#bytes.get(id);
    if (bytes === undefined) {
      const added = this.#added.get(id);
      bytes = added === undefined ? surfaceBytes(this.#text(id), this.#surface) : new TextEncoder().encode(added.content);
      this.#bytes.set(id, bytes);
    }
    return bytes;
  }

  decode(ids: TokenIds): string {
    if (ids.length === 0) return '';
    const { decoder } = this.#library;
    const stripped = this.#stripped;
    if (stripped !== undefined) {
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(ids.map((id) => this.bytes(id))));
      return stripped === 0 ? text : text.replace(new RegExp(`^ {1,${stripped}}`), '');
    }
    const texts = ids.map((id) => this.#added.get(id)?.content ?? this.#text(id));
    return decoder === null ? texts.join(' ') : decoder(texts);
  }

  #text(id: number): string {
    const text = this.#library.model.vocab[id];
    if (text !== undefined) return text;
    throw new LmdeckError('usage', `${this.#name} has no token ${id}.`);
  }
}

async function openLibrary(id: string, { tokenizer, config = {} }: TokenizerFiles, preTokenizer: JsonValue): Promise<HubTokenizer> {
  const { Tokenizer } = await import('./hub-library.ts');
  // The library wants every part named, also those that are not there.
  const whole = { normalizer: null, post_processor: null, decoder: null, added_tokens: [], ...tokenizer, pre_tokenizer: preTokenizer };
  try {
    return new Tokenizer(whole, config);
  } catch (error) {
    throw new LmdeckError('config', `${id}: tokenizer.json cannot be used: ${LmdeckError.from(error).message}`, { cause: error });
  }
}

async function openTemplates(
  id: string,
  files: TokenizerFiles,
  names: Readonly<Record<string, string>>,
  now: (() => Date) | undefined,
): Promise<Readonly<Record<string, ChatTemplate>>> {
  const sources = { ...configTemplates(files.config), ...files.chatTemplates };
  const entries = Object.entries(sources).map(async ([name, template]): Promise<[string, ChatTemplate]> => {
    const label = name === 'default' ? id : `${id} (chat template "${name}")`;
    return [name, await chatTemplate(template, { variables: names, now, name: label })];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function chosen(standard: ChatTemplate, forTools: ChatTemplate | undefined): ChatTemplate {
  if (forTools === undefined) return standard;
  return {
    source: standard.source,
    render: (messages, options) => ((options?.tools?.length ?? 0) > 0 ? forTools : standard).render(messages, options),
  };
}

/** What the post-processor puts around a text. */
function surroundings(
  library: HubTokenizer,
  tokens: TokenTable,
): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const MARK = '\u0000text';
  const around = library.post_processor?.([MARK], null, true).tokens ?? [MARK];
  const at = around.indexOf(MARK);
  const ids = (texts: readonly string[]): number[] =>
    texts.flatMap((text) => {
      const found = tokens.idOf(text);
      return found === undefined ? [] : [found];
    });
  return { before: ids(around.slice(0, at)), after: ids(around.slice(at + 1)) };
}

function withToken(role: 'bos' | 'eos', text: string | undefined, tokens: TokenTable): { readonly [Role in typeof role]?: SpecialToken } {
  const id = text === undefined ? undefined : tokens.idOf(text);
  return text === undefined || id === undefined ? {} : { [role]: { id, text } };
}

function addedTokens(tokenizer: JsonObject): AddedToken[] {
  const given: readonly JsonValue[] = Array.isArray(tokenizer['added_tokens']) ? tokenizer['added_tokens'] : [];
  return given.flatMap((each) => {
    if (!isJsonObject(each) || typeof each['id'] !== 'number' || typeof each['content'] !== 'string') return [];
    const special = each['special'] === true;
    return [
      {
        id: each['id'],
        content: each['content'],
        special,
        normalized: typeof each['normalized'] === 'boolean' ? each['normalized'] : !special,
        singleWord: each['single_word'] === true,
        lstrip: each['lstrip'] === true,
        rstrip: each['rstrip'] === true,
      },
    ];
  });
}
