import { expect, test } from 'vitest';
import { numpySum } from './numpy-sum.ts';

// Sums printed by np.sum of numpy 2.4. From left to right, or halved elsewhere, most of them end in another digit.
test.each([
  [0, 0],
  [150, 76.84056953775195],
  [260, 126.64183294896219],
  [300, 147.608342524817],
  [500, 247.60443196630905],
  [1001, 498.33309936829437],
  [1500, 748.5203048230222],
  [5003, 2493.6434372806575],
])('%d numbers', (length, sum) => {
  const values = Array.from({ length }, (_, i) => ((i * i * 31 + i * 7919) % 10007) / 9973);
  expect(numpySum(values)).toBe(sum);
  expect(numpySum(Float64Array.from([1, ...values, 1]), 1, length)).toBe(sum);
});

// The same with the numbers of another row: few are added from left to right, up to 128 by eight accumulators.
test.each([
  [3, 0.857],
  [7, 2.1990000000000003],
  [8, 2.332],
  [100, 19.050000000000004],
  [129, 25.564000000000004],
])('%d numbers of another kind', (length, sum) => {
  expect(numpySum(Array.from({ length }, (_, i) => ((i * 7919) % 1000) / 1000 - 0.3))).toBe(sum);
});
