import { LmdeckError, type LocalTokenizer, type TokenIds, type Tokenizer } from '../../core/index.ts';
import { pythonRstrip } from '../../python/index.ts';

/** A text to score as tokens. */
export interface EncodedPair {
  /** What stands before; at least one token. */
  readonly context: TokenIds;
  /** What is scored. */
  readonly continuation: TokenIds;
  /**
   * False when the context's tokens are not how the whole text begins (a token reaches across the seam): context and continuation together
   * are then not the text that was asked about. Absent: true.
   */
  readonly aligned?: boolean;
}

export interface EncodePairOptions {
  /** Puts before the context what the tokenizer puts there by itself. Default: false. */
  readonly addSpecial?: boolean;
  /** What an empty context is replaced by: BOS, or end of text where there is none. */
  readonly prefixToken?: number;
}

/**
 * Encodes context and continuation as `TemplateLM.loglikelihood` of lm-evaluation-harness does for causal models: white space at the end of
 * the context belongs to the continuation; the continuation's tokens are what the whole text has beyond the context's. An empty context is
 * the prefix token, unless the continuation begins with it: then that one token is the context. Special tokens that are written out (as chat
 * templates do) are read as such.
 *
 * Returns an error of code `invalid-request` for a pair that cannot be scored: nothing is left of the continuation, or the context is empty
 * and there is no prefix token. With a tokenizer in this process the result is there at once, otherwise as a promise.
 *
 * @example
 * ```ts
 * import type { LocalTokenizer } from 'lmdeck';
 * import { encodePair } from 'lmdeck/scoring';
 *
 * const letters: Pick<LocalTokenizer, 'encode'> = { encode: (text) => [...text].map((letter) => letter.charCodeAt(0)) };
 * console.log(encodePair(letters, 'Q: ', 'A')); // { context: [ 81, 58 ], continuation: [ 32, 65 ] }
 * ```
 */
export function encodePair(
  tokenizer: Pick<LocalTokenizer, 'encode'>,
  context: string,
  continuation: string,
  options?: EncodePairOptions,
): EncodedPair | LmdeckError;
export function encodePair(
  tokenizer: Pick<Tokenizer, 'encode'>,
  context: string,
  continuation: string,
  options?: EncodePairOptions,
): EncodedPair | LmdeckError | Promise<EncodedPair | LmdeckError>;
export function encodePair(
  tokenizer: Pick<Tokenizer, 'encode'>,
  context: string,
  continuation: string,
  options: EncodePairOptions = {},
): EncodedPair | LmdeckError | Promise<EncodedPair | LmdeckError> {
  const { head, tail } = movedSpace(context, continuation);
  if (head === '') {
    const scored = tokenizer.encode(tail, { special: 'token' });
    return scored instanceof Promise ? scored.then((ids) => afterPrefix(ids, tail, options)) : afterPrefix(scored, tail, options);
  }
  const encoding = { addSpecial: options.addSpecial, special: 'token' } as const;
  const whole = tokenizer.encode(head + tail, encoding);
  const before = tokenizer.encode(head, encoding);
  if (whole instanceof Promise || before instanceof Promise)
    return Promise.all([whole, before]).then(([wholeIds, beforeIds]) => split(wholeIds, beforeIds, tail));
  return split(whole, before, tail);
}

/** White space at the end of a context belongs to what follows: tokens begin with it. */
export function movedSpace(context: string, continuation: string): { readonly head: string; readonly tail: string } {
  const head = pythonRstrip(context);
  return { head, tail: context.slice(head.length) + continuation };
}

function afterPrefix(scored: TokenIds, text: string, { prefixToken }: EncodePairOptions): EncodedPair | LmdeckError {
  if (prefixToken === undefined)
    return unscorable('the context is empty and the tokenizer has neither BOS nor an end token; give a prefix token');
  const begins = scored[0] === prefixToken;
  const continuation = begins ? scored.slice(1) : scored;
  if (continuation.length === 0) return unscorable(`the continuation ${JSON.stringify(text)} has no tokens`);
  return { context: [prefixToken], continuation };
}

function split(whole: TokenIds, context: TokenIds, text: string): EncodedPair | LmdeckError {
  const continuation = whole.slice(context.length);
  if (continuation.length === 0)
    return unscorable(`the continuation ${JSON.stringify(text)} has no tokens of its own: it merges with the end of the context`);
  const aligned = context.every((token, i) => token === whole[i]);
  return aligned ? { context, continuation } : { context, continuation, aligned };
}

function unscorable(reason: string): LmdeckError {
  return new LmdeckError('invalid-request', `loglikelihood: ${reason}.`);
}
