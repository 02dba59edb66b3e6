import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatRepr, formatFixed, pythonFloat } from './python-float.ts';

// Texts printed by CPython 3.11.7.
test.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [123456789012345680, '1.2345678901234568e+17'],
  [1e22, '1e+22'],
  [1e-4, '0.0001'],
  [1e-5, '1e-05'],
  [0.00012345, '0.00012345'],
  [5e-324, '5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [1 / 3, '0.3333333333333333'],
  [2.5e-10, '2.5e-10'],
  [Number.NaN, 'nan'],
  [-Infinity, '-inf'],
])('repr of the float %d', (value, text) => {
  expect(floatRepr(value)).toBe(text);
});

test.each([
  [0.125, 2, '0.12'],
  [0.375, 2, '0.38'],
  [2.5, 0, '2'],
  [0.5, 0, '0'],
  [1.5, 0, '2'],
  [2.675, 2, '2.67'],
  [-0.125, 2, '-0.12'],
  [1e22, 1, '10000000000000000000000.0'],
  [0.12345, 4, '0.1235'],
  [-0.00001, 4, '-0.0000'],
  [0.99995, 4, '1.0000'],
  [1 / 3, 4, '0.3333'],
])('%d with %d digits', (value, digits, text) => {
  expect(formatFixed(value, digits)).toBe(text);
});

test('a repr reads back to the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(floatRepr(value))).toBe(value);
      expect(floatRepr(value)).toMatch(/\.|e/);
    }),
  );
});

test('a marked float counts as its number', () => {
  const value = pythonFloat(2);
  expect(JSON.stringify({ value })).toBe('{"value":2}');
  expect(String(value)).toBe('2.0');
  expect(Number(value) + 1).toBe(3);
});
