import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CompactJson } from './compact-json.ts';

function compact(pieces: readonly string[]): string {
  const json = new CompactJson();
  return pieces.map((piece) => json.push(piece)).join('') + json.end();
}

test('passes on what is certain at once', () => {
  const json = new CompactJson();
  expect(['{ "ci', 'ty": "Z\\u00f', 'crich\\', 'n', '", "n": 1', '.0', ' }'].map((piece) => json.push(piece))).toEqual([
    '{"ci',
    'ty":"Z',
    'ürich',
    '\\n',
    '","n":',
    '',
    '1}',
  ]);
  expect(json.end()).toBe('');
});

test.each([
  ['{"a": 1.50, "b": -0, "c": 1e2, "d": [ ]}', '{"a":1.5,"b":0,"c":100,"d":[]}'],
  ['"\\ud83d\\udc4d \\u00e9 \\/ \\u0007 \\ud83d"', '"👍 é / \\u0007 \\ud83d"'],
  ['"\\ud83d\\ud83d\\ude00 \\u0041\\ud83d\\ude00 \\ud83d\\u0041"', '"\\ud83d😀 A😀 \\ud83dA"'],
  ['"\\"𐀀"', '"\\"𐀀"'],
  ['  tru', 'tru'],
  ['12', '12'],
  ['{"a": "\\x", "b', '{"a":"\\x","b'],
  ['{"a": "\\u00', '{"a":"\\u00'],
])('%s', (text, expected) => {
  expect(compact([text])).toBe(expected);
  expect(compact(text.split(''))).toBe(expected);
});

test('ends as JSON.stringify writes it, wherever it is cut', () => {
  const values = fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }).map((value) => JSON.stringify(value, undefined, 2));
  fc.assert(
    fc.property(values, fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }), fc.boolean(), (plain, sizes, escaped) => {
      fc.pre(!/"(\d+|__proto__)":/.test(plain));
      const text = escaped ? plain.replaceAll(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`) : plain;
      const pieces = [];
      for (let at = 0, i = 0; at < text.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        pieces.push(text.slice(at, at + size));
        at += size;
      }
      expect(compact(pieces)).toBe(JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});
