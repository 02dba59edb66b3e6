import { isJsonObject, messageText } from '../core/index.ts';
import type { AttachmentPart, JsonObject, JsonValue, Message, Part, ProviderMetadata, ToolCallPart } from '../core/index.ts';

/** How messages are told in the chat format of OpenAI, which most programs and trainers took over. */
export interface ChatMessageOptions {
  /** Whose extra keys (`providerMetadata` of this name) are written beside the known ones. Default: nobody's. */
  readonly namespace?: string | undefined;
  /** The key under which an assistant's reasoning is written. Default: it is left out. */
  readonly reasoning?: string | undefined;
  /** Writes the arguments of tool calls as JSON text (OpenAI) or as objects (chat templates). Default: `text`. */
  readonly toolArguments?: 'text' | 'object' | undefined;
  /** The name of the tool beside its result: never, or where the result or this map from the ids of calls says it. Default: where the result does. */
  readonly toolNames?: ReadonlyMap<string, string> | 'none' | undefined;
}

/**
 * A message in the chat format of OpenAI: usually one, one for each result of a message of tools (and one more for what is attached to
 * them). Keys in the order `role`, `content`, the rest.
 *
 * @throws Error for what the format cannot say (raw prompts, token ids), or tool arguments that are no JSON object where objects are asked for.
 */
export function toChatMessages(message: Message, options: ChatMessageOptions = {}): JsonObject[] {
  if (message.role === 'raw') throw new Error('a raw prompt is no chat message');
  if (message.role === 'tool') return toolMessages(message, options);
  const chat: Record<string, JsonValue> = { role: roleOf(message, options) };
  const calls: JsonObject[] = [];
  let refusal = '';
  let reasoning = '';
  for (const part of message.parts) {
    if (part.type === 'tool-call') {
      if (own(part.providerMetadata, options)?.['function_call'] === true) chat['function_call'] = functionOf(part, options);
      else calls.push({ ...own(part.providerMetadata, options), id: part.id, type: 'function', function: functionOf(part, options) });
    } else if (part.type === 'refusal') refusal += part.text;
    else if (part.type === 'reasoning') reasoning += part.text;
  }
  const content = contentOf(message.parts, options);
  const says = calls.length > 0 || refusal !== '' || chat['function_call'] !== undefined;
  chat['content'] =
    content === '' && !message.parts.some((part) => part.type === 'text') && (says || message.role === 'assistant') ? null : content;
  if (reasoning !== '' && options.reasoning !== undefined) chat[options.reasoning] = reasoning;
  if (refusal !== '') chat['refusal'] = refusal;
  if (calls.length > 0) chat['tool_calls'] = calls;
  return [finished(chat, message, options)];
}

function toolMessages(message: Message, options: ChatMessageOptions): JsonObject[] {
  const chats: JsonObject[] = [];
  const attached: AttachmentPart[] = [];
  for (const part of message.parts) {
    if (part.type !== 'tool-result') continue;
    const name = options.toolNames === 'none' ? undefined : (part.name ?? options.toolNames?.get(part.toolCallId));
    const isLegacy = roleOf(message, options) === 'function';
    chats.push(
      finished(
        {
          role: roleOf(message, options),
          content: part.output,
          ...(isLegacy ? {} : { tool_call_id: part.toolCallId }),
          ...(name === undefined ? {} : { name }),
        },
        message,
        options,
      ),
    );
    if (part.attachments !== undefined) attached.push(...part.attachments);
  }
  if (attached.length > 0) {
    const lead: Part = { type: 'text', text: 'Attachments of the tool results above:' };
    chats.push({ role: 'user', content: contentOf([lead, ...attached], options) });
  }
  return chats;
}

function finished(chat: Record<string, JsonValue>, message: Message, options: ChatMessageOptions): JsonObject {
  if (message.name !== undefined) chat['name'] = message.name;
  for (const [key, value] of Object.entries(own(message.providerMetadata, options) ?? {}))
    if (key !== 'role' && value !== undefined) chat[key] = value;
  return chat;
}

function roleOf(message: Message, options: ChatMessageOptions): string {
  const role = own(message.providerMetadata, options)?.['role'];
  return typeof role === 'string' ? role : message.role;
}

function functionOf(part: ToolCallPart, options: ChatMessageOptions): JsonObject {
  if (options.toolArguments !== 'object') return { name: part.name, arguments: part.arguments };
  let value: unknown;
  try {
    value = part.arguments.trim() === '' ? {} : JSON.parse(part.arguments);
  } catch {
    value = undefined;
  }
  if (!isJsonObject(value)) throw new Error(`the arguments of the tool call ${part.name} are no JSON object`);
  return { name: part.name, arguments: value };
}

/** Text as text; a list as soon as there is anything else. */
function contentOf(parts: readonly Part[], options: ChatMessageOptions): JsonValue {
  if (!parts.some((part) => part.type === 'attachment')) return messageText({ role: 'user', parts });
  return contentList(parts, options);
}

/** The content as a list of parts, also when it is text alone. */
export function contentList(parts: readonly Part[], options: ChatMessageOptions = {}): JsonObject[] {
  const list: JsonObject[] = [];
  for (const part of parts) {
    const extras = own('providerMetadata' in part ? part.providerMetadata : undefined, options);
    if (part.type === 'text') list.push({ type: 'text', text: part.text, ...extras });
    else if (part.type === 'attachment') list.push(attachment(part, extras));
    else if (part.type === 'tokens') throw new Error('token ids are no chat message');
  }
  return list;
}

function attachment(part: AttachmentPart, extras: JsonObject | undefined): JsonObject {
  const url = part.url ?? `data:${part.mediaType};base64,${part.data ?? ''}`;
  const [kind = '', subtype = ''] = part.mediaType.toLowerCase().split('/');
  if (kind === 'image') return { type: 'image_url', image_url: { url, ...extras } };
  if (kind === 'video') return { type: 'video_url', video_url: { url, ...extras } };
  if (kind === 'audio' && part.data !== undefined)
    return { type: 'input_audio', input_audio: { data: part.data, format: subtype === 'mpeg' ? 'mp3' : subtype } };
  return { type: 'file', file: { filename: part.name ?? `attachment.${subtype}`, file_data: url } };
}

function own(metadata: ProviderMetadata | undefined, { namespace }: ChatMessageOptions): JsonObject | undefined {
  return namespace === undefined ? undefined : metadata?.[namespace];
}
