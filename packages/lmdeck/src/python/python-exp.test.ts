import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pythonExp, pythonLog } from './python-exp.ts';

// Values printed by math.exp and math.log of CPython 3.11.7; for all of them Math.exp and Math.log of V8 end in another digit.
test.each([
  [-41.918535281699896, 6.237512625394756e-19],
  [20.348039229374706, 687133551.4816064],
  [-41.228761693402944, 1.2433010512269103e-18],
  [-0.8288263237902456, 0.4365613674451044],
  [-35.069552253820206, 5.881484723800897e-16],
])('exp of %d', (x, expected) => {
  expect(pythonExp(x)).toBe(expected);
});

test.each([
  [92.74756314280604, 4.529881427749467],
  [41.279465640732504, 3.720365176339826],
  [0.3273026728594641, -1.1168699311182946],
  [48.650669147238304, 3.884665562848592],
])('log of %d', (x, expected) => {
  expect(pythonLog(x)).toBe(expected);
});

test('at the ends', () => {
  expect([0, 1, -745, 709.5, 1000, -1000, Number.NaN].map((x) => pythonExp(x))).toEqual([
    1,
    Math.E,
    5e-324,
    Math.exp(709.5),
    Infinity,
    0,
    Number.NaN,
  ]);
  expect([1, 0, Infinity, -1].map((x) => pythonLog(x))).toEqual([0, -Infinity, Infinity, Number.NaN]);
});

test('never further from V8 than its last digits', () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
      expect(Math.abs(pythonExp(x) / Math.exp(x) - 1)).toBeLessThan(5e-16);
      const y = Math.exp(x);
      expect(Math.abs(pythonLog(y) - Math.log(y))).toBeLessThanOrEqual(Math.abs(x) * 3e-16 + 1e-300);
    }),
  );
});
