import type { Usage } from './usage.ts';

/** What a model's tokens cost, in dollars per million tokens, which is the same as micro-dollars per token. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Input tokens read from the provider's prompt cache; absent: like other input. */
  readonly cachedInput?: number;
  /** Input tokens written to the provider's prompt cache; absent: like other input. */
  readonly cacheWrite?: number;
}

/**
 * What a call cost by its token counts.
 * @param share of the price that is paid: 0.5 for a provider's batch at half price.
 * @returns micro-dollars, with a fraction where the price has one; `undefined` when a count that the price needs is unknown.
 *
 * @example
 * ```ts
 * import { costMicros } from 'lmdeck';
 *
 * console.log(costMicros({ inputTokens: 1000, outputTokens: 200 }, { input: 0.15, output: 0.6 })); // 270
 * ```
 */
export function costMicros(
  { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0 }: Usage,
  price: Price,
  share = 1,
): number | undefined {
  const { input, output, cachedInput = input, cacheWrite = input } = price;
  if ((inputTokens === undefined && input !== 0) || (outputTokens === undefined && output !== 0)) return undefined;
  const plain = Math.max(0, (inputTokens ?? 0) - cachedInputTokens - cacheWriteTokens);
  const cost = share * (plain * input + cachedInputTokens * cachedInput + cacheWriteTokens * cacheWrite + (outputTokens ?? 0) * output);
  // Prices are decimal: what binary fractions add to them is no cost.
  return Math.round(cost * 1e6) / 1e6;
}
