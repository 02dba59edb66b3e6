import {
  isJsonObject,
  LmdeckError,
  type AttachmentPart,
  type JsonObject,
  type JsonValue,
  type Message,
  type Part,
  type ProviderMetadata,
  type TextPart,
  type ToolCallPart,
  type ToolResultPart,
} from '../../core/index.ts';

/** The content blocks of a message. */
export function encodeContent(message: Message, endpoint: string): readonly JsonObject[] {
  // What lmdeck has no parts for (tools of the server, citations) must go back exactly as it came.
  const whole = own(message.providerMetadata, endpoint)['content'];
  if (message.role === 'assistant' && Array.isArray(whole)) return whole.filter(isJsonObject);
  return message.parts.flatMap((part) => {
    const wire = block(part, endpoint);
    return wire === undefined ? [] : [wire];
  });
}

/** A text block, with what is attached to it (`cache_control`). */
export function textBlock(part: TextPart, endpoint: string): JsonObject {
  return { type: 'text', text: part.text, ...own(part.providerMetadata, endpoint) };
}

function block(part: Part, endpoint: string): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      // An empty block is refused.
      return part.text === '' ? undefined : textBlock(part, endpoint);
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text };
    case 'reasoning':
      return reasoning(own(part.providerMetadata, endpoint), part.text, part.redacted === true);
    case 'tool-call':
      return toolUse(part, endpoint);
    case 'tool-result':
      return toolResult(part, endpoint);
    case 'attachment':
      return { ...attachment(part, endpoint), ...own(part.providerMetadata, endpoint) };
    default:
      return undefined;
  }
}

/** Thinking goes back only with its signature: without one it is refused, so that of other models is left out. */
function reasoning(metadata: JsonObject, text: string, redacted: boolean): JsonObject | undefined {
  if (redacted) return typeof metadata['data'] === 'string' ? { type: 'redacted_thinking', data: metadata['data'] } : undefined;
  return typeof metadata['signature'] === 'string' ? { type: 'thinking', thinking: text, signature: metadata['signature'] } : undefined;
}

function toolUse(part: ToolCallPart, endpoint: string): JsonObject {
  return { ...own(part.providerMetadata, endpoint), type: 'tool_use', id: part.id, name: part.name, input: input(part) };
}

/** The arguments as an object, which the protocol wants even where the model wrote none. */
function input(part: ToolCallPart): JsonObject {
  if (part.arguments.trim() === '') return {};
  try {
    const value: JsonValue = JSON.parse(part.arguments);
    if (isJsonObject(value)) return value;
  } catch {
    // Cut off: what there is of it is still better than a history that is refused.
  }
  return { arguments: part.arguments };
}

function toolResult(part: ToolResultPart, endpoint: string): JsonObject {
  const attachments = (part.attachments ?? []).map((each) => attachment(each, endpoint));
  const text = part.output === '' ? [] : [{ type: 'text', text: part.output }];
  return {
    type: 'tool_result',
    tool_use_id: part.toolCallId,
    content: attachments.length === 0 ? part.output : [...text, ...attachments],
    ...(part.isError === true ? { is_error: true } : {}),
    ...own(part.providerMetadata, endpoint),
  };
}

function attachment(part: AttachmentPart, endpoint: string): JsonObject {
  const mediaType = part.mediaType.toLowerCase();
  const title = part.name === undefined ? {} : { title: part.name };
  if (mediaType.startsWith('image/')) return { type: 'image', source: source(part, mediaType) };
  if (mediaType === 'application/pdf') return { type: 'document', source: source(part, mediaType), ...title };
  if (mediaType.startsWith('text/') && part.data !== undefined) {
    const data = Buffer.from(part.data, 'base64').toString('utf8');
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...title };
  }
  throw new LmdeckError('capability', `${endpoint} takes images, PDF and text, not ${part.mediaType}.`);
}

function source(part: AttachmentPart, mediaType: string): JsonObject {
  if (part.url !== undefined) return { type: 'url', url: part.url };
  return { type: 'base64', media_type: mediaType, data: part.data ?? '' };
}

function own(metadata: ProviderMetadata | undefined, endpoint: string): JsonObject {
  return metadata?.[endpoint] ?? {};
}
