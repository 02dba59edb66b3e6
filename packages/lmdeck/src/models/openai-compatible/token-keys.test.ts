import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyToken, markedKeys } from './token-keys.ts';

const tokens = fc.uniqueArray(
  fc.constantFrom('\\', '"', '\n', 'n', '\t', ' \\', ' \n', ' "', 'a', 'a\\', 'a\n', 'a\\n', '\\\\', '{', ',', ':', '",', '"\\":'),
  {
    minLength: 1,
    maxLength: 5,
  },
);

test('every token of an object by tokens is read as it was written', () => {
  fc.assert(
    fc.property(fc.array(tokens, { minLength: 1, maxLength: 6 }), fc.constantFrom('', ' ', '\n'), (lists, space) => {
      // Written by hand: an object that was ever made with such a key is enough for the fault.
      const tops = lists.map((list) => `{${list.map((token) => `${space}${JSON.stringify(token)}${space}:${space}-1`).join()}}`);
      const text = `{"texts": ${JSON.stringify(lists)}, "top_logprobs": [${tops.join()}]}`;
      const read: { readonly texts: unknown; readonly top_logprobs: readonly object[] } = JSON.parse(markedKeys(text));
      expect(read.texts).toEqual(lists);
      expect(read.top_logprobs.map((top) => Object.keys(top).map(keyToken))).toEqual(lists);
    }),
    { numRuns: 2000 },
  );
});

test('other JSON stays as it is', () => {
  const others = ['{"a": "\\\\"}', '["\\\\", "b"]', '{"a\\n": 1}', '{"x": ["\\\\:", "{\\"\\\\\\": 1"]}', '{}'];
  for (const other of others) {
    const text = `{"top_logprobs":${other}}`;
    expect(markedKeys(text)).toBe(text);
  }
  expect(markedKeys('{"a\\\\": 1}')).toBe('{"a\\\\": 1}');
  expect(keyToken('a\0')).toBe('a\0');
});
