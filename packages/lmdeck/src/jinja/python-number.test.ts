import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatRepr } from '../python/index.ts';
import { pythonInteger } from './python-number.ts';

/** `repr(value)` of Python 3.11. */
test.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [-2.5, '-2.5'],
  [0.1, '0.1'],
  [0.0001, '0.0001'],
  [0.00012345, '0.00012345'],
  [0.00001, '1e-05'],
  [1.5e-7, '1.5e-07'],
  [123456.789, '123456.789'],
  [1e15, '1000000000000000.0'],
  [1234567890123456, '1234567890123456.0'],
  [1e16, '1e+16'],
  [1.2345678901234567e22, '1.2345678901234568e+22'],
  [1e100, '1e+100'],
  [5e-324, '5e-324'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NaN, 'nan'],
])('%d is %s', (value, expected) => {
  expect(floatRepr(value)).toBe(expected);
});

test('a float is the same number when it is read again', () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => Object.is(Number(floatRepr(value)), value)));
});

test('whole numbers have no point', () => {
  expect([0, -7, 9_007_199_254_740_991, 1e20, 1e21].map(pythonInteger)).toEqual([
    '0',
    '-7',
    '9007199254740991',
    '100000000000000000000',
    '1e+21',
  ]);
});
