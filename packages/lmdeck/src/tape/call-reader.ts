import type { SQLOutputValue } from 'node:sqlite';
import {
  assistant,
  type CallStatus,
  type ErrorInfo,
  type FinishReason,
  type JsonObject,
  type Message,
  type ModelRequest,
  type Sample,
  type RecordedAnswer,
  type StoredCall,
  type TokenLogprob,
  type ToolChoice,
  type Usage,
} from '../core/index.ts';
import { asHex, asNumber, asText, type Database, type Row } from './database.ts';
import { ALL_KEYED, FIRST_KEYED, type KeyIndex, LAST_KEYED } from './key-index.ts';
import { hashBytes, type MessageStore } from './message-store.ts';
import { readPartial } from './partials.ts';
import { continuationOf, scoreAnswer } from './score-answer.ts';

/** The columns that {@link CallReader.read} takes, in its order. */
export const CALL_COLUMNS = `c.seq, c.id, c.request_key, c.status, c.started_at, c.model, c.stream, c.conversation,
 c.prompt, c.options, c.schema, c.tools, c.tool_choice, c.samples, c.sample,
 c.answer, c.answers, c.finish_reason, c.finish_raw, c.logprobs,
 c.input_tokens, c.output_tokens, c.cached_tokens, c.cache_write_tokens, c.reasoning_tokens, c.total_tokens, c.usage_raw,
 c.endpoint, c.revision, c.run, c.parent, c.process, c.metadata, c.resolved_model, c.response_id,
 c.first_token_ms, c.duration_ms, c.attempts, c.cost_micros, c.cached_from, c.chunks, c.error, c.continuation`;

/** Only what an answer needs: every column of a row costs time, and a cache asks for many rows. */
const FIND = `SELECT c.seq, c.id, c.answer, c.answers, c.finish_reason, c.finish_raw, c.logprobs,
 c.input_tokens, c.output_tokens, c.cached_tokens, c.cache_write_tokens, c.reasoning_tokens, c.total_tokens, c.usage_raw,
 c.chunks, c.response_id, c.resolved_model, c.cached_from, m.text, c.continuation`;
const ANSWER = "LEFT JOIN messages m ON m.id = c.answer AND m.role = 'assistant'";
const WHICH = "c.status = 'ok' AND c.request_key = ?4";
const FIND_NEWEST = `${FIND} FROM calls c ${ANSWER} WHERE ${WHICH} AND c.seq = ${LAST_KEYED}`;
const FIND_OLDEST = `${FIND} FROM calls c ${ANSWER} WHERE ${WHICH} AND c.seq = ${FIRST_KEYED}`;
/** All that have the key, for the rare case that the newest or oldest of them is another request or gone. */
const FIND_ALL = `${FIND} FROM (${ALL_KEYED}) k CROSS JOIN calls c ON c.seq = k.ref ${ANSWER} WHERE ${WHICH} ORDER BY c.seq`;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Value = SQLOutputValue | undefined;

/** Makes calls out of rows. */
export class CallReader {
  readonly #database: Database;
  readonly #messages: MessageStore;
  readonly #keys: KeyIndex;

  constructor(database: Database, messages: MessageStore, keys: KeyIndex) {
    this.#database = database;
    this.#messages = messages;
    this.#keys = keys;
  }

  /** The answer of the newest or oldest `ok` call of a request key. Its samples are read when they are asked for. */
  find(requestKey: string, which: 'newest' | 'oldest'): RecordedAnswer | undefined {
    this.#database.map();
    const keys = this.#keys;
    const key = keys.key(requestKey);
    const bytes = hashBytes(requestKey);
    const first =
      which === 'newest'
        ? this.#database.arrays(FIND_NEWEST).get(key, keys.seen, keys.last(key), bytes)
        : this.#database.arrays(FIND_OLDEST).get(key, keys.seen, keys.first(key), bytes);
    if (first !== undefined) return this.#answer(asArray(first));
    const all = this.#database.arrays(FIND_ALL).all(key, keys.seen, JSON.stringify(keys.refs(key)), bytes);
    const row = which === 'newest' ? all.at(-1) : all[0];
    return row === undefined ? undefined : this.#answer(asArray(row));
  }

  #answer(values: readonly Value[]): RecordedAnswer {
    const text = values[18];
    // An answer of one sample of plain text is complete with the row; what others need is read when it is asked for.
    const answer: Mutable<RecordedAnswer> =
      typeof text === 'string' && typeof values[3] !== 'number'
        ? { id: asText(values[1]) ?? '', samples: [sampleOf(assistant(text), values[4], values[5], values[6])] }
        : this.#lazyAnswer(values);
    const usage = readUsage(values, 7);
    if (usage !== undefined) answer.usage = usage;
    if (typeof values[14] === 'string') answer.chunks = values[14];
    if (typeof values[15] === 'string') answer.responseId = values[15];
    if (typeof values[16] === 'string') answer.resolvedModel = values[16];
    if (typeof values[17] === 'string') answer.cachedFrom = values[17];
    return answer;
  }

  #lazyAnswer(values: readonly Value[]): Pick<RecordedAnswer, 'id' | 'samples'> {
    let samples: readonly Sample[] | undefined;
    const load = (): readonly Sample[] => (samples ??= this.#samples(asNumber(values[0]) ?? 0, values, 2, values[19]));
    return {
      id: asText(values[1]) ?? '',
      get samples() {
        return load();
      },
    };
  }

  /** An array row of {@link CALL_COLUMNS} as a call whose request and samples are read at their first use. */
  read(row: Row, dead: ReadonlySet<number>): StoredCall {
    const values = asArray(row);
    const status = values[3];
    const callId = asText(values[1]) ?? '';
    const number = asNumber(values[0]) ?? 0;
    let request: ModelRequest | undefined;
    let samples: readonly Sample[] | undefined;
    const loadRequest = (): ModelRequest => (request ??= this.#request(values));
    const loadSamples = (): readonly Sample[] =>
      (samples ??= status === 'started' ? readPartial(this.#database, number) : this.#samples(number, values, 15, values[42]));
    const call: Mutable<StoredCall> = {
      id: callId,
      startedAt: asNumber(values[4]) ?? 0,
      model: asText(values[5]) ?? '',
      requestKey: asHex(values[2]),
      stream: values[6] === 1,
      status: status === 'started' && dead.has(asNumber(values[31]) ?? -1) ? 'interrupted' : asStatus(status),
      conversationId: asText(values[7]) ?? callId,
      get request() {
        return loadRequest();
      },
      get samples() {
        return loadSamples();
      },
    };
    // By position and not by taking the list apart: this runs for every hit of a cache.
    const [endpoint, revision, run, parent, metadata] = [values[27], values[28], values[29], values[30], values[32]];
    const [resolvedModel, responseId, firstTokenMs, durationMs] = [values[33], values[34], values[35], values[36]];
    const [attempts, costMicros, cachedFrom, chunks, error] = [values[37], values[38], values[39], values[40], values[41]];
    if (typeof endpoint === 'string') call.endpoint = endpoint;
    if (typeof revision === 'string') call.revision = revision;
    if (typeof run === 'string') call.runId = run;
    if (typeof parent === 'string') call.parentCallId = parent;
    if (typeof metadata === 'string') call.metadata = parseObject(metadata);
    if (typeof resolvedModel === 'string') call.resolvedModel = resolvedModel;
    if (typeof responseId === 'string') call.responseId = responseId;
    if (typeof firstTokenMs === 'number') call.firstTokenMs = firstTokenMs;
    if (typeof durationMs === 'number') call.durationMs = durationMs;
    if (typeof attempts === 'number') call.attempts = attempts;
    if (typeof costMicros === 'number') call.costMicros = costMicros;
    if (typeof cachedFrom === 'string') call.cachedFrom = cachedFrom;
    if (typeof chunks === 'string') call.chunks = chunks;
    if (typeof error === 'string') call.error = parseError(error);
    const usage = readUsage(values, 20);
    if (usage !== undefined) call.usage = usage;
    return call;
  }

  #request(values: readonly Value[]): ModelRequest {
    const [prompt, options, schema, tools, toolChoice, samples, sample] = values.slice(8, 15);
    const request: Mutable<ModelRequest> = {
      messages: this.#messages.history(asNumber(prompt)),
      options: typeof options === 'string' ? parseObject(options) : {},
    };
    const definitions = typeof tools === 'number' ? this.#messages.tools(tools) : undefined;
    if (definitions !== undefined) request.tools = definitions;
    if (typeof toolChoice === 'string') request.toolChoice = parseToolChoice(toolChoice);
    const jsonSchema = typeof schema === 'number' ? this.#messages.schema(schema) : undefined;
    if (jsonSchema !== undefined) request.schema = jsonSchema;
    if (typeof samples === 'number') request.samples = samples;
    if (typeof sample === 'number') request.sample = sample;
    const continuation = continuationOf(values[42]);
    if (continuation !== undefined) request.continuation = continuation;
    return request;
  }

  /** @param at where the columns `answer` to `logprobs` begin. */
  #samples(call: number, values: readonly Value[], at: number, continuation: Value): Sample[] {
    const [answer, count, reason, raw, logprobs] = [values[at], values[at + 1], values[at + 2], values[at + 3], values[at + 4]];
    if (typeof answer !== 'number' && typeof reason !== 'string') return [];
    const scored = typeof answer === 'number' ? undefined : scoreAnswer(continuation, reason);
    const first = scored === undefined ? this.#sample(answer, reason, raw, logprobs) : sampleOf(scored, reason, raw, logprobs);
    if (typeof count !== 'number') return [first];
    const samples = [first, ...Array.from({ length: count - 1 }, (): Sample => ({ message: NOTHING }))];
    for (const row of this.#database.all('SELECT * FROM samples WHERE call = ?', call)) {
      samples[asNumber(row.sample) ?? 0] = this.#sample(row.answer, row.finish_reason, row.finish_raw, row.logprobs);
    }
    return samples;
  }

  #sample(answer: Value, reason: Value, raw: Value, logprobs: Value): Sample {
    const message = typeof answer === 'number' ? this.#messages.message(answer) : undefined;
    return sampleOf(message ?? NOTHING, reason, raw, logprobs);
  }
}

/** Reads everything that a call would otherwise read at its first use. */
export function complete(call: StoredCall): StoredCall {
  return { ...call };
}

const NOTHING: Message = { role: 'assistant', parts: [] };

function sampleOf(message: Message, reason: Value, raw: Value, logprobs: Value): Sample {
  const sample: Mutable<Sample> = { message };
  if (typeof reason === 'string') {
    sample.finish = typeof raw === 'string' ? { reason: asReason(reason), raw } : { reason: asReason(reason) };
  }
  if (typeof logprobs === 'string') sample.logprobs = parseLogprobs(logprobs);
  return sample;
}

/** @param at where the columns `input_tokens` to `usage_raw` begin. */
function readUsage(values: readonly Value[], at: number): Usage | undefined {
  const usage: Mutable<Usage> = {};
  let found = false;
  const count = (value: Value): value is number => typeof value === 'number' && (found = true);
  const [input, output, cached, cacheWrite] = [values[at], values[at + 1], values[at + 2], values[at + 3]];
  const [reasoning, total, raw] = [values[at + 4], values[at + 5], values[at + 6]];
  if (count(input)) usage.inputTokens = input;
  if (count(output)) usage.outputTokens = output;
  if (count(cached)) usage.cachedInputTokens = cached;
  if (count(cacheWrite)) usage.cacheWriteTokens = cacheWrite;
  if (count(reasoning)) usage.reasoningTokens = reasoning;
  if (count(total)) usage.totalTokens = total;
  if (typeof raw === 'string') usage.raw = parseObject(raw);
  return found || usage.raw !== undefined ? usage : undefined;
}

function asArray(row: Row): readonly Value[] {
  return Array.isArray(row) ? row : [];
}

function asStatus(value: Value): CallStatus {
  return value === 'ok' || value === 'error' || value === 'aborted' ? value : 'started';
}

function asReason(value: string): FinishReason {
  switch (value) {
    case 'stop':
    case 'length':
    case 'tool-calls':
    case 'content-filter':
    case 'error':
      return value;
    default:
      return 'other';
  }
}

function parseObject(text: string): JsonObject {
  const value: JsonObject = JSON.parse(text);
  return value;
}

function parseError(text: string): ErrorInfo {
  const value: ErrorInfo = JSON.parse(text);
  return value;
}

function parseLogprobs(text: string): readonly TokenLogprob[] {
  const value: readonly TokenLogprob[] = JSON.parse(text);
  return value;
}

function parseToolChoice(text: string): ToolChoice {
  const value: ToolChoice = JSON.parse(text);
  return value;
}
