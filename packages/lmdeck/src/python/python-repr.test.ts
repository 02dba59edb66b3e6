import { expect, test } from 'vitest';
import { pythonFloat } from './python-float.ts';
import { pythonRepr, pythonStr } from './python-repr.ts';
import type { PythonValue } from './python-value.ts';

// Texts printed by CPython 3.11.7.
test.each<[PythonValue, string]>([
  ["it's", `"it's"`],
  ['say "hi"', `'say "hi"'`],
  [`both ' and "`, String.raw`'both \' and "'`],
  ['a\\b\n\t\r\0\u007f\u00a0\u00ad\u2028\ue000😀\u{e0001}é', String.raw`'a\\b\n\t\r\x00\x7f\xa0\xad\u2028\ue000😀\U000e0001é'`],
  [['a', pythonFloat(1), null, { k: [true, 2] }, "it's"], `['a', 1.0, None, {'k': [True, 2]}, "it's"]`],
  [new Map<PythonValue, PythonValue>([[1, pythonFloat(1e16)]]), '{1: 1e+16}'],
  [[], '[]'],
  [10n ** 25n, '10000000000000000000000000'],
  [1e21, '1000000000000000000000'],
  [Number.NaN, 'nan'],
  [undefined, 'None'],
])('repr number %#', (value, text) => {
  expect(pythonRepr(value)).toBe(text);
});

test('str of a text is the text', () => {
  expect([pythonStr("it's"), pythonStr(true), pythonStr(-0)]).toEqual(["it's", 'True', '-0.0']);
});
