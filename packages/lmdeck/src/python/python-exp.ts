/**
 * `math.exp`, correctly rounded but for one in a thousand. ECMAScript leaves the last digit of `Math.exp` open, and V8 differs from the C
 * library that CPython calls in one case of ten, which is enough to make a perplexity another number.
 */
export function pythonExp(x: number): number {
  if (!(x > -746 && x < 710)) return Math.exp(x);
  const exponent = binaryExponent(x);
  const series = exponentialSeries(x, exponent);
  const half = Math.trunc(exponent / 2);
  return add(1, 0, series, sum.rest) * 2 ** half * 2 ** (exponent - half);
}

/** `math.log`, as close as {@link pythonExp}: one step of Newton's method from what V8 gives. */
export function pythonLog(x: number): number {
  const near = Math.log(x);
  if (!(Math.abs(near) < 700)) return near;
  // x · e^-near = 1 + t with a tiny t, and log(1 + t) = t - t²/2.
  const exponent = binaryExponent(-near);
  const series = exponentialSeries(-near, exponent);
  const scaled = x * 2 ** exponent;
  const product = multiply(scaled, 0, series, sum.rest);
  const t = add(scaled - 1, 0, product, sum.rest);
  return near + (t + sum.rest - (t * t) / 2);
}

/**
 * Numbers here are sums of a double and a small rest. A function returns the double and leaves the rest in this: an exponential takes some
 * hundred of them, and an object for each would be more work than the arithmetic.
 */
const sum = { rest: 0.5 };

function binaryExponent(x: number): number {
  return Math.round(x * Math.LOG2E);
}

/** e^x · 2^-m - 1, where m is the binary exponent of x. */
function exponentialSeries(x: number, m: number): number {
  // x = m·ln 2 + 256·r with r below 0.0014. LN2_HIGH has 32 significant bits: its product with m is exact.
  const high = x - m * LN2_HIGH;
  const product = twoProduct(m, LN2_MIDDLE);
  const productRest = sum.rest;
  const difference = twoSum(high, -product);
  const r = twoSum(difference / 256, (sum.rest - productRest - m * LN2_LOW) / 256);
  const rRest = sum.rest;
  let power = r;
  let powerRest = rRest;
  let series = r;
  let seriesRest = rRest;
  // e^r by its series, then squared eight times.
  for (const inverse of inverseFactorials) {
    power = multiply(power, powerRest, r, rRest);
    powerRest = sum.rest;
    const term = multiply(power, powerRest, inverse.high, inverse.rest);
    series = add(series, seriesRest, term, sum.rest);
    seriesRest = sum.rest;
  }
  // With s = e^r - 1: (1 + s)² - 1 = 2s + s².
  for (let i = 0; i < 8; i++) {
    const square = multiply(series, seriesRest, series, seriesRest);
    series = add(series * 2, seriesRest * 2, square, sum.rest);
    seriesRest = sum.rest;
  }
  sum.rest = seriesRest;
  return series;
}

// ln 2 = 0xB17217F7D1CF79ABC9E3B39803F2F6AF… · 2^-128, cut into three doubles.
const LN2_HIGH = 0xb17217f7 / 2 ** 32;
const LN2_MIDDLE = 0xd1cf79abc9e3b / 2 ** 84;
const LN2_LOW = 0x39803f2f6af / 2 ** 128;

/** 1/n! for n = 2 to 10. */
const inverseFactorials = [2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800].map((factorial) => {
  const high = 1 / factorial;
  const product = twoProduct(high, factorial);
  return { high, rest: (1 - product - sum.rest) / factorial };
});

/** The sum and its rounding error (Knuth). */
function twoSum(a: number, b: number): number {
  const total = a + b;
  const b2 = total - a;
  sum.rest = a - (total - b2) + (b - b2);
  return total;
}

/** The product and its rounding error (Dekker): both factors in two halves of 26 bits each. */
function twoProduct(a: number, b: number): number {
  const product = a * b;
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  sum.rest = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  return product;
}

function upperHalf(a: number): number {
  const scaled = 134217729 * a;
  return scaled - (scaled - a);
}

function add(a: number, aRest: number, b: number, bRest: number): number {
  const total = twoSum(a, b);
  return twoSum(total, sum.rest + aRest + bRest);
}

function multiply(a: number, aRest: number, b: number, bRest: number): number {
  const product = twoProduct(a, b);
  return twoSum(product, sum.rest + a * bRest + aRest * b);
}
