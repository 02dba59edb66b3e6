import { LmdeckError, type EncodeOptions, type LocalTokenizer, type TokenIds, type Tokenizer } from '../../core/index.ts';
import { truncateTokens, type TruncationSide } from './truncate-tokens.ts';

/** A text that was made shorter. */
export interface TruncatedText {
  readonly text: string;
  /** Tokens that it has now. */
  readonly tokens: number;
}

/**
 * What is left of a text when `maxTokens` may stay. Characters are never cut in two: one that would be is left out. What is left is counted
 * again, because a text need not have the tokens that its parts had, and is made shorter until it fits.
 */
export async function truncateText(
  tokenizer: Tokenizer,
  text: string,
  maxTokens: number,
  side: TruncationSide,
  options?: EncodeOptions,
): Promise<TruncatedText> {
  const before = await tokenizer.encode(text, options);
  if (before.length <= maxTokens) return { text, tokens: before.length };
  const cut = (isLocal(tokenizer) ? byOffsets(tokenizer, text, options) : undefined) ?? byDecoding(tokenizer, before);
  for (let keep = Math.max(0, maxTokens); keep > 0;) {
    const shorter = await cut(keep, side);
    const tokens = await tokenizer.count(shorter, options);
    if (tokens <= maxTokens) return { text: shorter, tokens };
    keep -= Math.max(1, tokens - maxTokens);
  }
  return { text: '', tokens: 0 };
}

type Cut = (keep: number, side: TruncationSide) => string | Promise<string>;

/** `undefined` when the tokenizer cannot tell where the tokens of this text stand. */
function byOffsets(tokenizer: LocalTokenizer, text: string, options: EncodeOptions | undefined): Cut | undefined {
  const offsets = offsetsOf(tokenizer, text, options);
  if (offsets === undefined) return undefined;
  return (keep, side) => {
    const head = side === 'right' ? keep : side === 'middle' ? Math.floor(keep / 2) : 0;
    const tail = keep - head;
    const end = endOfHead(offsets, head);
    const start = side === 'right' ? text.length : startOfTail(offsets, offsets.length - tail, text.length);
    return text.slice(0, end) + text.slice(Math.max(end, start));
  };
}

type Offsets = ReturnType<LocalTokenizer['encodeWithOffsets']>['offsets'];

function offsetsOf(tokenizer: LocalTokenizer, text: string, options: EncodeOptions | undefined): Offsets | undefined {
  try {
    return tokenizer.encodeWithOffsets(text, options).offsets;
  } catch (error) {
    if (LmdeckError.isInstance(error) && error.code === 'capability') return undefined;
    throw error;
  }
}

/** Where the first `count` tokens end; before a character that the next token has a part of. */
function endOfHead(offsets: Offsets, count: number): number {
  const end = count === 0 ? 0 : (offsets[count - 1]?.[1] ?? 0);
  return Math.min(end, offsets[count]?.[0] ?? end);
}

/** Where the tokens from `index` on begin; after a character that the token before has a part of. */
function startOfTail(offsets: Offsets, index: number, length: number): number {
  const start = offsets[index]?.[0] ?? length;
  return Math.max(start, index === 0 ? 0 : (offsets[index - 1]?.[1] ?? 0));
}

function byDecoding(tokenizer: Tokenizer, ids: TokenIds): Cut {
  return async (keep, side) => {
    const head = side === 'right' ? keep : side === 'middle' ? Math.floor(keep / 2) : 0;
    const [first, last] = await Promise.all([
      tokenizer.decode(truncateTokens(ids, head, 'right')),
      keep > head ? tokenizer.decode(truncateTokens(ids, keep - head, 'left')) : '',
    ]);
    // Parts of characters at the cut.
    return first.replace(/\ufffd+$/, '') + last.replace(/^\ufffd+/, '');
  };
}

function isLocal(tokenizer: Tokenizer): tokenizer is LocalTokenizer {
  return 'encodeWithOffsets' in tokenizer;
}
