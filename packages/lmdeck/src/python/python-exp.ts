/**
 * `math.exp`, correctly rounded but for one in a thousand. ECMAScript leaves the last digit of `Math.exp` open, and V8 differs from the C
 * library that CPython calls in one case of ten, which is enough to make a perplexity another number.
 */
export function pythonExp(x: number): number {
  if (!(x > -746 && x < 710)) return Math.exp(x);
  const [series, exponent] = exponential(x);
  const half = Math.trunc(exponent / 2);
  return add([1, 0], series)[0] * 2 ** half * 2 ** (exponent - half);
}

/** `math.log`, as close as {@link pythonExp}: one step of Newton's method from what V8 gives. */
export function pythonLog(x: number): number {
  const near = Math.log(x);
  if (!(Math.abs(near) < 700)) return near;
  // x · e^-near = 1 + t with a tiny t, and log(1 + t) = t - t²/2.
  const [series, exponent] = exponential(-near);
  const scaled = x * 2 ** exponent;
  const t = add([scaled - 1, 0], multiply([scaled, 0], series));
  return near + (t[0] + t[1] - (t[0] * t[0]) / 2);
}

/** e^x as (1 + series) · 2^exponent. */
function exponential(x: number): readonly [series: Pair, exponent: number] {
  // x = m·ln 2 + 256·r with r below 0.0014, as an unevaluated sum of two doubles; e^r by its series, then squared eight times.
  const m = Math.round(x * Math.LOG2E);
  // LN2_HIGH has 32 significant bits: its product with m is exact.
  const high = x - m * LN2_HIGH;
  const product = twoProduct(m, LN2_MIDDLE);
  const difference = twoSum(high, -product[0]);
  const r = twoSum(difference[0] / 256, (difference[1] - product[1] - m * LN2_LOW) / 256);
  let power: Pair = r;
  let series: Pair = r;
  for (const inverse of inverseFactorials) {
    power = multiply(power, r);
    series = add(series, multiply(power, inverse));
  }
  // With s = e^r - 1: (1 + s)² - 1 = 2s + s².
  for (let i = 0; i < 8; i++) series = add([series[0] * 2, series[1] * 2], multiply(series, series));
  return [series, m];
}

/** A number as the sum of a double and a small rest. */
type Pair = readonly [high: number, low: number];

// ln 2 = 0xB17217F7D1CF79ABC9E3B39803F2F6AF… · 2^-128, cut into three doubles.
const LN2_HIGH = 0xb17217f7 / 2 ** 32;
const LN2_MIDDLE = 0xd1cf79abc9e3b / 2 ** 84;
const LN2_LOW = 0x39803f2f6af / 2 ** 128;

/** 1/n! for n = 2 to 10. */
const inverseFactorials: readonly Pair[] = [2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800].map((factorial): Pair => {
  const high = 1 / factorial;
  const [product, rest] = twoProduct(high, factorial);
  return [high, (1 - product - rest) / factorial];
});

/** The sum and its rounding error (Knuth). */
function twoSum(a: number, b: number): Pair {
  const sum = a + b;
  const b2 = sum - a;
  return [sum, a - (sum - b2) + (b - b2)];
}

/** The product and its rounding error (Dekker). */
function twoProduct(a: number, b: number): Pair {
  const product = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
}

/** Two halves of 26 bits each. */
function split(a: number): Pair {
  const scaled = 134217729 * a;
  const high = scaled - (scaled - a);
  return [high, a - high];
}

function add(a: Pair, b: Pair): Pair {
  const [sum, rest] = twoSum(a[0], b[0]);
  return twoSum(sum, rest + a[1] + b[1]);
}

function multiply(a: Pair, b: Pair): Pair {
  const [product, rest] = twoProduct(a[0], b[0]);
  return twoSum(product, rest + a[0] * b[1] + a[1] * b[0]);
}
