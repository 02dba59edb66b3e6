import { isJsonObject, type JsonObject, type JsonValue, type Message, type ModelRequest } from '../../core/index.ts';
import { toChatTools } from '../chat-tools.ts';
import { contentList, toChatMessages } from '../to-chat-messages.ts';
import { NAMESPACE, type TapeAgentsNotes } from './notes.ts';

/** The keys of a prompt as TapeAgents dumps them. */
const PROMPT_KEYS = ['id', 'tools', 'messages', 'token_ids', 'response_format'] as const;

/** How a list of parts is told from text among the keys of a message. */
const AS_LIST = 'content[]';

type PromptNotes = Pick<TapeAgentsNotes, 'promptKeys' | 'messageKeys' | 'tokenIds' | 'responseFormat'>;

/**
 * A request as TapeAgents' prompt, keys in its order.
 * @throws Error for what a prompt cannot say.
 */
export function promptJson(id: string, request: ModelRequest, notes: PromptNotes): JsonObject {
  const values: Record<string, JsonValue> = {
    id,
    tools: request.tools === undefined ? null : toChatTools(request.tools),
    messages: [],
    token_ids: notes.tokenIds ?? [],
    response_format: responseFormat(request, notes),
  };
  const first = request.messages[0];
  if (first?.role === 'raw') {
    const [part] = first.parts;
    if (part?.type !== 'tokens') throw new Error('TapeAgents has no prompts of raw text');
    values['token_ids'] = part.ids;
  } else {
    values['messages'] = request.messages.flatMap((message, index) => messageJson(message, notes.messageKeys?.[index]));
  }
  return ordered(values, notes.promptKeys ?? PROMPT_KEYS);
}

/** An answer as TapeAgents' output: the message of litellm. */
export function outputJson(message: Message | undefined, outputKeys: readonly string[] | undefined): JsonObject {
  const chat = message === undefined ? {} : (toChatMessages(message, { namespace: NAMESPACE, reasoning: 'reasoning_content' })[0] ?? {});
  const values: Record<string, JsonValue> = { content: null, role: 'assistant', tool_calls: null, function_call: null };
  for (const [key, value] of Object.entries(chat)) if (value !== undefined) values[key] = value;
  if (values['content'] === '' && message?.parts.length === 0) values['content'] = null;
  values['tool_calls'] = toolCalls(values['tool_calls'], ['arguments', 'name']);
  if (isJsonObject(values['function_call'])) values['function_call'] = ordered(values['function_call'], ['arguments', 'name']);
  return ordered(values, outputKeys ?? Object.keys(values));
}

function messageJson(message: Message, keys: readonly string[] | undefined): JsonObject[] {
  return toChatMessages(message, { namespace: NAMESPACE, reasoning: 'reasoning_content' }).map((chat) => {
    const values: Record<string, JsonValue> = {};
    // Beside tool calls TapeAgents has no content.
    for (const [key, value] of Object.entries(chat))
      if (value !== undefined && !(key === 'content' && value === null && 'tool_calls' in chat)) values[key] = value;
    if ('tool_calls' in values) values['tool_calls'] = toolCalls(values['tool_calls'], ['name', 'arguments']);
    // Who speaks is said by `kind` in some messages.
    if (keys?.includes('kind') === true && !keys.includes('role')) values['kind'] ??= message.role;
    if (keys?.includes(AS_LIST) === true) {
      values[AS_LIST] = contentList(message.parts, { namespace: NAMESPACE });
    }
    return keys === undefined ? values : ordered(values, keys);
  });
}

/** The order of a message's keys, with how its content is told. */
export function messageKeys(value: JsonObject): string[] {
  return Object.keys(value).map((key) => (key === 'content' && Array.isArray(value[key]) ? AS_LIST : key));
}

function toolCalls(value: JsonValue | undefined, names: readonly string[]): JsonValue {
  if (!isList(value)) return null;
  return value.map((call) => {
    if (!isJsonObject(call)) return call;
    const { function: definition, ...rest } = call;
    return { function: isJsonObject(definition) ? ordered(definition, names) : null, ...rest };
  });
}

function responseFormat(request: ModelRequest, { responseFormat: format }: PromptNotes): JsonValue {
  const { schema } = request;
  if (format === undefined) {
    return schema === undefined ? null : { type: 'json_schema', json_schema: { name: 'answer', schema, strict: false } };
  }
  const outer = format['json_schema'];
  if (!isJsonObject(outer) || outer['schema'] !== true || schema === undefined) return format;
  return { ...format, json_schema: { ...outer, schema } };
}

/** The values of these keys in this order; those that are not there are null. */
function ordered(values: JsonObject, keys: readonly string[]): JsonObject {
  const result: Record<string, JsonValue> = {};
  for (const key of keys) result[key === AS_LIST ? 'content' : key] = values[key] ?? null;
  return result;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
