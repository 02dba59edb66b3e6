import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ModelRequestInput,
  type ToolChoice,
  type ToolDefinition,
} from '../../core/index.ts';
import { fromChatMessage } from '../../interop/index.ts';
import { chatOptionOf } from '../../models/index.ts';

/** Whose extra keys of messages are kept and sent back. */
const NAMESPACE = 'openai';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The body of a chat completion request as a request of ours. Fields that are no option of ours go along as they are (`extraBody`).
 * @throws Error that says what is wrong with it.
 */
export function fromChatBody(body: JsonObject): ModelRequestInput {
  const {
    model: _model,
    messages,
    tools,
    tool_choice: choice,
    response_format: format,
    n,
    stream: _stream,
    stream_options: _so,
    ...fields
  } = body;
  const request: Writable<ModelRequestInput> = { messages: chatMessages(messages) };
  const options: Record<string, JsonValue> = {};
  const extra: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    const option = chatOptionOf(field);
    (option === undefined ? extra : options)[option ?? field] = value;
  }
  if (tools !== undefined && tools !== null) request.tools = toolsOf(tools);
  if (choice !== undefined && choice !== null) request.toolChoice = toolChoiceOf(choice);
  if (isJsonObject(format)) {
    const named = format['json_schema'];
    if (isJsonObject(named) && isJsonObject(named['schema'])) request.schema = named['schema'];
    else if (format['type'] !== 'text') extra['response_format'] = format;
  }
  if (typeof n === 'number') request.samples = n;
  if (Object.keys(extra).length > 0) options['extraBody'] = extra;
  request.options = options;
  return request;
}

/** Messages of the chat format. @throws Error */
export function chatMessages(value: JsonValue | undefined): ModelRequestInput['messages'] {
  if (!Array.isArray(value)) throw new Error('messages is no list');
  if (value.length === 0) throw new Error('messages is empty');
  return value.map((each: JsonValue) => fromChatMessage(each, NAMESPACE));
}

function toolsOf(value: JsonValue): ToolDefinition[] {
  if (!Array.isArray(value)) throw new Error('tools is no list');
  return value.map((each: JsonValue) => {
    const definition = isJsonObject(each) ? each['function'] : undefined;
    if (!isJsonObject(definition)) throw new Error('a tool has no function');
    const { name, description, parameters, strict } = definition;
    if (typeof name !== 'string') throw new Error('a tool has no name');
    return {
      name,
      ...(typeof description === 'string' ? { description } : {}),
      parameters: isJsonObject(parameters) ? parameters : {},
      ...(typeof strict === 'boolean' ? { strict } : {}),
    };
  });
}

function toolChoiceOf(value: JsonValue): ToolChoice {
  if (value === 'auto' || value === 'none' || value === 'required') return value;
  const named = isJsonObject(value) ? value['function'] : undefined;
  if (isJsonObject(named) && typeof named['name'] === 'string') return { name: named['name'] };
  throw new Error('tool_choice is neither auto, none, required nor a function');
}
