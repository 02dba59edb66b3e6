import { LmdeckError, type TokenIds } from '../../core/index.ts';

/** Which side of a sequence is cut off; `middle` keeps both ends. */
export type TruncationSide = 'left' | 'right' | 'middle';

/**
 * The tokens that are left when `maxLength` may stay: `left` keeps the last ones, `right` the first ones, `middle` the first half and the
 * last (the longer half when it is odd). As `truncate_tokens` of lm-evaluation-harness (lm_eval/models/utils.py), also in that a
 * length of 0 keeps everything, except with `right`.
 */
export function truncateTokens(tokens: TokenIds, maxLength: number, side: TruncationSide = 'left'): TokenIds {
  if (maxLength >= tokens.length) return tokens;
  if (side === 'right') return tokens.slice(0, maxLength);
  if (maxLength <= 0) return tokens;
  const head = side === 'middle' ? Math.floor(maxLength / 2) : 0;
  return [...tokens.slice(0, head), ...tokens.slice(tokens.length - (maxLength - head))];
}

/** What there is room for, in tokens. */
export interface GenerationRoom {
  /** Wanted for the answer. */
  readonly maxGenTokens: number;
  /** Prompt and answer together. */
  readonly maxModelLength: number;
  /** What the answer gets at least. Default: 1. */
  readonly minGenTokens?: number;
  readonly side?: TruncationSide;
  /** Shortens the answer before the prompt. Default: false. */
  readonly shrinkGenTokens?: boolean;
}

/**
 * Makes a prompt and its answer fit: what is left of the prompt, and the tokens that are left for the answer. As `maybe_truncate` of
 * lm-evaluation-harness (lm_eval/models/utils.py).
 *
 * @throws LmdeckError `usage` when there is no room for a prompt.
 */
export function maybeTruncate(tokens: TokenIds, room: GenerationRoom): { readonly tokens: TokenIds; readonly genTokens: number } {
  const { maxGenTokens, maxModelLength, minGenTokens = 1, side = 'left', shrinkGenTokens = false } = room;
  if (tokens.length + maxGenTokens <= maxModelLength) return { tokens, genTokens: maxGenTokens };
  const left = maxModelLength - tokens.length;
  if (shrinkGenTokens && left >= minGenTokens) return { tokens, genTokens: left };
  const genTokens = shrinkGenTokens ? minGenTokens : maxGenTokens;
  const prompt = maxModelLength - genTokens;
  if (prompt > 0) return { tokens: truncateTokens(tokens, prompt, side), genTokens };
  throw new LmdeckError(
    'usage',
    `The model takes ${maxModelLength} tokens, and the answer alone is to have ${genTokens}: there is no room for a prompt. Lower ${shrinkGenTokens ? 'minGenTokens' : 'maxGenTokens'}.`,
  );
}
