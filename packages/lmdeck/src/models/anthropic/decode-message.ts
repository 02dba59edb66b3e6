import { isJsonObject, type FinishReason, type JsonObject, type JsonValue, type ModelEvent, type Usage } from '../../core/index.ts';
import { number, object, text } from '../batches/fields.ts';
import { providerError } from '../openai-compatible/provider-error.ts';
import { unexpectedAnswer } from '../openai-compatible/unexpected-answer.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Fields of a message that have a place of their own here. */
const KNOWN = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'usage']);
/** Fields that a block of each kind has when it is nothing but what a part says. */
const PLAIN: Readonly<Record<string, readonly string[]>> = {
  text: ['type', 'text'],
  thinking: ['type', 'thinking', 'signature'],
  redacted_thinking: ['type', 'data'],
  tool_use: ['type', 'id', 'name', 'input'],
};

/**
 * The events of a whole answer of the Messages API.
 * @throws LmdeckError the error that it is, or `invalid-response`.
 */
export function decodeMessage(body: JsonValue, endpoint: string): readonly ModelEvent[] {
  if (!isJsonObject(body)) throw unexpectedAnswer(JSON.stringify(body), endpoint);
  if (body['type'] === 'error' || isJsonObject(body['error'])) throw providerError(endpoint, body);
  const { content } = body;
  if (!Array.isArray(content)) throw unexpectedAnswer(JSON.stringify(body), endpoint);
  const blocks: readonly JsonObject[] = content.filter(isJsonObject);
  const events: ModelEvent[] = [head(body, blocks, endpoint)];
  blocks.forEach((block, index) => pushBlock(block, index, endpoint, events));
  if (isJsonObject(body['usage'])) events.push({ type: 'usage', usage: decodeMessageUsage(body['usage']) });
  const raw = text(body['stop_reason']);
  if (raw !== undefined) events.push({ type: 'finish', reason: finishReason(raw), raw });
  return events;
}

/** Token counts. The provider counts cached input apart; here it is part of the input. */
export function decodeMessageUsage(raw: JsonObject): Usage {
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

function head(body: JsonObject, blocks: readonly JsonObject[], endpoint: string): ModelEvent {
  const extra = Object.fromEntries(Object.entries(body).filter(([key, value]) => !KNOWN.has(key) && value !== null));
  const kept = isPlain(blocks) ? extra : { ...extra, content: blocks };
  const responseId = text(body['id']);
  const resolvedModel = text(body['model']);
  return {
    type: 'metadata',
    ...(responseId === undefined ? {} : { responseId }),
    ...(resolvedModel === undefined ? {} : { resolvedModel }),
    ...(Object.keys(kept).length === 0 ? {} : { providerMetadata: { [endpoint]: kept } }),
  };
}

/** True when the parts of a message say all that its blocks do: none of a kind of its own, no two that would become one. */
function isPlain(blocks: readonly JsonObject[]): boolean {
  return blocks.every((block, i) => {
    const type = text(block['type']) ?? '';
    const fields = PLAIN[type];
    if (fields === undefined || (type !== 'tool_use' && blocks[i - 1]?.['type'] === type)) return false;
    return Object.entries(block).every(([key, value]) => value === null || fields.includes(key) || key === 'caller');
  });
}

function pushBlock(block: JsonObject, index: number, endpoint: string, out: ModelEvent[]): void {
  switch (block['type']) {
    case 'text':
      out.push({ type: 'text-delta', text: text(block['text']) ?? '' });
      break;
    case 'thinking': {
      const signature = text(block['signature']);
      const metadata = signature === undefined ? {} : { providerMetadata: { [endpoint]: { signature } } };
      out.push({ type: 'reasoning-delta', text: text(block['thinking']) ?? '', ...metadata });
      break;
    }
    case 'redacted_thinking':
      out.push({ type: 'reasoning-delta', text: '', redacted: true, providerMetadata: { [endpoint]: { data: block['data'] } } });
      break;
    case 'tool_use': {
      const caller = isJsonObject(block['caller']) ? { providerMetadata: { [endpoint]: { caller: block['caller'] } } } : {};
      out.push({ type: 'tool-call-start', index, id: text(block['id']) ?? `call_${index}`, name: text(block['name']) ?? '', ...caller });
      out.push({ type: 'tool-call-delta', index, arguments: JSON.stringify(object(block['input'])) });
      out.push({ type: 'tool-call-end', index });
      break;
    }
    default:
      out.push({ type: 'raw', raw: block });
  }
}

function finishReason(raw: string): FinishReason {
  switch (raw) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool-calls';
    case 'refusal':
      return 'content-filter';
    default:
      return 'other';
  }
}
