import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lenientJson } from './lenient-json.ts';

test('valid JSON is read as JSON.parse reads it, and nothing was overlooked', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', '\n', ' \t'), (text, space) => {
      expect(lenientJson(space + text + space)).toEqual({ value: JSON.parse(text), leniencies: [] });
    }),
  );
});

test.each<readonly [string, string, unknown, readonly string[]]>([
  ['a code fence', '```json\n{"a": 1}\n```', { a: 1 }, ['code-fence']],
  ['a code fence around a number', '```\n3\n```\n', 3, ['code-fence']],
  ['text around', 'Sure, here it is:\n{"a": [1]}\nAnything else?', { a: [1] }, ['text-around']],
  ['a fence in text', 'Here:\n```json\n{"a": 1}\n```\nDone.', { a: 1 }, ['text-around']],
  ['trailing commas', '{"a": [1, 2,], "b": {"c": 3,},}', { a: [1, 2], b: { c: 3 } }, ['trailing-comma']],
  ['single quotes', `{'a': 'say "hi"', 'b': 'it\\'s'}`, { a: 'say "hi"', b: "it's" }, ['single-quotes']],
  ['keys without quotes', '{a: 1, $b_2: 2}', { a: 1, $b_2: 2 }, ['bare-key']],
  ['line breaks in strings', '{"a": "one\ntwo"}', { a: 'one\ntwo' }, ['control-character']],
  ['unknown escapes', String.raw`{"a": "it\'s \_x \u12"}`, { a: "it's _x u12" }, ['unknown-escape']],
  ['comments', '{"a": 1, // one\n "b": /* two */ 2}', { a: 1, b: 2 }, ['comment']],
  ['Python', '{"a": True, "b": [False, None]}', { a: true, b: [false, null] }, ['python-literal']],
  ['a byte order mark', '\uFEFF{"a": 1}', { a: 1 }, ['text-around']],
  ['the key __proto__', '{"__proto__": 1,}', JSON.parse('{"__proto__": 1}'), ['trailing-comma']],
])('%s is overlooked, and told', (_, text, value, leniencies) => {
  const read = lenientJson(text);
  expect(JSON.stringify(read.value)).toBe(JSON.stringify(value));
  expect(read.leniencies).toEqual(leniencies);
});

test.each(['', 'no idea', '{"a": "cut o', '[1, 2', '{"a" 1}', '[1 2]', '{"a": NaN}', '['.repeat(100_000)])(
  '%.20s is not made up',
  (text) => {
    expect(() => lenientJson(text)).toThrow(expect.objectContaining({ code: 'invalid-response' }));
  },
);

test('of several values the first that is accepted is taken, else the last', () => {
  const text = 'For {"city": "Rome"} the answer is {"result": 3}. {"other": 1}';
  expect(lenientJson(text, (value) => JSON.stringify(value).includes('result')).value).toEqual({ result: 3 });
  expect(lenientJson(text, () => false).value).toEqual({ other: 1 });
});

test('what was overlooked leaves the value as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      fc.pre(typeof value === 'object' && value !== null);
      const text = JSON.stringify(value, null, 1).replaceAll(/([^{[,\s])\n(\s*[}\]])/gu, '$1,\n$2');
      expect(lenientJson(`Well:\n${text}\nThat is it.`).value).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
