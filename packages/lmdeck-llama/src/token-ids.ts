import { LmdeckError } from 'lmdeck/core';
import type { LlamaModel, Token } from 'node-llama-cpp';

/** Token ids as the engine's tokens. @throws LmdeckError `invalid-request` for a number that is none of the vocabulary. */
export function toTokens(ids: readonly number[], model: LlamaModel, modelId: string): Token[] {
  const size = vocabularySize(model);
  const isToken = (id: number): id is Token => Number.isInteger(id) && id >= 0 && id < size;
  const wrong = ids.find((id) => !isToken(id));
  if (wrong === undefined) return ids.filter(isToken);
  throw new LmdeckError('invalid-request', `${modelId}: ${wrong} is no token id: its vocabulary has 0 to ${size - 1}.`);
}

export function vocabularySize(model: LlamaModel): number {
  return model.fileInfo.metadata.tokenizer.ggml.tokens.length;
}
