import { expect, test } from 'vitest';
import { pythonFloat, type PythonValue } from '../../python/index.ts';
import { parseArgument, parseArgumentString } from './argument-string.ts';

// From tests/test_utils.py of EleutherAI/lm-evaluation-harness, and what CPython's int() and float() read.
test.each<[string, PythonValue]>([
  ['true', true],
  ['False', false],
  ['NONE', null],
  ['42', 42],
  ['-1', -1],
  ['+7', 7],
  ['007', 7],
  ['12345678901234567890', 12345678901234567890n],
  ['1e-5', 1e-5],
  ['3.14', 3.14],
  ['.5', 0.5],
  ['1e3', pythonFloat(1000)],
  ['5.', pythonFloat(5)],
  ['1_000', pythonFloat(1000)],
  ['-inf', -Infinity],
  ['nan', Number.NaN],
  ['"123"', '123'],
  ["'hello'", 'hello'],
  ["'", "'"],
  ['  spaced  ', 'spaced'],
  ['--5', '--5'],
  ['1e', '1e'],
  ['.', '.'],
  ['', ''],
  ['0x10', '0x10'],
])('the argument %j', (text, value) => {
  expect(parseArgument(text)).toEqual(value);
});

test('a list of arguments', () => {
  expect(parseArgumentString(' a=1,b=x=y,,c=0.5,d= ')).toEqual({ a: 1, b: 'x=y', c: 0.5, d: '' });
  expect(parseArgumentString('')).toEqual({});
});
