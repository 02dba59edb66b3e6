/**
 * The exact two-sided McNemar test for two runs over the same documents: given only the documents that one run got right and the other
 * wrong, would a fair coin divide them at least as unevenly? Returns the p-value; 1 when there are no such documents.
 *
 * @example
 * ```ts
 * import { mcnemarTest } from 'lmdeck/scoring';
 *
 * console.log(mcnemarTest(2, 9).toFixed(4)); // 0.0654
 * ```
 */
export function mcnemarTest(onlyFirst: number, onlySecond: number): number {
  return Math.min(1, 2 * fairCoinTail(Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond));
}

/** The probability of at most `heads` heads in `tosses` tosses of a fair coin. */
function fairCoinTail(heads: number, tosses: number): number {
  let term = Math.exp(logFactorial(tosses) - logFactorial(heads) - logFactorial(tosses - heads) - tosses * Math.LN2);
  let sum = 0;
  for (let i = heads; i >= 0 && term > 0; i--) {
    sum += term;
    term *= i / (tosses - i + 1);
  }
  return Math.min(1, sum);
}

function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  // Stirling's series, to 1e-16 from 16 on.
  const series = 1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * n * n)) / (n * n)) / (n * n);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + series / n;
}
