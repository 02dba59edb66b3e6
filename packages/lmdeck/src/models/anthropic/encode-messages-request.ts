import {
  isJsonObject,
  LmdeckError,
  messageText,
  oneSampleOnly,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
  type Message,
  type ModelRequest,
  type ToolChoice,
} from '../../core/index.ts';
import type { ProtocolTarget } from '../protocols/answer-protocol.ts';
import { encodeContent, textBlock } from './encode-content.ts';

type Body = Record<string, JsonValue | undefined>;

/** The protocol demands a limit; all models since Claude 3.5 can write this much. */
const MAX_TOKENS = 8192;

/**
 * The body of a request to `/v1/messages`.
 * @throws LmdeckError `capability` for what Anthropic is known not to take.
 */
export function encodeMessagesRequest(request: ModelRequest, target: ProtocolTarget): JsonObject {
  if (request.samples !== undefined) throw unable(target, oneSampleOnly(request.samples));
  if (request.continuation !== undefined) throw unable(target, 'cannot score given text');
  if (request.messages[0]?.role === 'raw') throw unable(target, 'takes no raw prompts');
  const { options, schema, tools } = request;
  const body: Body = { model: target.model, max_tokens: options['maxTokens'] ?? MAX_TOKENS };
  const system = systemPrompt(request.messages, target.name);
  if (system !== undefined) body['system'] = system;
  body['messages'] = turns(request.messages, target.name);
  addOptions(body, options, target);
  if (tools !== undefined) {
    body['tools'] = tools.map(({ name, description, parameters, strict }) => ({ name, description, input_schema: parameters, strict }));
    const choice = toolChoice(request.toolChoice, options['parallelToolCalls']);
    if (choice !== undefined) body['tool_choice'] = choice;
  }
  if (schema !== undefined) {
    const before = isJsonObject(body['output_config']) ? body['output_config'] : {};
    body['output_config'] = { ...before, format: { type: 'json_schema', schema: closed(schema) } };
  }
  if (target.extraBody !== undefined) Object.assign(body, target.extraBody);
  const { extraBody } = options;
  if (extraBody !== undefined) {
    if (!isJsonObject(extraBody)) throw new LmdeckError('usage', `${target.name}: the option extraBody must be an object of body fields.`);
    Object.assign(body, extraBody);
  }
  delete body['stream'];
  return body;
}

function addOptions(body: Body, options: JsonObject, target: ProtocolTarget): void {
  for (const [name, value] of Object.entries(options)) {
    switch (name) {
      case 'temperature':
        body['temperature'] = value;
        break;
      case 'topP':
        body['top_p'] = value;
        break;
      case 'topK':
        body['top_k'] = value;
        break;
      case 'stop':
        body['stop_sequences'] = typeof value === 'string' ? [value] : value;
        break;
      case 'thinkingBudget':
        body['thinking'] = value === 0 ? { type: 'disabled' } : { type: 'enabled', budget_tokens: value };
        break;
      case 'reasoningEffort':
        body['output_config'] = { effort: value };
        break;
      case 'serviceTier':
        body['service_tier'] = value;
        break;
      case 'user':
        body['metadata'] = { user_id: value };
        break;
      case 'maxTokens':
      case 'parallelToolCalls':
      case 'extraBody':
        break;
      default:
        if (value !== undefined) throw unable(target, `has no option "${name}": put fields of its own into extraBody`);
    }
  }
}

/** System messages stand outside of the conversation, wherever they are in it. */
function systemPrompt(messages: readonly Message[], endpoint: string): JsonValue | undefined {
  const parts = messages.flatMap((message) => (message.role === 'system' ? message.parts : []));
  if (parts.length === 0) return undefined;
  const blocks = parts.flatMap((part) => (part.type === 'text' ? [textBlock(part, endpoint)] : []));
  const isPlain = blocks.every((block) => Object.keys(block).length === 2);
  if (!isPlain) return blocks;
  return messages
    .filter((message) => message.role === 'system')
    .map(messageText)
    .join('\n\n');
}

/** The turns; results of tools are turns of the user, and those of one round stand in one. */
function turns(messages: readonly Message[], endpoint: string): readonly JsonObject[] {
  const wire: { role: string; content: JsonObject[] }[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = encodeContent(message, endpoint);
    const last = wire.at(-1);
    if (last?.role === role) last.content.push(...content);
    else wire.push({ role, content: [...content] });
  }
  return wire.map(({ role, content }) => ({ role, content: plain(content) }));
}

/** Text alone goes as a plain string. */
function plain(content: readonly JsonObject[]): JsonValue {
  const [only] = content;
  if (content.length !== 1 || only === undefined || only['type'] !== 'text' || Object.keys(only).length !== 2) return content;
  return only['text'] ?? '';
}

function toolChoice(choice: ToolChoice | undefined, parallel: JsonValue | undefined): JsonObject | undefined {
  const single = parallel === false ? { disable_parallel_tool_use: true } : {};
  if (choice === undefined) return parallel === false ? { type: 'auto', ...single } : undefined;
  if (choice === 'none') return { type: 'none' };
  if (choice === 'auto') return { type: 'auto', ...single };
  return choice === 'required' ? { type: 'any', ...single } : { type: 'tool', name: choice.name, ...single };
}

/** Objects of a schema must allow no other fields; one that does not say is meant so. */
function closed(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).map(([key, value]) => [key, key === 'properties' ? closedEach(value) : closedValue(value)]);
  const result: JsonObject = Object.fromEntries(entries);
  const isObject = schema['type'] === 'object' || isJsonObject(schema['properties']);
  return isObject && schema['additionalProperties'] === undefined ? { ...result, additionalProperties: false } : result;
}

function closedValue(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((each: JsonValue) => closedValue(each) ?? null);
  return isJsonObject(value) ? closed(value) : value;
}

function closedEach(value: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closedValue(each)]));
}

function unable(target: ProtocolTarget, what: string): LmdeckError {
  return new LmdeckError('capability', `${target.name}/${target.model} ${what}.`);
}
