import { LmdeckError, type ChatTemplate, type LocalTokenizer, type SpecialToken } from 'lmdeck/core';
import type { LlamaModel, Token } from 'node-llama-cpp';
import type { ChatTemplateOption } from './chat/chat-format.ts';
import { toTokens } from './token-ids.ts';

/** Kinds of tokens in a GGUF file (`tokenizer.ggml.token_type`). */
const NORMAL = 1;
const BYTE = 6;

/**
 * The tokenizer of a GGUF file, through llama.cpp. Can be used until the model is unloaded.
 * @param template as the model was loaded with: another one than the file's, or none.
 */
export async function llamaTokenizer(model: LlamaModel, id: string, template: ChatTemplateOption | undefined): Promise<LocalTokenizer> {
  // Not before it is asked for: most calls need no tokenizer.
  const tokenize = await import('lmdeck/tokenize');
  const { ggml, chat_template: own } = model.fileInfo.metadata.tokenizer;
  const special = (token: Token | null): SpecialToken | undefined => {
    const text = token === null ? undefined : ggml.tokens[token];
    return token === null || text === undefined ? undefined : { id: token, text };
  };
  const { bos, eos, shouldPrependBosToken, shouldAppendEosToken } = model.tokens;
  const [begin, end] = [special(bos), special(eos)];
  const surface = {
    byteLevel: ggml.model === 'gpt2',
    space: ggml.model === 'gpt2' ? undefined : '▁',
    byteFallback: true,
    continuingPrefix: '',
    endOfWordSuffix: '',
  };
  const utf8 = new TextEncoder();
  const open = (): LlamaModel => {
    if (!model.disposed) return model;
    throw new LmdeckError('usage', `${id}: the model was unloaded, and its tokenizer with it. Ask the model for it again.`);
  };
  const bytes = (token: number): Uint8Array => {
    const text = ggml.tokens[token];
    if (text === undefined) throw new LmdeckError('usage', `${id} has no token ${token}.`);
    const kind: number | undefined = ggml.token_type[token];
    return kind === undefined || kind === NORMAL || kind === BYTE ? tokenize.tokenBytes(text, surface) : utf8.encode(text);
  };
  const body = (text: string, kind: 'token' | 'text' | undefined): Token[] => open().tokenize(text.toWellFormed(), kind === 'token');
  const encode: LocalTokenizer['encode'] = (text, { addSpecial = false, special: kind } = {}) => {
    const tokens = body(text, kind);
    if (!addSpecial) return tokens;
    return [...(shouldPrependBosToken && bos !== null ? [bos] : []), ...tokens, ...(shouldAppendEosToken && eos !== null ? [eos] : [])];
  };
  const source = template ?? own;
  const chatTemplate: ChatTemplate | undefined =
    typeof source !== 'string' || source.trim() === ''
      ? undefined
      : await tokenize.chatTemplate(source, { bos: begin?.text, eos: end?.text, name: id }).catch(() => undefined);
  return {
    id,
    ...(begin === undefined ? {} : { bos: begin }),
    ...(end === undefined ? {} : { eos: end }),
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    encode,
    decode: (ids, { skipSpecial = false } = {}) => open().detokenize(toTokens(ids, model, id), !skipSpecial),
    count: (text, options) => encode(text, options).length,
    bytes,
    encodeWithOffsets: (text, { addSpecial = false, special: kind } = {}) => {
      const tokens = body(text, kind);
      const offsets = tokenize.tokenOffsets(text, tokens.map(bytes));
      if (offsets === undefined)
        throw new LmdeckError(
          'capability',
          `${id}: where the tokens of this text stand cannot be told, because its tokenizer changes the text. Use encode.`,
        );
      const before = addSpecial && shouldPrependBosToken && bos !== null ? [bos] : [];
      const after = addSpecial && shouldAppendEosToken && eos !== null ? [eos] : [];
      return {
        ids: [...before, ...tokens, ...after],
        offsets: [...before.map(() => [0, 0] as const), ...offsets, ...after.map(() => [text.length, text.length] as const)],
      };
    },
  };
}
