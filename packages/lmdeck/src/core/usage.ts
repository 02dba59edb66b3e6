import type { JsonObject } from './json.ts';

/** Token counts as the provider reported them. Absent means unknown, never zero. */
export interface Usage {
  /** Tokens of the prompt, cached ones included. */
  readonly inputTokens?: number;
  /** Tokens of the answer, reasoning included: what the provider charges as output. */
  readonly outputTokens?: number;
  /** Those input tokens that were read from the provider's prompt cache. */
  readonly cachedInputTokens?: number;
  /** Those input tokens that were written to the provider's prompt cache. */
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  readonly totalTokens?: number;
  /** The provider's own object, unchanged. */
  readonly raw?: JsonObject;
}
