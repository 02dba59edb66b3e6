import {
  isJsonObject,
  LmdeckError,
  type FinishReason,
  type JsonObject,
  type JsonValue,
  type ModelEvent,
  type Usage,
} from '../../core/index.ts';
import { number, object, objects, text } from '../batches/fields.ts';
import { providerError } from '../openai-compatible/provider-error.ts';
import { unexpectedAnswer } from '../openai-compatible/unexpected-answer.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Fields of a candidate that have a place of their own here. */
const KNOWN = new Set(['content', 'finishReason', 'index']);

/**
 * The events of a whole answer of `generateContent`.
 * @throws LmdeckError the error that it is, `content-filter` for a prompt that was refused, or `invalid-response`.
 */
export function decodeContent(body: JsonValue, endpoint: string): readonly ModelEvent[] {
  if (!isJsonObject(body)) throw unexpectedAnswer(JSON.stringify(body), endpoint);
  if (isJsonObject(body['error'])) throw providerError(endpoint, body);
  const candidates = objects(body['candidates']);
  if (candidates.length === 0) throw noAnswer(body, endpoint);
  const responseId = text(body['responseId']);
  const resolvedModel = text(body['modelVersion']);
  const events: ModelEvent[] = [
    {
      type: 'metadata',
      ...(responseId === undefined ? {} : { responseId }),
      ...(resolvedModel === undefined ? {} : { resolvedModel }),
    },
  ];
  candidates.forEach((candidate, position) => {
    const sample = number(candidate['index']) ?? position;
    pushCandidate(candidate, sample, `lmdeck-${responseId ?? 'call'}-${sample}`, endpoint, events);
  });
  if (isJsonObject(body['usageMetadata'])) events.push({ type: 'usage', usage: decodeGeminiUsage(body['usageMetadata']) });
  return events;
}

/** Token counts. The provider counts thoughts apart and charges them as output; here they are part of the output. */
export function decodeGeminiUsage(raw: JsonObject): Usage {
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

function noAnswer(body: JsonObject, endpoint: string): LmdeckError {
  const feedback = object(body['promptFeedback']);
  const reason = text(feedback['blockReason']);
  if (reason === undefined) return unexpectedAnswer(JSON.stringify(body), endpoint);
  const message = text(feedback['blockReasonMessage']);
  return new LmdeckError(
    'content-filter',
    `${endpoint}: the prompt was refused (${reason})${message === undefined ? '' : `: ${message}`}.`,
    {
      data: { providerCode: reason },
    },
  );
}

function pushCandidate(candidate: JsonObject, sample: number, callIds: string, endpoint: string, out: ModelEvent[]): void {
  const parts = objects(object(candidate['content'])['parts']);
  const ofSample = sample === 0 ? {} : { sample };
  const extra = Object.fromEntries(Object.entries(candidate).filter(([key, value]) => !KNOWN.has(key) && value !== null));
  const kept = isPlain(parts) ? extra : { ...extra, parts };
  if (Object.keys(kept).length > 0) out.push({ type: 'metadata', providerMetadata: { [endpoint]: kept }, ...ofSample });
  parts.forEach((part, index) => pushPart(part, index, sample, `${callIds}-${index}`, endpoint, out));
  const raw = text(candidate['finishReason']);
  const hasCalls = parts.some((part) => isJsonObject(part['functionCall']));
  if (raw !== undefined) out.push({ type: 'finish', reason: finishReason(raw, hasCalls), raw, ...ofSample });
}

/** True when the parts here say all that those of the answer do: none of a kind of its own, no two signatures that would become one. */
function isPlain(parts: readonly JsonObject[]): boolean {
  return parts.every((part, i) => {
    if (isJsonObject(part['functionCall'])) return true;
    if (typeof part['text'] !== 'string') return false;
    const before = parts[i - 1];
    const joins = typeof before?.['text'] === 'string' && (before['thought'] === true) === (part['thought'] === true);
    return !joins || (part['thoughtSignature'] === undefined && before['thoughtSignature'] === undefined);
  });
}

function pushPart(part: JsonObject, index: number, sample: number, callId: string, endpoint: string, out: ModelEvent[]): void {
  const signature = text(part['thoughtSignature']);
  const rest = {
    ...(sample === 0 ? {} : { sample }),
    ...(signature === undefined ? {} : { providerMetadata: { [endpoint]: { thoughtSignature: signature } } }),
  };
  const { functionCall } = part;
  if (isJsonObject(functionCall)) {
    const id = text(functionCall['id']) ?? callId;
    out.push({ type: 'tool-call-start', index, id, name: text(functionCall['name']) ?? '', ...rest });
    const ofSample = sample === 0 ? {} : { sample };
    out.push({ type: 'tool-call-delta', index, arguments: JSON.stringify(object(functionCall['args'])), ...ofSample });
    out.push({ type: 'tool-call-end', index, ...ofSample });
  } else if (typeof part['text'] !== 'string') out.push({ type: 'raw', raw: part });
  else if (part['thought'] === true) out.push({ type: 'reasoning-delta', text: part['text'], ...rest });
  else out.push({ type: 'text-delta', text: part['text'], ...rest });
}

function finishReason(raw: string, hasCalls: boolean): FinishReason {
  switch (raw) {
    case 'STOP':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'MAX_TOKENS':
      return 'length';
    case 'SAFETY':
    case 'RECITATION':
    case 'LANGUAGE':
    case 'BLOCKLIST':
    case 'PROHIBITED_CONTENT':
    case 'SPII':
    case 'IMAGE_SAFETY':
    case 'IMAGE_PROHIBITED_CONTENT':
      return 'content-filter';
    case 'MALFORMED_FUNCTION_CALL':
    case 'UNEXPECTED_TOOL_CALL':
    case 'MALFORMED_RESPONSE':
      return 'error';
    default:
      return 'other';
  }
}
