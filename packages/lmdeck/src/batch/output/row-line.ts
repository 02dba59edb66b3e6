import { isJsonObject, messageText, ulidTime, type JsonObject, type JsonValue, type Sample, type Usage } from '../../core/index.ts';
import { toChatMessages } from '../../interop/index.ts';
import type { RowOutcome } from '../row-outcome.ts';
import { isBatchLine } from '../rows/row-reader.ts';

/** How the columns of the input stand in the output: as `input`; beside ours, as `input_…` where the name is one of ours; or not at all. */
export type JoinKind = 'nested' | 'flat' | 'none';

export const JOINS: readonly JoinKind[] = ['nested', 'flat', 'none'];

/** What lines look like. */
export interface LineOptions {
  /** `openai-batch`: what OpenAI's batch API answers; `auto`: that for its lines, else ours. Default: `auto`. */
  readonly shape?: 'rows' | 'openai-batch' | 'auto' | undefined;
  /** Default: `nested`. */
  readonly join?: JoinKind | undefined;
  /** Columns of the input to keep. Default: all. */
  readonly keep?: readonly string[] | undefined;
}

type Fields = Record<string, JsonValue>;

/** An outcome as an object of the output. */
export function rowObject(outcome: RowOutcome, options: LineOptions = {}): JsonObject {
  const { shape = 'auto', join = 'nested' } = options;
  const { input } = outcome;
  if (shape === 'openai-batch' || (shape === 'auto' && input !== undefined && isBatchLine(input))) return batchResult(outcome);
  const own = ownFields(outcome);
  if (input === undefined || join === 'none') return own;
  const kept = options.keep === undefined ? input : Object.fromEntries(options.keep.map((name) => [name, input[name] ?? null]));
  if (join === 'nested') return { ...own, input: kept };
  const flat: Fields = {};
  for (const [name, value] of Object.entries(kept)) {
    if (value !== undefined && name !== 'id') flat[OUR_NAMES.has(name) ? `input_${name}` : name] = value;
  }
  return { ...own, ...flat };
}

/** A column has one meaning in all rows, so these are taken also where a row has no such field. */
const OUR_NAMES: ReadonlySet<string> = new Set(
  (
    'id index status text json samples reasoning refusal tool_calls finish_reason model cost_micros calls ' +
    'usage input_tokens output_tokens cached_input_tokens reasoning_tokens error error_code error_message'
  ).split(' '),
);

function ownFields(outcome: RowOutcome): Fields {
  const fields: Fields = { id: outcome.id, index: outcome.index, status: outcome.status };
  const samples = outcome.status === 'cancelled' ? undefined : outcome.samples;
  const [only] = samples ?? [];
  if (samples !== undefined && samples.length > 1) fields['samples'] = samples.map(sampleFields);
  else if (only !== undefined) Object.assign(fields, sampleFields(only));
  if (outcome.model !== undefined) fields['model'] = outcome.model;
  if (outcome.usage !== undefined) fields['usage'] = usageFields(outcome.usage);
  if (outcome.costMicros !== undefined) fields['cost_micros'] = outcome.costMicros;
  if (outcome.callIds.length > 0) fields['calls'] = [...outcome.callIds];
  if (outcome.status === 'error') fields['error'] = errorFields(outcome);
  return fields;
}

/** Where the text is JSON, it is there parsed too: a schema, or a model that was told to. */
function sampleFields({ message, finish }: Sample): Fields {
  const text = messageText(message);
  const fields: Fields = { text };
  let reasoning = '';
  const calls: JsonObject[] = [];
  for (const part of message.parts) {
    if (part.type === 'reasoning') reasoning += part.text;
    else if (part.type === 'tool-call') calls.push({ id: part.id, name: part.name, arguments: part.arguments });
    else if (part.type === 'refusal') fields['refusal'] = part.text;
  }
  const json = parsed(text);
  if (json !== undefined) fields['json'] = json;
  if (reasoning !== '') fields['reasoning'] = reasoning;
  if (calls.length > 0) fields['tool_calls'] = calls;
  if (finish !== undefined) fields['finish_reason'] = finish.reason;
  return fields;
}

/** Objects and lists only: a bare number or word is a text. */
function parsed(text: string): JsonValue | undefined {
  const first = text.trimStart().charAt(0);
  if (first !== '{' && first !== '[') return undefined;
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function usageFields(usage: Usage): Fields {
  const fields: Fields = {};
  if (usage.inputTokens !== undefined) fields['input_tokens'] = usage.inputTokens;
  if (usage.outputTokens !== undefined) fields['output_tokens'] = usage.outputTokens;
  if (usage.cachedInputTokens !== undefined) fields['cached_input_tokens'] = usage.cachedInputTokens;
  if (usage.reasoningTokens !== undefined) fields['reasoning_tokens'] = usage.reasoningTokens;
  return fields;
}

function errorFields({ error, attempts }: Extract<RowOutcome, { readonly status: 'error' }>): Fields {
  return { code: error.code, message: error.message, attempts, ...(error.status === undefined ? {} : { status: error.status }) };
}

/** A line of the output file of OpenAI's batch API. */
function batchResult(outcome: RowOutcome): JsonObject {
  const [callId = outcome.id] = outcome.callIds;
  const head = { id: `batch_req_${callId}`, custom_id: outcome.id };
  if (outcome.status !== 'ok') {
    const { error } = outcome.status === 'error' ? outcome : { error: undefined };
    const message = error?.message ?? 'the row was not asked';
    const code = error?.code ?? 'cancelled';
    const response =
      error?.status === undefined ? null : { status_code: error.status, request_id: callId, body: { error: { message, code } } };
    return { ...head, response, error: { code, message } };
  }
  const body = outcome.input?.['body'];
  const named = isJsonObject(body) ? body['model'] : undefined;
  const { usage } = outcome;
  return {
    ...head,
    response: {
      status_code: 200,
      request_id: callId,
      body: {
        id: `chatcmpl-${callId}`,
        object: 'chat.completion',
        created: createdAt(callId),
        model: typeof named === 'string' ? named : (outcome.model ?? ''),
        choices: outcome.samples.map((sample, index) => choice(sample, index)),
        ...(usage === undefined ? {} : { usage: chatUsage(usage) }),
      },
    },
    error: null,
  };
}

const FINISH: Readonly<Record<string, string>> = { 'tool-calls': 'tool_calls', 'content-filter': 'content_filter' };

function choice({ message, finish }: Sample, index: number): JsonObject {
  const [chat = {}] = toChatMessages(message);
  return { index, message: chat, finish_reason: finish === undefined ? null : (FINISH[finish.reason] ?? finish.reason) };
}

function chatUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, totalTokens } = usage;
  const total = totalTokens ?? (inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens);
  return {
    ...(inputTokens === undefined ? {} : { prompt_tokens: inputTokens }),
    ...(outputTokens === undefined ? {} : { completion_tokens: outputTokens }),
    ...(total === undefined ? {} : { total_tokens: total }),
  };
}

function createdAt(callId: string): number {
  try {
    return Math.floor(ulidTime(callId) / 1000);
  } catch {
    return 0;
  }
}
