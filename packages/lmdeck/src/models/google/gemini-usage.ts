import type { JsonObject, Usage } from '../../core/index.ts';
import { number } from '../batches/fields.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Token counts. The provider counts thoughts apart and charges them as output; here they are part of the output. */
export function geminiUsage(raw: JsonObject): Usage {
  const usage: Mutable<Usage> = {};
  const input = number(raw['promptTokenCount']);
  const tools = number(raw['toolUsePromptTokenCount']);
  const output = number(raw['candidatesTokenCount']);
  const thoughts = number(raw['thoughtsTokenCount']);
  const cached = number(raw['cachedContentTokenCount']);
  const total = number(raw['totalTokenCount']);
  if (input !== undefined) usage.inputTokens = input + (tools ?? 0);
  if (output !== undefined || thoughts !== undefined) usage.outputTokens = (output ?? 0) + (thoughts ?? 0);
  if (cached !== undefined) usage.cachedInputTokens = cached;
  if (thoughts !== undefined) usage.reasoningTokens = thoughts;
  if (total !== undefined) usage.totalTokens = total;
  usage.raw = raw;
  return usage;
}
