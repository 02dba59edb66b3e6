import {
  isJsonObject,
  LmdeckError,
  type CallContext,
  type JsonObject,
  type JsonValue,
  type ScoredText,
  type ScoreRequest,
  type TokenIds,
} from '../../../core/index.ts';
import { encodeMessages } from '../encode-messages.ts';
import { pickFromIds, placeInText, scoredTokens } from './pick-continuation.ts';
import { scoreItem } from './score-item.ts';
import {
  askServer,
  completionAnswer,
  extraFields,
  isRejection,
  oneAfterAnother,
  scoredText,
  type ScoreBackend,
  type ScoreServer,
} from './score-server.ts';
import { logprobValue, type ServedToken } from './served-token.ts';

/** Added to the logit of a token, it makes sure that this one is sampled. */
const CERTAIN = 1000;
/** More alternatives than any vocabulary has tokens. */
const ALL = 1_000_000;

/** A token of a text as llama-server's /tokenize tells it. */
export interface TokenPiece {
  readonly id: number;
  /** Its text; pieces of characters as `bytes:\xe2`. */
  readonly text: string;
}

/** What the model makes of a token in its place. */
export interface ForcedToken {
  readonly text: string;
  readonly logprob: number | undefined;
  /** The likeliest token of this place. */
  readonly best: number | undefined;
}

/**
 * Scores on llama-server, which tells log-probabilities of sampled tokens only, but those of the model itself, before any sampling. So
 * every token of the continuation is sampled in its turn, made certain by a logit bias, after the tokens before it, which the server has in
 * its cache: as many requests as tokens, and the work of one pass.
 *
 * @param whole id of a token that is at least one whole character.
 */
export function forcedScoring(server: ScoreServer, whole: number): ScoreBackend {
  const { modelId, target, root } = server;
  return {
    name: 'llama-server, token by token',
    scores: (requests, context) => oneAfterAnother(requests, (request) => score(request, context)),
  };

  async function score(request: ScoreRequest, context: CallContext): Promise<ScoredText> {
    const item = scoreItem(request);
    if (item.kind === 'tokens') {
      const { length } = item.context;
      const given = [...item.context, ...item.continuation].map((tokenId): ServedToken => ({ ...UNKNOWN, tokenId }));
      return answer(
        pickFromIds(length, item.continuation, { tokens: await forced(given, length, request, context) }, modelId),
        given.length,
      );
    }
    const before = item.kind === 'text' ? item.context : await rendered(encodeMessages(item.messages, target), context);
    const given = (await tokenPieces(server, before + item.continuation, context)).map(({ id, text }): ServedToken => ({
      ...UNKNOWN,
      text,
      tokenId: id,
    }));
    const place = placeInText(before, item.continuation, { tokens: given }, modelId);
    return answer(scoredTokens({ ...place, tokens: await forced(given, place.first, request, context) }, modelId), given.length);
  }

  /** The same tokens with log-probabilities from `first` on. */
  async function forced(
    tokens: readonly ServedToken[],
    first: number,
    request: ScoreRequest,
    context: CallContext,
  ): Promise<readonly ServedToken[]> {
    const ids = tokens.map((token) => token.tokenId ?? 0);
    const scored = [...tokens];
    // Nothing stands before the first token of a text: it stays without.
    for (let i = Math.max(1, first); i < ids.length; i++) {
      const id = ids[i] ?? 0;
      const ask = tokens[i]?.text?.startsWith(PIECE) === true ? lookUp : forceToken;
      const { text, logprob, best } = await ask(server, ids.slice(0, i), id, whole, context, request);
      scored[i] = { text: tokens[i]?.text || text, logprob, isGreedy: best === undefined ? undefined : best === id, tokenId: id };
    }
    return scored;
  }

  async function rendered(messages: JsonObject[], context: CallContext): Promise<string> {
    const { prompt } = await askServer(root, '/apply-template', { messages }, context);
    if (typeof prompt === 'string') return prompt;
    throw new LmdeckError('invalid-response', `${modelId}: /apply-template answered without a prompt.`);
  }
}

function answer(tokens: ScoredText['tokens'], inputTokens: number): ScoredText {
  return scoredText(tokens, { inputTokens, outputTokens: 0 }, {});
}

const PIECE = 'bytes:';
const UNKNOWN: ServedToken = { text: '', logprob: undefined, isGreedy: undefined };

/** The tokens of a text, special ones read as such, with the BOS that the model wants. @throws LmdeckError for a server without /tokenize. */
export async function tokenPieces({ root, modelId }: ScoreServer, text: string, context: CallContext): Promise<readonly TokenPiece[]> {
  const body = await askServer(root, '/tokenize', { content: text, add_special: true, parse_special: true, with_pieces: true }, context);
  const list = Array.isArray(body['tokens']) ? body['tokens'] : [];
  const pieces = list.flatMap((each: JsonValue): readonly TokenPiece[] => {
    if (!isJsonObject(each) || typeof each['id'] !== 'number') return [];
    const { id, piece } = each;
    if (typeof piece === 'string') return [{ id, text: piece }];
    const bytes = Array.isArray(piece) ? piece.filter((byte) => typeof byte === 'number') : [];
    return [{ id, text: `${PIECE}${bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}` }];
  });
  if (pieces.length === list.length && pieces.length > 0) return pieces;
  throw new LmdeckError('invalid-response', `${modelId}: /tokenize answered without tokens and their pieces.`);
}

/**
 * Lets the server sample this token and no other, and reads what it says of it. A piece of a character cannot be seen so: the server holds
 * it back, or fails over it. Its log-probability is looked up among all alternatives of a token that can.
 */
export async function forceToken(
  server: ScoreServer,
  before: TokenIds,
  id: number,
  whole: number,
  context: CallContext,
  request?: ScoreRequest,
): Promise<ForcedToken> {
  const shown = await sample(server, before, id, 1, context, request).catch((error: unknown) => {
    if (isRejection(error) && error.status === 500) return undefined;
    throw error;
  });
  if (shown === undefined) return lookUp(server, before, id, whole, context, request);
  if (shown['id'] !== id)
    throw new LmdeckError(
      'invalid-response',
      `${server.modelId}: the server sampled token ${JSON.stringify(shown['id'])} where token ${id} was certain.`,
    );
  return { text: textOf(shown), logprob: logprobValue(shown['logprob']), best: alternatives(shown)[0]?.id };
}

/** The log-probability of a token among those of the whole vocabulary: a large answer. */
async function lookUp(
  server: ScoreServer,
  before: TokenIds,
  id: number,
  whole: number,
  context: CallContext,
  request: ScoreRequest | undefined,
): Promise<ForcedToken> {
  const all = alternatives((await sample(server, before, whole, ALL, context, request)) ?? {});
  return { text: '', logprob: all.find((each) => each.id === id)?.logprob, best: all[0]?.id };
}

/** One step of the model with its sampled token made certain; `undefined` when the server does not show that token. */
async function sample(
  server: ScoreServer,
  before: TokenIds,
  id: number,
  alternativesWanted: number,
  context: CallContext,
  request: ScoreRequest | undefined,
): Promise<JsonObject | undefined> {
  const { client, target } = server;
  const body = {
    ...extraFields(server, request),
    model: target.model,
    prompt: [...before],
    max_tokens: 1,
    temperature: 0,
    samplers: ['temperature'],
    logit_bias: [[id, CERTAIN]],
    n_probs: alternativesWanted,
    post_sampling_probs: false,
    cache_prompt: true,
  };
  const { choices } = completionAnswer(await askServer(client, '/completions', body, context), 1, target.name);
  const logprobs = choices[0]?.['logprobs'];
  const content = isJsonObject(logprobs) ? logprobs['content'] : undefined;
  const [first] = Array.isArray(content) ? content : [];
  return isJsonObject(first) ? first : undefined;
}

function alternatives(token: JsonObject): readonly { readonly id: number; readonly logprob: number | undefined }[] {
  const top = token['top_logprobs'];
  if (!Array.isArray(top)) return [];
  return top.flatMap((each: JsonValue) =>
    isJsonObject(each) && typeof each['id'] === 'number' ? [{ id: each['id'], logprob: logprobValue(each['logprob']) }] : [],
  );
}

function textOf(token: JsonObject): string {
  return typeof token['token'] === 'string' ? token['token'] : '';
}
