import { LmdeckError, messageText, type Message } from 'lmdeck/core';
import type { LlamaModel, Token } from 'node-llama-cpp';
import { toTokens } from './token-ids.ts';

/**
 * The tokens of a raw prompt: its ids as they are, or its text with special tokens read as such, and the BOS in front where the model was
 * trained with one.
 */
export function rawTokens(message: Message, model: LlamaModel, modelId: string): Token[] {
  const [part] = message.parts;
  return part?.type === 'tokens' ? toTokens(part.ids, model, modelId) : textTokens(messageText(message), model);
}

/** The tokens of a text, see {@link rawTokens}. */
export function textTokens(text: string, model: LlamaModel): Token[] {
  return withBos(model.tokenize(text, true), model);
}

/** The same tokens with the BOS in front, where the model was trained with one. */
export function withBos(tokens: Token[], model: LlamaModel): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens;
  return bos !== null && shouldPrependBosToken && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}

/** What stands before a text that nothing stands before. @throws LmdeckError `capability` for a model that has no such token. */
export function firstToken(model: LlamaModel, modelId: string): Token {
  const token = model.tokens.bos ?? model.tokens.eos;
  if (token !== null) return token;
  throw new LmdeckError(
    'capability',
    `${modelId} has no token that begins a text (BOS or EOS), so its first token cannot be scored. Give a context.`,
  );
}
