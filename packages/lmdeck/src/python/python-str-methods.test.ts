import { expect, test } from 'vitest';
import { pythonRepr } from './python-repr.ts';
import { pythonStrMethod } from './python-str-methods.ts';
import type { PythonValue } from './python-value.ts';

/** What CPython 3.11 gives for `self.method(…)`, as its `repr`; `undefined`: it raises an error. */
const called: readonly (readonly [
  self: string,
  method: string,
  args: readonly PythonValue[],
  result: string | undefined,
  named?: Readonly<Record<string, PythonValue>>,
])[] = [
  ['ab', 'center', [5], "'  ab '"],
  ['abc', 'center', [6, '*'], "'*abc**'"],
  ['a,b', 'count', [','], '1'],
  ['aaa', 'count', [''], '4'],
  ['abcabc', 'count', ['b', 2], '1'],
  ['abc', 'endswith', ['c'], 'True'],
  ['abc', 'endswith', [['x', 'bc']], 'True'],
  ['abc', 'endswith', ['b', 0, 2], 'True'],
  ['a\tb\n\tc', 'expandtabs', [4], "'a   b\\n    c'"],
  ['abcabc', 'find', ['c', 3], '5'],
  ['abc', 'find', ['z'], '-1'],
  ['é😀x', 'find', ['x'], '2'],
  ['abcabc', 'rfind', ['b', 0, 4], '1'],
  ['abc', 'index', ['z'], undefined],
  ['abcb', 'rindex', ['b'], '3'],
  ['a²', 'isdigit', [], 'False'],
  ['²', 'isdigit', [], 'True'],
  ['²', 'isdecimal', [], 'False'],
  ['½', 'isnumeric', [], 'True'],
  ['a1', 'isalnum', [], 'True'],
  ['_a1', 'isidentifier', [], 'True'],
  ['1a', 'isidentifier', [], 'False'],
  ['Ab Cd', 'istitle', [], 'True'],
  ['AB', 'isupper', [], 'True'],
  ['1', 'islower', [], 'False'],
  ['-', 'join', [['a', 'b']], "'a-b'"],
  ['-', 'join', [[1]], undefined],
  ['a', 'ljust', [3, '.'], "'a..'"],
  ['a', 'rjust', [3], "'  a'"],
  ['a=b=c', 'partition', ['='], "('a', '=', 'b=c')"],
  ['a=b=c', 'rpartition', ['='], "('a=b', '=', 'c')"],
  ['abc', 'partition', ['z'], "('abc', '', '')"],
  ['abc', 'partition', [''], undefined],
  ['abc', 'removeprefix', ['ab'], "'c'"],
  ['abc', 'removesuffix', [''], "'abc'"],
  ['aaa', 'replace', ['a', 'b', 2], "'bba'"],
  ['ab', 'replace', ['', '-'], "'-a-b-'"],
  ['ab', 'replace', ['', '-', 1], "'-ab'"],
  [' a  b ', 'split', [], "['a', 'b']"],
  [' a  b c ', 'split', [null, 1], "['a', 'b c ']"],
  ['a,b,c', 'split', [',', 1], "['a', 'b,c']"],
  ['a,b,c', 'split', [], "['a', 'b,c']", { maxsplit: 1, sep: ',' }],
  ['a', 'split', [''], undefined],
  [' a b c ', 'rsplit', [null, 1], "[' a b', 'c']"],
  ['a,b,c', 'rsplit', [',', 1], "['a,b', 'c']"],
  ['a\nb\r\nc', 'splitlines', [], "['a', 'b', 'c']"],
  ['a\nb\r\n', 'splitlines', [true], "['a\\n', 'b\\r\\n']"],
  ['a\nb', 'splitlines', [], "['a\\n', 'b']", { keepends: true }],
  ['abc', 'startswith', ['b', 1], 'True'],
  ['xxaxx', 'strip', ['x'], "'a'"],
  ['aB', 'swapcase', [], "'Ab'"],
  ["it's a dog", 'title', [], '"It\'S A Dog"'],
  ['-5', 'zfill', [4], "'-005'"],
  ['abc', 'zfill', [2], "'abc'"],
  ['{:>4}|{a}', 'format', ['x'], "'   x|1'", { a: 1 }],
];

const cases = called.map(([self, method, args, result, named = {}]) => ({ self, method, args, result, named }));

test.each(cases)('$self.$method(…$args)', ({ self, method, args, result, named }) => {
  const call = (): PythonValue => pythonStrMethod(method)?.(self, args, new Map(Object.entries(named)));
  if (result === undefined) expect(call).toThrow();
  else expect(pythonRepr(call())).toBe(result);
});

test('there is no method of a name that str has not', () => {
  expect(pythonStrMethod('toString')).toBeUndefined();
});
