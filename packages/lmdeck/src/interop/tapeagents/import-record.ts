import {
  createRequest,
  derivedId,
  isJsonObject,
  type CallEnd,
  type JsonObject,
  type JsonValue,
  type Message,
  type ModelRequest,
  type Usage,
} from '../../core/index.ts';
import type { ForeignCall } from '../call-format.ts';
import { fromChatTools } from '../chat-tools.ts';
import type { TimeReader } from '../foreign-time.ts';
import { fromChatMessage } from '../from-chat-message.ts';
import { shiftDecimal } from '../shift-decimal.ts';
import { isNumbers, NAMESPACE, type TapeAgentsNotes } from './notes.ts';
import { isSaidBy, optionsOf } from './parameters.ts';
import { messageKeys, outputJson, promptJson } from './prompt-json.ts';

/** A call as TapeAgents writes it: a row of `LLMCalls`, or `llm_call` of a line of its cache. */
export interface TapeAgentsRecord {
  readonly promptId: string;
  readonly timestamp: string;
  /** JSON text. */
  readonly prompt: string;
  readonly output: string;
  /** -1: unknown. */
  readonly promptTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cached: boolean;
  readonly info: JsonObject;
  /** Dollars. */
  readonly cost: number | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The call of a record.
 *
 * @param model what the model is called when the record does not say.
 * @throws Error that says what is wrong with it.
 */
export function importRecord(record: TapeAgentsRecord, model: string, readTime: TimeReader): ForeignCall {
  const { promptId, timestamp, prompt: promptText, output: outputText } = record;
  const startedAt = readTime(timestamp);
  if (startedAt === undefined) throw new Error(`its timestamp ${JSON.stringify(timestamp)} is no ISO 8601 time`);
  const prompt = parsedObject(promptText, 'prompt');
  const output = parsedObject(outputText, 'output');
  const notes: Mutable<TapeAgentsNotes> = { promptId, timestamp };
  if (record.cached) notes.cached = true;
  const named = record.info['model_name'];
  const isNamed = typeof named === 'string' && named !== '';
  if (!isNamed) notes.named = false;
  if (typeof record.info['context_size'] === 'number') notes.contextSize = record.info['context_size'];
  const { cost } = record;
  if (cost !== undefined && shiftDecimal(shiftDecimal(cost, 6), -6) !== cost) notes.cost = cost;
  const { parameters } = record.info;
  const given = optionsOf(isJsonObject(parameters) ? parameters : {});
  const request = requestOf(prompt, given.options, notes);
  if (!isSaidBy(request.options, given.parameters)) notes.parameters = given.parameters;
  const answer = fromChatMessage({ ...output, role: 'assistant' }, NAMESPACE);
  notePrompt(notes, prompt, promptText, request, promptId);
  noteOutput(notes, output, outputText, answer);
  return {
    start: {
      id: derivedId(startedAt, `tapeagents\n${promptId}\n${timestamp}\n${promptText}\n${outputText}`),
      startedAt,
      model: isNamed ? named : model,
      request,
      stream: false,
      metadata: { [NAMESPACE]: { ...notes } },
    },
    end: endOf(record, answer),
  };
}

function requestOf(prompt: JsonObject, options: JsonObject, notes: Mutable<TapeAgentsNotes>): ModelRequest {
  const { messages, tools, token_ids: ids, response_format: format } = prompt;
  if (!isList(messages)) throw new Error('its prompt has no list of messages');
  const chat = messages.map((message) => fromChatMessage(message, NAMESPACE));
  const tokens = isNumbers(ids) && ids.length > 0 ? ids : undefined;
  if (tokens !== undefined && chat.length > 0) notes.tokenIds = tokens;
  const all: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(options)) if (value !== undefined) all[name] = value;
  const schema = schemaOf(format, all, notes);
  return createRequest({
    messages: tokens !== undefined && chat.length === 0 ? [{ role: 'raw', parts: [{ type: 'tokens', ids: tokens }] }] : chat,
    tools: isList(tools) ? fromChatTools(tools) : undefined,
    schema,
    options: all,
  });
}

/** The schema of a response format; a format without one is an option of the call. */
function schemaOf(
  format: JsonValue | undefined,
  options: Record<string, JsonValue>,
  notes: Mutable<TapeAgentsNotes>,
): JsonObject | undefined {
  if (!isJsonObject(format)) return undefined;
  const outer = format['json_schema'];
  if (isJsonObject(outer) && isJsonObject(outer['schema'])) {
    notes.responseFormat = { ...format, json_schema: { ...outer, schema: true } };
    return outer['schema'];
  }
  notes.responseFormat = format;
  const { extraBody } = options;
  options['extraBody'] = { ...(isJsonObject(extraBody) ? extraBody : {}), response_format: format };
  return undefined;
}

/** Notes what is needed to write the prompt again as it was. */
function notePrompt(notes: Mutable<TapeAgentsNotes>, prompt: JsonObject, text: string, request: ModelRequest, promptId: string): void {
  const { id } = prompt;
  if (typeof id === 'string' && id !== promptId) notes.embeddedId = id;
  const embedded = typeof id === 'string' ? id : promptId;
  const again = (): string => JSON.stringify(promptJson(embedded, request, notes));
  const keys = Object.keys(prompt);
  if (keys.length !== 5 || keys[4] !== 'response_format') notes.promptKeys = keys;
  if (again() === text) return;
  const { messages } = prompt;
  if (isList(messages)) noteMessageKeys(notes, messages, request.messages);
  const rewritten = again();
  if (rewritten === text || differsInLooks(rewritten, text, prompt)) return;
  delete notes.promptKeys;
  delete notes.messageKeys;
  notes.promptText = text;
}

function noteMessageKeys(notes: Mutable<TapeAgentsNotes>, messages: readonly JsonValue[], imported: readonly Message[]): void {
  const usual = promptJson('', createRequest({ messages: imported }), {})['messages'];
  const keys: Record<string, readonly string[]> = {};
  for (const [index, message] of messages.entries()) {
    const again = isList(usual) ? usual[index] : undefined;
    if (isJsonObject(message) && JSON.stringify(message) !== JSON.stringify(again)) keys[index] = messageKeys(message);
  }
  if (Object.keys(keys).length > 0) notes.messageKeys = keys;
}

function noteOutput(notes: Mutable<TapeAgentsNotes>, output: JsonObject, text: string, answer: Message): void {
  if (JSON.stringify(outputJson(answer, undefined)) === text) return;
  const keys = Object.keys(output);
  const rewritten = JSON.stringify(outputJson(answer, keys));
  if (rewritten === text || differsInLooks(rewritten, text, output)) notes.outputKeys = keys;
  else notes.outputText = text;
}

/**
 * True when a text says the same and only spaces or escapes are others. A number is more than looks: Python writes `1.0` where JavaScript writes
 * `1`, and TapeAgents compares texts.
 */
function differsInLooks(rewritten: string, text: string, value: JsonObject): boolean {
  if (rewritten !== JSON.stringify(value)) return false;
  const numbers = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;
  return (text.match(numbers) ?? []).join() === (rewritten.match(numbers) ?? []).join();
}

function endOf(record: TapeAgentsRecord, answer: Message): CallEnd {
  const usage: Mutable<Usage> = {};
  if (known(record.promptTokens)) usage.inputTokens = record.promptTokens;
  if (known(record.outputTokens)) usage.outputTokens = record.outputTokens;
  const calls = answer.parts.some((part) => part.type === 'tool-call');
  return {
    status: 'ok',
    samples: [calls ? { message: answer, finish: { reason: 'tool-calls' } } : { message: answer }],
    ...(Object.keys(usage).length === 0 ? {} : { usage }),
    ...(record.cached ? { attempts: 0 } : {}),
    ...(record.cost === undefined ? {} : { costMicros: shiftDecimal(record.cost, 6) }),
  };
}

function known(tokens: number | undefined): tokens is number {
  return tokens !== undefined && tokens >= 0;
}

function parsedObject(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`its ${what} is no JSON (${error instanceof Error ? error.message : String(error)})`, { cause: error });
  }
  if (!isJsonObject(value)) throw new Error(`its ${what} is no JSON object`);
  return value;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
