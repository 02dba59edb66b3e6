import { isJsonObject, type JsonObject, type JsonValue, type Usage } from '../../core/index.ts';

/** A server's usage object with lmdeck's names. What it does not say, or says as anything but a number, stays absent. */
export function decodeUsage(raw: JsonObject): Usage {
  const input = objectOf(raw['prompt_tokens_details'] ?? raw['input_tokens_details']);
  const output = objectOf(raw['completion_tokens_details'] ?? raw['output_tokens_details']);
  const usage: { -readonly [K in keyof Usage]: Usage[K] } = {};
  const inputTokens = count(raw['prompt_tokens']) ?? count(raw['input_tokens']);
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  const outputTokens = count(raw['completion_tokens']) ?? count(raw['output_tokens']);
  if (outputTokens !== undefined) usage.outputTokens = outputTokens;
  // DeepSeek and Moonshot count cache hits in fields of their own.
  const cached = count(input['cached_tokens']) ?? count(raw['prompt_cache_hit_tokens']) ?? count(raw['cached_tokens']);
  if (cached !== undefined) usage.cachedInputTokens = cached;
  const written = count(input['cache_write_tokens']) ?? count(input['cache_creation_tokens']) ?? count(raw['cache_creation_input_tokens']);
  if (written !== undefined) usage.cacheWriteTokens = written;
  const reasoning = count(output['reasoning_tokens']) ?? count(raw['reasoning_tokens']);
  if (reasoning !== undefined) usage.reasoningTokens = reasoning;
  const total = count(raw['total_tokens']);
  if (total !== undefined) usage.totalTokens = total;
  usage.raw = raw;
  return usage;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
