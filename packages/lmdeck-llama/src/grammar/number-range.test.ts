import fc from 'fast-check';
import { expect, test } from 'vitest';
import { integerRange } from './number-range.ts';

/** These expressions use only what GBNF and regular expressions share, but for quotes and spaces. */
function pattern(expression: string): RegExp {
  return new RegExp(`^(?:${expression.replaceAll(/[" ]/g, '')})$`);
}

test('allows exactly the whole numbers of the range', () => {
  const bound = fc.integer({ min: -2500, max: 2500 });
  fc.assert(
    fc.property(bound, bound, fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 30, maxLength: 30 }), (a, b, values) => {
      const [minimum, maximum] = [Math.min(a, b), Math.max(a, b)];
      const allowed = pattern(integerRange({ minimum, maximum }) ?? '');
      for (const value of [...values, minimum - 1, minimum, minimum + 1, maximum - 1, maximum, maximum + 1])
        expect(allowed.test(String(value)), `${value} in ${minimum}..${maximum}`).toBe(value >= minimum && value <= maximum);
    }),
  );
});

test('allows what one bound or none leaves', () => {
  const numbers = fc.integer({ min: -30_000, max: 30_000 });
  fc.assert(
    fc.property(numbers, numbers, (bound, value) => {
      expect(pattern(integerRange({ minimum: bound }) ?? '').test(String(value))).toBe(value >= bound);
      expect(pattern(integerRange({ maximum: bound }) ?? '').test(String(value))).toBe(value <= bound);
      expect(pattern(integerRange({}) ?? '').test(String(value))).toBe(true);
    }),
  );
});

test.each(['-0', '007', '1e3', '1.0', '+1', ''])('never allows %j', (text) => {
  for (const range of [{}, { minimum: -5 }, { minimum: 0, maximum: 2000 }])
    expect(pattern(integerRange(range) ?? '').test(text)).toBe(false);
});

test('has nothing for an empty range', () => {
  expect(integerRange({ minimum: 3, maximum: 2 })).toBeUndefined();
});
