import type { Usage } from './usage.ts';

const COUNTS = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens', 'totalTokens'] as const;

/** The sum; unknown in one is unknown in all. */
export function knownSum(values: readonly (number | undefined)[]): number | undefined {
  let sum: number | undefined = 0;
  for (const value of values) sum = sum === undefined || value === undefined ? undefined : sum + value;
  return sum;
}

/** The token counts of several calls together; those of a single one as they are. */
export function totalUsage(usages: readonly (Usage | undefined)[]): Usage | undefined {
  if (usages.length < 2) return usages[0];
  const total: { -readonly [K in keyof Usage]: Usage[K] } = {};
  for (const name of COUNTS) {
    const sum = knownSum(usages.map((usage) => usage?.[name]));
    if (sum !== undefined) total[name] = sum;
  }
  return Object.keys(total).length === 0 ? undefined : total;
}
