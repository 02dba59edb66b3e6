/**
 * p-values of several tests, adjusted so that the chance of any false alarm among them stays as it is for one (Holm 1979); in the order
 * given.
 *
 * @example
 * ```ts
 * import { holmAdjusted } from 'lmdeck/scoring';
 *
 * console.log(holmAdjusted([0.01, 0.04, 0.03])); // [ 0.03, 0.06, 0.06 ]
 * ```
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = [...pValues.entries()].sort(([, a], [, b]) => a - b);
  const adjusted = new Float64Array(pValues.length);
  let largest = 0;
  for (const [rank, [place, pValue]] of order.entries()) {
    largest = Math.max(largest, Math.min(1, pValue * (pValues.length - rank)));
    adjusted[place] = largest;
  }
  return [...adjusted];
}

/** What to say beside the p-values of several comparisons; `undefined` for one. */
export function multipleComparisonNote(comparisons: number, level: number = 0.05): string | undefined {
  if (comparisons < 2) return undefined;
  const chance = 100 * (1 - (1 - level) ** comparisons);
  return (
    `${comparisons} comparisons: by chance alone one of them would fall below p = ${level} in up to ${chance.toFixed(0)} of 100 cases. ` +
    'The adjusted p-values (Holm) allow for that.'
  );
}
