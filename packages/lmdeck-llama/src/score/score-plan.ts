import { LmdeckError, messageText, type ScoreRequest } from 'lmdeck/core';
import type { LlamaModel, Token } from 'node-llama-cpp';
import type { LoadedModel } from '../loaded-model.ts';
import { firstToken, rawTokens, textTokens } from '../raw-tokens.ts';
import { toTokens } from '../token-ids.ts';
import { TokenText } from '../token-text.ts';

/** A text to score, as tokens. */
export interface ScorePlan {
  /** Context and continuation; never empty before the continuation. */
  readonly tokens: readonly Token[];
  /** Index of the continuation's first token, 1 at least. */
  readonly first: number;
  /** The text that each token of the continuation completes. */
  readonly texts: readonly string[];
}

/** A plan before anything was put in front; `texts` where they are known already. */
interface Draft extends Omit<ScorePlan, 'texts'> {
  readonly texts?: readonly string[];
}

/**
 * The tokens of a request and which of them are the continuation. Context and continuation of text are tokenised together; a token on both
 * sides of the seam belongs to the continuation. After messages and token ids the continuation stands for itself.
 * @throws LmdeckError `invalid-request` when the text is longer than the context of the model; `capability` when nothing can stand before it.
 */
export function planScore(loaded: LoadedModel, modelId: string, request: ScoreRequest): ScorePlan {
  const { model, contextTokens } = loaded;
  const draft = planned(loaded, modelId, request);
  const { tokens, first } = draft.first > 0 ? draft : { tokens: [firstToken(model, modelId), ...draft.tokens], first: 1 };
  // The last token is only looked up: nothing is computed after it.
  if (tokens.length - 1 <= contextTokens)
    return { tokens, first, texts: draft.texts ?? tokenTexts(model, tokens.slice(first), tokens.slice(0, first)) };
  throw new LmdeckError(
    'invalid-request',
    `${modelId}: the text has ${tokens.length} tokens, the model can score ${contextTokens + 1} at once. Shorten the context, or load the model with a larger contextSize.`,
    { data: { promptTokens: tokens.length, contextTokens } },
  );
}

function planned({ model, chat }: LoadedModel, modelId: string, { messages, continuation }: ScoreRequest): Draft {
  const [message] = messages;
  if (typeof continuation !== 'string') {
    const context = message === undefined ? [] : rawTokens(message, model, modelId);
    return { tokens: [...context, ...toTokens(continuation, model, modelId)], first: context.length };
  }
  if (message?.role !== 'raw') {
    const context = chat.render(messages);
    return { tokens: [...context, ...model.tokenize(continuation, true, 'trimLeadingSpace')], first: context.length };
  }
  const context = messageText(message);
  if (context === '') return { tokens: model.tokenize(continuation, true), first: 0 };
  const tokens = textTokens(context + continuation, model);
  return { tokens, ...seamOf(model, tokens, continuation) };
}

/**
 * The first token that has part of the continuation, counted from the end: what stands before the text does not matter then, and
 * only the tokens of the continuation have to be read. A token has a byte at least, a character four at most.
 */
function seamOf(model: LlamaModel, tokens: readonly Token[], continuation: string): Omit<Draft, 'tokens'> {
  const tail = Math.max(0, tokens.length - Buffer.byteLength(continuation) - 4);
  const texts = tokenTexts(model, tokens.slice(tail), tokens.slice(0, tail));
  let length = 0;
  let index = texts.length;
  // Pieces of a character, which have no text, belong to the token that completes it.
  while (index > 0 && (length < continuation.length || texts[index - 1] === '')) length += texts[--index]?.length ?? 0;
  return { first: tail + index, texts: texts.slice(index) };
}

/** The text that each token completes; special tokens as they are written. */
function tokenTexts(model: LlamaModel, tokens: readonly Token[], before: readonly Token[]): readonly string[] {
  const text = new TokenText(model, specialTexts(model), before);
  return tokens.map((token) => text.push(token));
}

const specialTextsOf = new WeakMap<LlamaModel, Map<Token, string | undefined>>();

/** How special tokens are written, `undefined` for others; asking the engine is dear, so each token of a model is asked for once. */
function specialTexts(model: LlamaModel): (token: Token) => string | undefined {
  const known = specialTextsOf.get(model) ?? new Map<Token, string | undefined>();
  specialTextsOf.set(model, known);
  return (token) => {
    if (!known.has(token)) known.set(token, model.isSpecialToken(token) ? model.detokenize([token], true) : undefined);
    return known.get(token);
  };
}
