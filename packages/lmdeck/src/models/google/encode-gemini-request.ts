import {
  isJsonObject,
  LmdeckError,
  type JsonObject,
  type JsonValue,
  type Message,
  type ModelRequest,
  type ToolChoice,
} from '../../core/index.ts';
import type { ProtocolTarget } from '../protocols/answer-protocol.ts';
import { encodeParts } from './encode-parts.ts';
import { GEMINI_OPTIONS } from './gemini-options.ts';

type Body = Record<string, JsonValue | undefined>;

const WIRE: ReadonlyMap<string, string> = new Map(Object.entries(GEMINI_OPTIONS).map(([name, option]) => [name, option.wire]));

/** `models/gemini-…`; tuned models have a folder of their own. */
export function modelPath({ model }: ProtocolTarget): string {
  return model.includes('/') ? model : `models/${encodeURIComponent(model)}`;
}

/**
 * The body of a request to `generateContent`.
 * @throws LmdeckError `capability` for what Gemini is known not to take.
 */
export function encodeGeminiRequest(request: ModelRequest, target: ProtocolTarget): JsonObject {
  if (request.continuation !== undefined) throw unable(target, 'cannot score given text');
  if (request.messages[0]?.role === 'raw') throw unable(target, 'takes no raw prompts');
  const { messages, options, samples, schema, tools } = request;
  const body: Body = {};
  const system = messages.flatMap((message) => (message.role === 'system' ? encodeParts(message, target.name, messages) : []));
  if (system.length > 0) body['systemInstruction'] = { parts: system };
  body['contents'] = contents(messages, target.name);
  if (tools !== undefined) {
    const functionDeclarations = tools.map(({ name, description, parameters }) => ({
      name,
      description,
      parametersJsonSchema: parameters,
    }));
    body['tools'] = [{ functionDeclarations }];
    if (request.toolChoice !== undefined) body['toolConfig'] = { functionCallingConfig: callingConfig(request.toolChoice) };
  }
  const config = generationConfig(options, target);
  if (samples !== undefined) config['candidateCount'] = samples;
  if (schema !== undefined) {
    config['responseMimeType'] = 'application/json';
    config['responseJsonSchema'] = schema;
  }
  if (Object.keys(config).length > 0) body['generationConfig'] = config;
  if (target.extraBody !== undefined) Object.assign(body, target.extraBody);
  const { extraBody } = options;
  if (extraBody !== undefined) {
    if (!isJsonObject(extraBody)) throw new LmdeckError('usage', `${target.name}: the option extraBody must be an object of body fields.`);
    Object.assign(body, extraBody);
  }
  return body;
}

/** The turns; results of tools are turns of the user, and what one side says in a row is one turn. */
function contents(messages: readonly Message[], endpoint: string): readonly JsonObject[] {
  const wire: { role: string; parts: JsonObject[] }[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'model' : 'user';
    const parts = encodeParts(message, endpoint, messages);
    const last = wire.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) wire.push({ role, parts: [...parts] });
  }
  return wire.map(({ role, parts }) => ({ role, parts }));
}

function generationConfig(options: JsonObject, target: ProtocolTarget): Body {
  const config: Body = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || name === 'extraBody') continue;
    const wire = WIRE.get(name);
    if (wire === undefined) throw unable(target, `has no option "${name}": put fields of its own into extraBody`);
    const [field = '', inner] = wire.split('.');
    if (inner !== undefined) config[field] = { ...(isJsonObject(config[field]) ? config[field] : {}), [inner]: value };
    else config[field] = name === 'stop' && typeof value === 'string' ? [value] : value;
  }
  return config;
}

function callingConfig(choice: ToolChoice): JsonObject {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  return { mode: choice === 'required' ? 'ANY' : choice.toUpperCase() };
}

function unable(target: ProtocolTarget, what: string): LmdeckError {
  return new LmdeckError('capability', `${target.name}/${target.model} ${what}.`);
}
