import { LmdeckError, type LocalTokenizer, type TokenIds } from '../../core/index.ts';
import { cacheFolder } from '../cache-folder.ts';
import { SpecialTokens } from '../special-tokens.ts';
import { utf16Offsets } from '../utf16-offsets.ts';
import { BytePairEncoder } from './byte-pair-encoder.ts';
import type { EncodingName } from './encoding-name.ts';
import { encodingOf } from './encodings.ts';
import { sharedVocabulary } from './load-vocabulary.ts';

/** How to load an encoding. */
export interface TiktokenOptions {
  /**
   * Folder that keeps the vocabulary (4.3 MB for o200k) ready to be used, which makes loading several times as fast; `false` for none.
   * Default: that of the user, or `cache` in `LMDECK_HOME`.
   */
  readonly cacheFolder?: string | false;
}

/**
 * One of OpenAI's encodings, with the ids of openai/tiktoken; needs the optional package `gpt-tokenizer`, which has the ranks. Nothing
 * is downloaded. These encodings put nothing around a text, so `addSpecial` changes nothing.
 *
 * @param encoding its name (`o200k_base`, `cl100k_base`, …) or a model's (`gpt-5-mini`).
 * @throws LmdeckError `usage` for an unknown name, `config` when the package is not installed.
 *
 * @example
 * ```ts
 * import { tiktokenTokenizer } from 'lmdeck/tokenize';
 *
 * const tokenizer = await tiktokenTokenizer('gpt-5-mini');
 * console.log(tokenizer.encode('Hello world')); // [ 13225, 2375 ]
 * console.log(tokenizer.count('Hello world')); // 2
 * ```
 */
export async function tiktokenTokenizer(encoding: EncodingName | (string & {}), options: TiktokenOptions = {}): Promise<LocalTokenizer> {
  const { name, ranks, scan, special: specialIds } = encodingOf(encoding);
  const vocabulary = await sharedVocabulary(ranks, options.cacheFolder ?? cacheFolder());
  const id = `tiktoken/${name}`;
  const special = new SpecialTokens(specialIds);
  const encoder = new BytePairEncoder(vocabulary, scan);
  const utf8 = new TextEncoder();
  // A byte order mark is a character of the text like others.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  const bytesOf = (token: number): Uint8Array => {
    if (vocabulary.length(token) > 0) return vocabulary.token(token);
    const text = special.text(token);
    if (text !== undefined) return utf8.encode(text);
    throw new LmdeckError('usage', `${id} has no token ${token}.`);
  };
  const encode: LocalTokenizer['encode'] = (text, { special: kind } = {}) => {
    const ids: number[] = [];
    if (kind !== 'token') encoder.encode(text, ids);
    else
      for (const piece of special.split(text)) {
        if (typeof piece === 'number') ids.push(piece);
        else encoder.encode(piece, ids);
      }
    return ids;
  };
  const endOfText = special.id('<|endoftext|>');
  return {
    id,
    ...(endOfText === undefined ? {} : { eos: { id: endOfText, text: '<|endoftext|>' } }),
    encode,
    decode: (ids, { skipSpecial = false } = {}) => decoder.decode(joined(ids, skipSpecial, special, bytesOf)),
    count: (text, { special: kind } = {}) => {
      if (kind !== 'token') return encoder.count(text);
      let count = 0;
      for (const piece of special.split(text)) count += typeof piece === 'number' ? 1 : encoder.count(piece);
      return count;
    },
    bytes: (token) => bytesOf(token).slice(),
    encodeWithOffsets: (text, encodeOptions) => {
      const ids = encode(text, encodeOptions);
      return {
        ids,
        offsets: utf16Offsets(
          text,
          ids.values().map((token) => bytesOf(token).length),
        ),
      };
    },
  };
}

function joined(ids: TokenIds, skipSpecial: boolean, special: SpecialTokens, bytesOf: (token: number) => Uint8Array): Uint8Array {
  const parts = (skipSpecial ? ids.filter((id) => !special.has(id)) : ids).map(bytesOf);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
