import { expect, test } from 'vitest';
import type { EncodeOptions, TokenIds } from '../../core/index.ts';
import { encodePair } from './encode-pair.ts';

/** Letters are tokens, but `ab` and a blank with the letter after it are one; 0 is put before where special tokens are wanted. Who does not read
 * special tokens as such gets the tokens backwards. */
const tokenizer = {
  encode: (text: string, options: EncodeOptions = {}): TokenIds => {
    const ids = (text.match(/ab| ?[^]/g) ?? []).map((token) =>
      Array.from(token).reduce((id, letter) => id * 1000 + letter.charCodeAt(0), 0),
    );
    const cut = options.special === 'token' ? ids : ids.toReversed();
    return options.addSpecial === true ? [0, ...cut] : cut;
  },
};
const [Q, COLON, SPACE_A, A, B] = [81, 58, 32065, 65, 98];

test('white space at the end of the context belongs to the continuation', () => {
  expect(encodePair(tokenizer, 'Q: ', 'A')).toEqual({ context: [Q, COLON], continuation: [SPACE_A] });
  expect(encodePair(tokenizer, 'Q:', ' A')).toEqual({ context: [Q, COLON], continuation: [SPACE_A] });
  expect(encodePair(tokenizer, 'Q:\u2028', 'A')).toEqual({ context: [Q, COLON], continuation: [0x2028, A] });
});

test('special tokens stand before the context', () => {
  expect(encodePair(tokenizer, 'Q', 'A', { addSpecial: true })).toEqual({ context: [0, Q], continuation: [A] });
});

test('an empty context is the prefix token, or the first token when that is the prefix', () => {
  expect(encodePair(tokenizer, '', 'QA', { prefixToken: 7, addSpecial: true })).toEqual({ context: [7], continuation: [Q, A] });
  expect(encodePair(tokenizer, '', 'QA', { prefixToken: Q })).toEqual({ context: [Q], continuation: [A] });
  // A context of nothing but white space has no tokens before the continuation either.
  expect(encodePair(tokenizer, ' ', 'A', { prefixToken: 7 })).toEqual({ context: [7], continuation: [SPACE_A] });
});

test('a token across the seam is told of', () => {
  expect(encodePair(tokenizer, 'Qa', 'bb')).toEqual({ context: [Q, 97], continuation: [B], aligned: false });
});

test.each([
  ['an empty continuation', 'Q', '', {}],
  ['a continuation that merges with the context', 'a', 'b', {}],
  ['an empty context without a prefix token', '', 'A', {}],
  ['nothing after the prefix token', '', 'Q', { prefixToken: Q }],
])('%s cannot be scored', (_, context, continuation, options) => {
  expect(encodePair(tokenizer, context, continuation, options)).toMatchObject({ code: 'invalid-request' });
});

test('a tokenizer behind a server gives the same as a promise', async () => {
  const remote = { encode: async (text: string, options?: EncodeOptions) => tokenizer.encode(text, options) };
  const pending = encodePair(remote, 'Q: ', 'A');
  expect(pending).toBeInstanceOf(Promise);
  expect(await pending).toEqual({ context: [Q, COLON], continuation: [SPACE_A] });
  expect(await encodePair(remote, '', 'A', { prefixToken: 7 })).toEqual({ context: [7], continuation: [A] });
});
