import { isJsonObject, type JsonObject, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { decodeUsage } from './decode-usage.ts';
import { finishReason } from './finish-reason.ts';

/**
 * Adds the events of the most frequent kind of answer, one text that ended, to `out`: the same that {@link ChatStreamDecoder} makes of
 * it. For anything else it adds nothing and returns false.
 */
export function decodePlainCompletion(body: JsonObject, out: ModelEvent[]): boolean {
  let choices: JsonValue | undefined;
  let responseId: JsonValue | undefined;
  let resolvedModel: JsonValue | undefined;
  let usage: JsonObject | undefined;
  let aside: Record<string, JsonValue> | undefined;
  for (const key in body) {
    const value = body[key];
    if (value === null || value === undefined) continue;
    switch (key) {
      case 'choices':
        choices = value;
        break;
      case 'id':
        responseId = value;
        break;
      case 'model':
        resolvedModel = value;
        break;
      case 'usage':
        if (!isJsonObject(value)) return false;
        usage = value;
        break;
      case 'object':
        if (value !== 'chat.completion') return false;
        break;
      case 'created':
        break;
      case 'service_tier':
      case 'system_fingerprint':
        if (value !== '') (aside ??= {})[key] = value;
        break;
      default:
        return false;
    }
  }
  if (typeof responseId !== 'string' || responseId === '' || typeof resolvedModel !== 'string' || resolvedModel === '') return false;
  if (!Array.isArray(choices) || choices.length !== 1) return false;
  const choice: JsonValue | undefined = choices[0];
  if (!isJsonObject(choice)) return false;
  let message: JsonObject | undefined;
  let raw = '';
  for (const key in choice) {
    const value = choice[key];
    if (value === null || value === undefined) continue;
    if (key === 'message' && isJsonObject(value)) message = value;
    else if (key === 'finish_reason' && typeof value === 'string') raw = value;
    else if (key !== 'index' || value !== 0) return false;
  }
  if (message === undefined || raw === '') return false;
  let text = '';
  for (const key in message) {
    const value = message[key];
    if (value === null || value === undefined) continue;
    if (key === 'content' && typeof value === 'string') text = value;
    else if (key !== 'role' && !(Array.isArray(value) && value.length === 0)) return false;
  }
  if (text === '') return false;
  out.push({ type: 'metadata', responseId, resolvedModel }, { type: 'text-delta', text });
  out.push({ type: 'finish', reason: finishReason(raw, false), raw });
  if (aside !== undefined) out.push({ type: 'raw', raw: aside });
  if (usage !== undefined) out.push({ type: 'usage', usage: decodeUsage(usage) });
  return true;
}
