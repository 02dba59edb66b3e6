import {
  isJsonObject,
  LmdeckError,
  messageText,
  type AttachmentPart,
  type JsonObject,
  type JsonValue,
  type Message,
  type Part,
  type ProviderMetadata,
  type ToolCallPart,
} from '../../core/index.ts';
import type { Endpoint } from './endpoint.ts';

type Wire = Record<string, JsonValue | undefined>;
type EncodingEndpoint = Pick<Endpoint, 'name' | 'sendReasoning' | 'sendBack'>;

const SEND_BACK = ['reasoning_details', 'extra_content', 'thinking_blocks'];

/** A history as chat completions take it. */
export function encodeMessages(messages: readonly Message[], endpoint: EncodingEndpoint): JsonObject[] {
  const wire: JsonObject[] = [];
  let attached: AttachmentPart[] = [];
  for (const message of messages) {
    // The results of one round must stand together, so what is attached to them follows after the last one.
    if (message.role !== 'tool' && attached.length > 0) {
      wire.push(resultAttachments(attached, endpoint));
      attached = [];
    }
    switch (message.role) {
      case 'tool':
        attached.push(...pushResults(message, wire));
        break;
      case 'assistant':
        wire.push(assistantMessage(message, endpoint));
        break;
      default:
        wire.push(named(message, { role: message.role, content: content(message.parts, endpoint) }));
    }
  }
  if (attached.length > 0) wire.push(resultAttachments(attached, endpoint));
  return wire;
}

function pushResults(message: Message, wire: JsonObject[]): readonly AttachmentPart[] {
  const attached: AttachmentPart[] = [];
  for (const part of message.parts) {
    if (part.type !== 'tool-result') continue;
    wire.push({ role: 'tool', tool_call_id: part.toolCallId, content: part.output });
    if (part.attachments !== undefined) attached.push(...part.attachments);
  }
  return attached;
}

function resultAttachments(attachments: readonly AttachmentPart[], endpoint: EncodingEndpoint): JsonObject {
  const lead: Part = { type: 'text', text: 'Attachments of the tool results above:' };
  return { role: 'user', content: content([lead, ...attachments], endpoint) };
}

function assistantMessage(message: Message, endpoint: EncodingEndpoint): JsonObject {
  const wire: Wire = { role: 'assistant' };
  const calls: JsonObject[] = [];
  let reasoning = '';
  let refusal = '';
  for (const part of message.parts) {
    if (part.type === 'tool-call') calls.push(toolCall(part, endpoint));
    else if (part.type === 'reasoning') reasoning += part.text;
    else if (part.type === 'refusal') refusal += part.text;
  }
  const text = messageText(message);
  wire['content'] = text === '' && (calls.length > 0 || refusal !== '') ? null : text;
  if (refusal !== '') wire['refusal'] = refusal;
  if (calls.length > 0) wire['tool_calls'] = calls;
  const send = endpoint.sendReasoning;
  if (send !== undefined && reasoning !== '' && (send.when === 'always' || calls.length > 0)) wire[send.field] = reasoning;
  const own = ownMetadata(message.providerMetadata, endpoint);
  if (own !== undefined) for (const key of endpoint.sendBack ?? SEND_BACK) if (own[key] !== undefined) wire[key] = own[key];
  return named(message, wire);
}

function toolCall(part: ToolCallPart, endpoint: EncodingEndpoint): JsonObject {
  const call: Wire = { id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } };
  const own = ownMetadata(part.providerMetadata, endpoint);
  return own === undefined ? call : { ...own, ...call };
}

/** Text alone goes as a plain string, which every server takes. */
function content(parts: readonly Part[], endpoint: EncodingEndpoint): JsonValue {
  if (parts.every((part) => part.type === 'text' && ownMetadata(part.providerMetadata, endpoint) === undefined)) {
    return parts.length === 1 && parts[0]?.type === 'text' ? parts[0].text : messageText({ role: 'user', parts });
  }
  const wire: JsonObject[] = [];
  for (const part of parts) {
    if (part.type === 'text') wire.push({ ...ownMetadata(part.providerMetadata, endpoint), type: 'text', text: part.text });
    else if (part.type === 'attachment') wire.push({ ...ownMetadata(part.providerMetadata, endpoint), ...attachment(part, endpoint.name) });
  }
  return wire;
}

function attachment(part: AttachmentPart, endpoint: string): JsonObject {
  const type = part.mediaType.toLowerCase();
  const kind = type.split('/', 1)[0];
  if (kind === 'image') return { type: 'image_url', image_url: { url: urlOf(part) } };
  if (kind === 'video') return { type: 'video_url', video_url: { url: urlOf(part) } };
  if (kind === 'audio') {
    if (part.data !== undefined) return { type: 'input_audio', input_audio: { data: part.data, format: audioFormat(type) } };
    throw new LmdeckError(
      'capability',
      `${endpoint}: audio goes with its bytes only: give the attachment data instead of the url ${part.url}.`,
    );
  }
  return { type: 'file', file: { filename: part.name ?? `attachment.${type.split('/')[1] ?? 'bin'}`, file_data: urlOf(part) } };
}

function urlOf(part: AttachmentPart): string {
  return part.url ?? `data:${part.mediaType};base64,${part.data ?? ''}`;
}

function audioFormat(mediaType: string): string {
  const subtype = mediaType.split(/[/;]/)[1] ?? '';
  switch (subtype) {
    case 'mpeg':
      return 'mp3';
    case 'wave':
    case 'x-wav':
    case 'vnd.wave':
      return 'wav';
    default:
      return subtype;
  }
}

function ownMetadata(metadata: ProviderMetadata | undefined, endpoint: EncodingEndpoint): JsonObject | undefined {
  const own = metadata?.[endpoint.name];
  return isJsonObject(own) ? own : undefined;
}

function named(message: Message, wire: Wire): JsonObject {
  if (message.name !== undefined) wire['name'] = message.name;
  return wire;
}
