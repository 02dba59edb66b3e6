import { LmdeckError, type TokenLogprob } from '../../../core/index.ts';
import { alignTokens, characterStart, type Span } from './align-tokens.ts';
import { noLogprob, type ServedToken } from './served-token.ts';
import type { ServedTokens } from './served-tokens.ts';

/** Where the tokens of a continuation begin. */
export interface Place {
  readonly text: string;
  readonly tokens: readonly ServedToken[];
  readonly spans: readonly Span[];
  /** Index of the continuation's first token. */
  readonly first: number;
}

/**
 * Finds the continuation among the tokens of the whole text. A token that begins in the context and ends in the continuation belongs to
 * the continuation: its text then begins with the end of the context.
 * @throws LmdeckError `invalid-response` when the tokens are not the text.
 */
export function placeInText(context: string, continuation: string, { tokens, offsets }: ServedTokens, modelId: string): Place {
  const text = context + continuation;
  const spans = alignTokens(text, { texts: tokens.map((each) => each.text), offsets });
  if (spans !== undefined) return placed(text, tokens, spans, Buffer.byteLength(context), modelId);
  const said = tokens.map((each) => each.text ?? '…').join('');
  throw invalid(
    modelId,
    `the ${tokens.length} tokens that came back (${quoted(said)}) do not make up the text that was sent (${quoted(text)})`,
  );
}

/**
 * The tokens of a continuation that follows a text.
 * @throws LmdeckError as {@link placeInText} and {@link scoredTokens}.
 */
export function pickFromText(context: string, continuation: string, served: ServedTokens, modelId: string): readonly TokenLogprob[] {
  return pickPlainly(context, continuation, served, modelId) ?? scoredTokens(placeInText(context, continuation, served, modelId), modelId);
}

/** The frequent case without the places of all tokens: ASCII, and the tokens, with a BOS before them or not, say it letter by letter. */
function pickPlainly(context: string, continuation: string, served: ServedTokens, modelId: string): readonly TokenLogprob[] | undefined {
  const text = context + continuation;
  const texts = served.lean?.texts ?? served.tokens.map((each) => each.text);
  const [before] = texts;
  if (typeof before !== 'string' || Buffer.byteLength(text) !== text.length) return undefined;
  let first = texts.length;
  let at = 0;
  for (let i = text.startsWith(before) ? 0 : 1; i < texts.length; i++) {
    const said = texts[i];
    if (typeof said !== 'string' || said === '' || !text.startsWith(said, at)) return undefined;
    at += said.length;
    if (at > context.length && first === texts.length) first = i;
  }
  if (at !== text.length || first === texts.length) return undefined;
  return tokensFrom(served, first).map((token, i) => scored(token, token.text ?? '', first + i, modelId));
}

/**
 * Finds a continuation that ends the prompt, where only the server knows what stands before it (a rendered chat).
 * @throws LmdeckError as {@link placeInText}.
 */
export function placeAtEnd(continuation: string, { tokens }: ServedTokens, modelId: string): Place {
  let text = '';
  for (let first = tokens.length - 1; first >= 0 && text.length <= 2 * continuation.length + 64; first--) {
    text = (tokens[first]?.text ?? '') + text;
    // What was lost of the first character stands before it.
    if (isLossy(tokens[first - 1])) continue;
    const overlap = text.endsWith(continuation) ? text.slice(0, text.length - continuation.length) : '';
    const own = tokens.slice(first);
    const spans = alignTokens(overlap + continuation, { texts: own.map((each) => each.text) }, false);
    if (spans !== undefined) return placed(overlap + continuation, own, spans, 0, modelId);
  }
  throw invalid(
    modelId,
    `the prompt that the server made of the messages does not end in the continuation (${quoted(continuation)}) but in ${quoted(text.slice(-continuation.length - 20))}: its chat template changes it, or it does not leave the last message open`,
  );
}

/**
 * The tokens of a continuation that was given as token ids.
 * @param count how many tokens the context has.
 * @throws LmdeckError as {@link scoredTokens}, and when the tokens that came back are not those that were sent.
 */
export function pickFromIds(count: number, ids: readonly number[], served: ServedTokens, modelId: string): readonly TokenLogprob[] {
  const { length } = served.lean?.texts ?? served.tokens;
  if (length !== count + ids.length)
    throw invalid(modelId, `${count + ids.length} token ids were sent, and ${length} tokens came back: the server adds or drops some`);
  return tokensFrom(served, count).map((token, i) => {
    const tokenId = ids[i];
    if (tokenId === undefined || (token.tokenId !== undefined && token.tokenId !== tokenId))
      throw invalid(modelId, `token ${count + i + 1} came back as ${token.tokenId} and was sent as ${tokenId}`);
    return { ...scored(token, token.text ?? '', count + i, modelId), tokenId };
  });
}

function tokensFrom(served: ServedTokens, first: number): readonly ServedToken[] {
  return served.lean?.from(first) ?? served.tokens.slice(first);
}

/**
 * The tokens of the continuation with their log-probabilities.
 * @throws LmdeckError `invalid-response` when one has none, `capability` when that is the first token of a text.
 */
export function scoredTokens({ text, tokens, spans, first }: Place, modelId: string): readonly TokenLogprob[] {
  const bytes = Buffer.from(text);
  return tokens.slice(first).map((token, i) => {
    const { start, end, earliestEnd } = spans[first + i] ?? NOWHERE;
    const before = spans[first + i - 1];
    // The characters that end in the token: joined, the texts of the tokens are the text.
    const said = bytes
      .subarray(characterStart(bytes, Math.max(start, i === 0 ? 0 : (before?.end ?? 0))), characterStart(bytes, end))
      .toString();
    const whole = scored(token, said, first + i, modelId);
    const own = bytes.subarray(start, end);
    const isExact = earliestEnd === end && (before === undefined || before.earliestEnd === before.end);
    return isExact && own.toString() !== said ? { ...whole, bytes: [...own] } : whole;
  });
}

const NOWHERE: Span = { start: -1, end: -1, earliestEnd: -1 };

function placed(text: string, tokens: readonly ServedToken[], spans: readonly Span[], seam: number, modelId: string): Place {
  let first = tokens.length;
  for (let i = tokens.length - 1; i >= 0; i--) {
    const { start, end, earliestEnd } = spans[i] ?? NOWHERE;
    // What has no text of its own belongs to the character that comes after it.
    const isNothing = start === seam && end === seam && first === i + 1;
    if (end <= seam && !isNothing) break;
    if (earliestEnd < seam || (earliestEnd === seam && !isNothing)) {
      const lost = Buffer.from(text)
        .subarray(characterStart(Buffer.from(text), start), end)
        .toString();
      throw invalid(modelId, `the continuation begins inside characters of which the server shows no tokens (${quoted(lost)})`);
    }
    first = i;
  }
  if (first === tokens.length) throw invalid(modelId, `no token of ${quoted(text)} belongs to its continuation`);
  return { text, tokens, spans, first };
}

function scored(token: ServedToken, text: string, place: number, modelId: string): TokenLogprob {
  const { logprob, isGreedy, tokenId, noNumber } = token;
  if (logprob === undefined) {
    if (noNumber !== undefined) throw invalid(modelId, `token ${place + 1} (${quoted(text)}) has ${noLogprob(noNumber)}`);
    if (place > 0) throw invalid(modelId, `token ${place + 1} (${quoted(text)}) has no log-probability`);
    throw new LmdeckError(
      'capability',
      `${modelId}: the first token of a text has no log-probability on this server, which puts no BOS before it. Give what begins a text for this model (such as <|endoftext|>) as the context.`,
      { data: { capability: 'bos' } },
    );
  }
  return {
    token: text,
    logprob,
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(isGreedy === undefined ? {} : { isGreedy }),
  };
}

function isLossy(token: ServedToken | undefined): boolean {
  return token?.text !== undefined && (token.text === '' || token.text.endsWith('\uFFFD'));
}

function invalid(modelId: string, why: string): LmdeckError {
  return new LmdeckError('invalid-response', `${modelId}: ${why}. There is no score that could be trusted.`);
}

function quoted(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `…${text.slice(-60)}`);
}
