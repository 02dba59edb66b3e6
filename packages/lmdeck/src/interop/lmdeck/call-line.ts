import {
  createRequest,
  isJsonObject,
  type CallEnd,
  type JsonObject,
  type JsonValue,
  type ModelRequest,
  type StoredCall,
} from '../../core/index.ts';
import type { ForeignCall } from '../call-format.ts';
import { isContinuation, isErrorInfo, isMessages, isSamples, isToolChoice, isTools, isUsage } from './guards.ts';

/** Version of the exchange format: raised when a reader of the version before would misread it. */
export const CALL_LINE_VERSION = 1;

/** A call as one line of JSON with everything that the tape has of it, line end included. */
export function callLine(call: StoredCall): string {
  const { id, conversationId, samples, requestKey, request, tags, ...rest } = call;
  const line = {
    lmdeck: CALL_LINE_VERSION,
    id,
    ...rest,
    ...(conversationId === undefined || conversationId === id ? {} : { conversationId }),
    request,
    samples,
    ...(tags === undefined ? {} : { tags }),
    requestKey,
  };
  return `${JSON.stringify(line)}\n`;
}

/**
 * The call of a line that {@link callLine} wrote, or that somebody else wrote after docs/interop.md.
 * @throws Error that says what is wrong with it.
 */
export function parseCallLine(text: string): ForeignCall {
  const line = parsed(text);
  const version = line['lmdeck'];
  if (version !== CALL_LINE_VERSION) {
    throw new Error(
      typeof version === 'number' && version > CALL_LINE_VERSION
        ? `it has version ${version} of the format; this lmdeck knows version ${CALL_LINE_VERSION}: update lmdeck`
        : `it has no "lmdeck": ${CALL_LINE_VERSION}`,
    );
  }
  const status = required(line, 'status', 'string');
  if (status === 'started') throw new Error('the call was still running when it was written down');
  const start: ForeignCall['start'] = {
    id: idOf(line),
    startedAt: required(line, 'startedAt', 'number'),
    model: required(line, 'model', 'string'),
    request: requestOf(line['request']),
    stream: line['stream'] === true,
    ...texts(line, ['endpoint', 'revision', 'conversationId', 'runId', 'parentCallId']),
    ...objects(line, ['metadata']),
  };
  const { samples = [], requestKey, tags } = line;
  if (!isSamples(samples)) throw new Error('its samples are none');
  const end = status === 'interrupted' ? undefined : endOf(line, status);
  return {
    start,
    ...(end === undefined ? { partial: samples } : { end: { ...end, samples } }),
    ...(isJsonObject(tags) ? { tags } : {}),
    ...(typeof requestKey === 'string' ? { requestKey } : {}),
  };
}

function parsed(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`it is no JSON (${error instanceof Error ? error.message : String(error)})`, { cause: error });
  }
  if (!isJsonObject(value)) throw new Error('it is no JSON object');
  return value;
}

function idOf(line: JsonObject): string {
  const id = required(line, 'id', 'string').toLowerCase();
  if (!/^[0-9a-hjkmnp-tv-z]{26}$/.test(id)) throw new Error(`its id ${JSON.stringify(id)} is no ULID`);
  return id;
}

function requestOf(value: JsonValue | undefined): ModelRequest {
  if (!isJsonObject(value)) throw new Error('it has no request');
  const { messages, tools, toolChoice, schema, options, samples, sample, continuation } = value;
  if (!isMessages(messages)) throw new Error('the messages of its request are none');
  if (tools !== undefined && !isTools(tools)) throw new Error('the tools of its request are none');
  if (toolChoice !== undefined && !isToolChoice(toolChoice)) throw new Error('the toolChoice of its request is none');
  if (continuation !== undefined && !isContinuation(continuation)) throw new Error('the continuation of its request is none');
  return createRequest({
    messages,
    tools,
    toolChoice,
    schema: optionalObject(schema, 'the schema of its request'),
    options: optionalObject(options, 'the options of its request'),
    samples: typeof samples === 'number' ? samples : undefined,
    sample: typeof sample === 'number' ? sample : undefined,
    continuation,
  });
}

function endOf(line: JsonObject, status: string): Omit<CallEnd, 'samples'> {
  if (status !== 'ok' && status !== 'error' && status !== 'aborted') throw new Error(`its status ${JSON.stringify(status)} is unknown`);
  const { error, usage } = line;
  if (error !== undefined && !isErrorInfo(error)) throw new Error('its error is none');
  if (usage !== undefined && !isUsage(usage)) throw new Error('its usage is none');
  return {
    status,
    ...(error === undefined ? {} : { error }),
    ...(usage === undefined ? {} : { usage }),
    ...texts(line, ['responseId', 'resolvedModel', 'cachedFrom', 'chunks']),
    ...numbers(line, ['firstTokenMs', 'durationMs', 'attempts', 'costMicros']),
  };
}

interface Types {
  readonly string: string;
  readonly number: number;
}

function required<T extends keyof Types>(line: JsonObject, name: string, type: T): Types[T] {
  const value = line[name];
  if (isType(value, type)) return value;
  throw new Error(value === undefined ? `it has no ${name}` : `its ${name} is no ${type}`);
}

function isType<T extends keyof Types>(value: unknown, type: T): value is Types[T] {
  return typeof value === type;
}

function texts<K extends string>(line: JsonObject, names: readonly K[]): { [P in K]?: string } {
  return optional(line, names, 'string');
}

function numbers<K extends string>(line: JsonObject, names: readonly K[]): { [P in K]?: number } {
  return optional(line, names, 'number');
}

function optional<K extends string, T extends keyof Types>(line: JsonObject, names: readonly K[], type: T): { [P in K]?: Types[T] } {
  const found: { [P in K]?: Types[T] } = {};
  for (const name of names) if (line[name] !== undefined) found[name] = required(line, name, type);
  return found;
}

function objects<K extends string>(line: JsonObject, names: readonly K[]): { [P in K]?: JsonObject } {
  const found: { [P in K]?: JsonObject } = {};
  for (const name of names) {
    const value = optionalObject(line[name], `its ${name}`);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function optionalObject(value: JsonValue | undefined, what: string): JsonObject | undefined {
  if (value === undefined || isJsonObject(value)) return value;
  throw new Error(`${what} is no object`);
}
