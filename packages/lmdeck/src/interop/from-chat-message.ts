import { isJsonObject } from '../core/index.ts';
import type { AttachmentPart, JsonObject, JsonValue, Message, Part, Role, ToolCallPart } from '../core/index.ts';

/** Keys that have a place of their own in a {@link Message}. */
const KNOWN = new Set(['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'function_call', 'refusal', 'reasoning_content']);

/**
 * A message in the chat format of OpenAI. Keys that are not known are kept as `providerMetadata` under `namespace`; a `kind` stands in for a
 * missing `role`.
 *
 * @throws Error that says what is wrong with it.
 */
export function fromChatMessage(value: JsonValue | undefined, namespace: string): Message {
  if (!isJsonObject(value)) throw new Error('a message is no object');
  const spoken = value['role'] ?? value['kind'];
  const role = typeof spoken === 'string' ? ROLES.get(spoken) : undefined;
  if (role === undefined) throw new Error(`a message has the role ${JSON.stringify(spoken)}`);
  const extras: Record<string, JsonValue> = {};
  for (const key in value) {
    const extra = value[key];
    if (!KNOWN.has(key) && extra !== undefined && extra !== null) extras[key] = extra;
  }
  if (spoken === 'developer' || spoken === 'function') extras['role'] = spoken;
  const { name } = value;
  const parts = role === 'tool' ? [toolResult(value)] : contentParts(value, namespace);
  const message: { -readonly [K in keyof Message]: Message[K] } = { role, parts };
  if (typeof name === 'string' && role !== 'tool') message.name = name;
  if (Object.keys(extras).length > 0) message.providerMetadata = { [namespace]: extras };
  return message;
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);

function toolResult(value: JsonObject): Part {
  const { content, tool_call_id: id, name } = value;
  const output = typeof content === 'string' ? content : textOf(content);
  return {
    type: 'tool-result',
    toolCallId: typeof id === 'string' ? id : '',
    output,
    ...(typeof name === 'string' ? { name } : {}),
  };
}

function textOf(content: JsonValue | undefined): string {
  if (content === undefined || content === null) return '';
  if (!isList(content)) return JSON.stringify(content);
  const texts = content.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : JSON.stringify(part)));
  return texts.join('');
}

function contentParts(value: JsonObject, namespace: string): Part[] {
  const { content, refusal, tool_calls: calls, function_call: legacy, reasoning_content: reasoning } = value;
  const parts: Part[] = [];
  if (typeof reasoning === 'string' && reasoning !== '') parts.push({ type: 'reasoning', text: reasoning });
  if (typeof content === 'string') parts.push({ type: 'text', text: content });
  else if (isList(content)) for (const part of content) parts.push(contentPart(part, namespace));
  else if (content !== undefined && content !== null) throw new Error('the content of a message is neither text nor a list');
  if (typeof refusal === 'string') parts.push({ type: 'refusal', text: refusal });
  if (isList(calls)) for (const call of calls) parts.push(toolCall(call, namespace));
  if (isJsonObject(legacy)) parts.push({ ...functionCall('', legacy), providerMetadata: { [namespace]: { function_call: true } } });
  return parts;
}

function contentPart(value: JsonValue, namespace: string): Part {
  if (typeof value === 'string') return { type: 'text', text: value };
  if (!isJsonObject(value)) throw new Error('a part of the content is no object');
  const { type } = value;
  if ((type === 'text' || type === 'input_text') && typeof value['text'] === 'string') {
    return withExtras({ type: 'text', text: value['text'] }, value, ['type', 'text'], namespace);
  }
  if (type === 'image_url' || type === 'video_url') {
    const image = value[type];
    const url = isJsonObject(image) ? image['url'] : image;
    if (typeof url !== 'string') throw new Error(`a part of the type ${type} has no url`);
    const part = attachmentOf(url, type === 'image_url' ? 'image/*' : 'video/*');
    return isJsonObject(image) ? withExtras(part, image, ['url'], namespace) : part;
  }
  const audio = value['input_audio'];
  if (type === 'input_audio' && isJsonObject(audio) && typeof audio['data'] === 'string') {
    return { type: 'attachment', mediaType: `audio/${typeof audio['format'] === 'string' ? audio['format'] : 'wav'}`, data: audio['data'] };
  }
  const file = value['file'];
  if (type === 'file' && isJsonObject(file) && typeof file['file_data'] === 'string') {
    const part = attachmentOf(file['file_data'], 'application/octet-stream');
    return typeof file['filename'] === 'string' ? { ...part, name: file['filename'] } : part;
  }
  throw new Error(`a part of the content has the unknown type ${JSON.stringify(type)}`);
}

function withExtras<T extends Part>(part: T, value: JsonObject, known: readonly string[], namespace: string): T {
  const extras: Record<string, JsonValue> = {};
  for (const [key, extra] of Object.entries(value)) if (!known.includes(key) && extra !== undefined) extras[key] = extra;
  return Object.keys(extras).length === 0 ? part : { ...part, providerMetadata: { [namespace]: extras } };
}

function attachmentOf(url: string, mediaType: string): AttachmentPart {
  const data = /^data:([^;,]+);base64,/.exec(url);
  if (data?.[1] === undefined) return { type: 'attachment', mediaType, url };
  return { type: 'attachment', mediaType: data[1], data: url.slice(data[0].length) };
}

function toolCall(value: JsonValue, namespace: string): ToolCallPart {
  if (!isJsonObject(value) || !isJsonObject(value['function'])) throw new Error('a tool call has no function');
  const part = functionCall(typeof value['id'] === 'string' ? value['id'] : '', value['function']);
  return withExtras(part, value, ['id', 'type', 'function'], namespace);
}

function functionCall(id: string, value: JsonObject): ToolCallPart {
  const { name, arguments: given } = value;
  if (typeof name !== 'string') throw new Error('a tool call has no name');
  return { type: 'tool-call', id, name, arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}) };
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
