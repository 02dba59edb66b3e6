import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shiftDecimal } from './shift-decimal.ts';

test('moves the decimal point exactly', () => {
  expect(shiftDecimal(0.00034, 6)).toBe(340);
  expect(shiftDecimal(5.475e-5, 6)).toBe(54.75);
  expect(shiftDecimal(2.5e-7, 6)).toBe(0.25);
  expect(shiftDecimal(0, 6)).toBe(0);
  // What a product would make of it.
  expect(0.0000683 * 1e6).not.toBe(68.3);
  expect(shiftDecimal(0.0000683, 6)).toBe(68.3);
});

test('there and back is the same number, for any price with up to 15 digits', () => {
  fc.assert(
    fc.property(fc.nat(999_999_999), fc.nat(20), (digits, places) => {
      const value = Number(`${digits}e-${places}`);
      expect(shiftDecimal(shiftDecimal(value, 6), -6)).toBe(value);
    }),
  );
});
