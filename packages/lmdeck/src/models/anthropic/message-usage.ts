import type { JsonObject, Usage } from '../../core/index.ts';
import { number } from '../batches/fields.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Token counts. The provider counts cached input apart; here it is part of the input. */
export function messageUsage(raw: JsonObject): Usage {
  const usage: Mutable<Usage> = {};
  const input = number(raw['input_tokens']);
  const cached = number(raw['cache_read_input_tokens']);
  const written = number(raw['cache_creation_input_tokens']);
  const output = number(raw['output_tokens']);
  if (input !== undefined) usage.inputTokens = input + (cached ?? 0) + (written ?? 0);
  if (output !== undefined) usage.outputTokens = output;
  if (cached !== undefined) usage.cachedInputTokens = cached;
  if (written !== undefined) usage.cacheWriteTokens = written;
  usage.raw = raw;
  return usage;
}
