import type { JsonObject, JsonSchema, JsonValue } from './json.ts';
import type { Message } from './message.ts';
import type { TokenIds } from './tokenizer.ts';
import type { ToolChoice, ToolDefinition } from './tool-definition.ts';

/** An answer that is given and not sampled: text, or token ids. */
export type Continuation = string | TokenIds;

/**
 * Everything that can change the answer, and nothing that cannot (keys, headers, signals, ids live in the
 * {@link CallContext}). A frozen plain object; {@link requestKey} is its identity.
 */
export interface ModelRequest {
  /** The whole history, in order; the last one is usually the user's. */
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  /** JSON Schema that the answer must follow. */
  readonly schema?: JsonSchema;
  /** Model options by their lmdeck names (`temperature`, `maxTokens`, `seed`, …). */
  readonly options: JsonObject;
  /** How many samples to draw in this call (OpenAI's `n`); absent means 1. */
  readonly samples?: number;
  /** Index of the first sample: tells repeated draws for the same prompt apart; absent means 0. */
  readonly sample?: number;
  /** Present when nothing is to be sampled: the log-probability of this answer is asked for (see `LanguageModel.score`). */
  readonly continuation?: Continuation;
}

/** The input of {@link createRequest}: `options` may be left out, `undefined` fields count as absent. */
export interface ModelRequestInput {
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolDefinition[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly schema?: JsonSchema | undefined;
  readonly options?: JsonObject | undefined;
  readonly samples?: number | undefined;
  readonly sample?: number | undefined;
  readonly continuation?: Continuation | undefined;
}

/**
 * Makes a request in its one form: absent instead of `undefined` or default, own copies of the arrays, frozen, every
 * message text well-formed Unicode (what UTF-8 could not carry to the server anyway becomes U+FFFD).
 */
export function createRequest(input: ModelRequestInput): ModelRequest {
  const request: { -readonly [K in keyof ModelRequest]: ModelRequest[K] } = {
    messages: Object.freeze(input.messages.map(wellFormed)),
    options: Object.freeze(withoutUndefined(input.options)),
  };
  if (input.tools !== undefined && input.tools.length > 0) request.tools = Object.freeze([...input.tools]);
  if (input.toolChoice !== undefined) request.toolChoice = input.toolChoice;
  if (input.schema !== undefined) request.schema = input.schema;
  if (input.samples !== undefined && input.samples !== 1) request.samples = input.samples;
  if (input.sample !== undefined && input.sample !== 0) request.sample = input.sample;
  if (input.continuation !== undefined)
    request.continuation =
      typeof input.continuation === 'string' ? input.continuation.toWellFormed() : Object.freeze([...input.continuation]);
  return Object.freeze(request);
}

function wellFormed(message: Message): Message {
  for (const part of message.parts) {
    if ('text' in part && !part.text.isWellFormed()) return repaired(message);
    if (part.type === 'tool-result' && !part.output.isWellFormed()) return repaired(message);
    if (part.type === 'tool-call' && !part.arguments.isWellFormed()) return repaired(message);
  }
  return message;
}

function repaired(message: Message): Message {
  return {
    ...message,
    parts: message.parts.map((part) => {
      if ('text' in part) return { ...part, text: part.text.toWellFormed() };
      if (part.type === 'tool-result') return { ...part, output: part.output.toWellFormed() };
      if (part.type === 'tool-call') return { ...part, arguments: part.arguments.toWellFormed() };
      return part;
    }),
  };
}

function withoutUndefined(options: JsonObject = {}): JsonObject {
  const kept: Record<string, JsonValue> = {};
  for (const name in options) {
    const value = options[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
