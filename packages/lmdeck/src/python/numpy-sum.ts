/** Below this many numbers numpy adds with eight accumulators; above it halves. */
const BLOCK = 128;

/**
 * The sum as numpy's `np.sum` and `np.mean` add up float64: pairwise, in its order, so that the last digit is the same. (Python's own `sum`
 * adds from left to right; metrics that use it must not use this.)
 */
export function numpySum(values: ArrayLike<number>, start = 0, length: number = values.length): number {
  if (length < 8) {
    let sum = 0;
    for (let i = start; i < start + length; i++) sum += values[i] ?? 0;
    return sum;
  }
  if (length <= BLOCK) return blockSum(values, start, length);
  let half = Math.floor(length / 2);
  half -= half % 8;
  return numpySum(values, start, half) + numpySum(values, start + half, length - half);
}

function blockSum(values: ArrayLike<number>, start: number, length: number): number {
  const at = (i: number): number => values[start + i] ?? 0;
  let [a, b, c, d, e, f, g, h] = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
  const whole = length - (length % 8);
  for (let i = 8; i < whole; i += 8) {
    a += at(i);
    b += at(i + 1);
    c += at(i + 2);
    d += at(i + 3);
    e += at(i + 4);
    f += at(i + 5);
    g += at(i + 6);
    h += at(i + 7);
  }
  let sum = a + b + (c + d) + (e + f + (g + h));
  for (let i = whole; i < length; i++) sum += at(i);
  return sum;
}
