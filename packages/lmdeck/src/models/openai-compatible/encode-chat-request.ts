import {
  isJsonObject,
  LmdeckError,
  oneSampleOnly,
  schemaInWords,
  type Capabilities,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
  type ModelRequest,
  type ToolChoice,
  type ToolDefinition,
} from '../../core/index.ts';
import { wireField } from './chat-options.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodePlainRequest } from './encode-plain-request.ts';
import type { Endpoint } from './endpoint.ts';
import { isStrictSchema } from './strict-schema.ts';

type Body = Record<string, JsonValue | undefined>;

/** What encoding needs to know of a model. */
export type EncodingTarget = Pick<Endpoint, 'name' | 'refuses' | 'maxTokensField' | 'sendReasoning' | 'sendBack' | 'extraBody'> & {
  /** The model's name on the wire. */
  readonly model: string;
  readonly capabilities: Capabilities;
};

/**
 * The body of a chat completion request, as JSON text.
 * @throws LmdeckError `capability` for what the endpoint is known not to take.
 */
export function encodeChatRequest(request: ModelRequest, target: EncodingTarget, stream: boolean): string {
  return encodePlainRequest(request, target, stream) ?? encodeAnyRequest(request, target, stream);
}

/** Exported for the test that compares both ways. */
export function encodeAnyRequest(given: ModelRequest, target: EncodingTarget, stream: boolean): string {
  const request = schemaInWords(given, target.capabilities);
  const refuses = target.refuses ?? [];
  const body: Body = { model: target.model, messages: encodeMessages(request.messages, target) };
  addOptions(body, request, target, refuses);
  if (request.tools !== undefined) addTools(body, request.tools, request.toolChoice, target);
  else if ('parallel_tool_calls' in body) delete body['parallel_tool_calls'];
  if (request.schema !== undefined) body['response_format'] = responseFormat(request.schema);
  if (request.samples !== undefined) {
    if (target.capabilities.samples !== true) throw unable(target, oneSampleOnly(request.samples));
    body['n'] = request.samples;
  }
  if (stream && !refuses.includes('stream_options')) body['stream_options'] = { include_usage: true };
  if (target.extraBody !== undefined) Object.assign(body, target.extraBody);
  const { extraBody } = request.options;
  if (extraBody !== undefined) {
    if (!isJsonObject(extraBody)) throw new LmdeckError('usage', `${target.name}: the option extraBody must be an object of body fields.`);
    Object.assign(body, extraBody);
  }
  // The answer is read the way it was asked for, so this one has the last word. (`delete` alone would slow the whole object down.)
  if (stream) body['stream'] = true;
  else if ('stream' in body) delete body['stream'];
  return JSON.stringify(body);
}

function addOptions(body: Body, request: ModelRequest, target: EncodingTarget, refuses: readonly string[]): void {
  for (const name in request.options) {
    const value = request.options[name];
    if (value === undefined || name === 'extraBody') continue;
    const field = wireField(name);
    if (field === undefined) throw unable(target, `has no option "${name}": put server-specific fields into extraBody`);
    if (refuses.includes(field)) throw unable(target, `does not take the option "${name}"`);
    if (name === 'suffix') throw unable(target, 'takes the option "suffix" with raw prompts only');
    body[name === 'maxTokens' ? (target.maxTokensField ?? field) : field] = value;
  }
  if (body['top_logprobs'] !== undefined) body['logprobs'] ??= true;
}

function addTools(body: Body, tools: readonly ToolDefinition[], choice: ToolChoice | undefined, target: EncodingTarget): void {
  if (target.capabilities.tools !== true) throw unable(target, 'takes no tools');
  body['tools'] = tools.map(({ name, description, parameters, strict }) => ({
    type: 'function',
    function: { name, description, parameters, strict },
  }));
  if (choice !== undefined)
    body['tool_choice'] = typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

function responseFormat(schema: JsonSchema): JsonObject {
  const title = typeof schema['title'] === 'string' ? schema['title'].replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 64) : '';
  return { type: 'json_schema', json_schema: { name: title === '' ? 'answer' : title, schema, strict: isStrictSchema(schema) } };
}

function unable(target: EncodingTarget, what: string): LmdeckError {
  return new LmdeckError('capability', `${target.name}/${target.model} ${what}.`);
}
