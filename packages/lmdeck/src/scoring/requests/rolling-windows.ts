import { LmdeckError, type TokenIds } from '../../core/index.ts';
import type { EncodedPair } from './encode-pair.ts';

/** What a model reads and what it predicts from it: the last `target.length` outputs are the predictions of `target`. */
export interface TokenWindow {
  readonly input: TokenIds;
  readonly target: TokenIds;
}

export interface WindowOptions {
  /** Stands before the first token, so that it too is predicted: BOS or end of text. */
  readonly prefixToken: number;
  /** The most tokens of an input. */
  readonly maxLength: number;
  /** How many tokens at least stand before a predicted one in every window but the first, 1 to `maxLength`. Default: 1. */
  readonly contextLength?: number;
}

/**
 * Cuts a text that is longer than the model's context into windows in which every token is predicted exactly once. The last window reaches
 * back so that its input is full. As `get_rolling_token_windows` of lm-evaluation-harness (which takes two tokens less than the model's
 * context as `maxLength`: one for the generated token, one more for the context).
 *
 * @throws LmdeckError `usage` when `contextLength` is not within 1 to `maxLength`.
 */
export function* rollingTokenWindows(tokens: TokenIds, options: WindowOptions): Generator<TokenWindow> {
  const { prefixToken, maxLength, contextLength = 1 } = options;
  if (!(contextLength >= 1 && contextLength <= maxLength))
    throw new LmdeckError('usage', `rolling windows: contextLength must be within 1 to maxLength (${maxLength}), not ${contextLength}.`);
  if (tokens.length === 0) return;
  let predicted = Math.min(maxLength, tokens.length);
  yield { input: [prefixToken, ...tokens.slice(0, predicted - 1)], target: tokens.slice(0, predicted) };
  const step = maxLength - contextLength + 1;
  while (predicted < tokens.length) {
    const end = Math.min(predicted + step, tokens.length);
    yield { input: tokens.slice(end - maxLength - 1, end - 1), target: tokens.slice(predicted, end) };
    predicted = end;
  }
}

/** A window as context and continuation that do not overlap. As `make_disjoint_window` of lm-evaluation-harness. */
export function disjointWindow(window: TokenWindow): EncodedPair {
  const { input, target } = window;
  return { context: input.slice(0, input.length - (target.length - 1)), continuation: target };
}
