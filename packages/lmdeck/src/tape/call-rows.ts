import type { CallEnd, CallStart, Continuation, ModelRequest, Sample } from '../core/index.ts';
import { sqliteCode, type Database } from './database.ts';
import type { KeyIndex } from './key-index.ts';
import { hashBytes, type MessageStore, type Prompt } from './message-store.ts';
import { isScoreAnswer } from './score-answer.ts';
import { scrub } from './scrub.ts';

/** A call that has a row: what its end needs to know of its start. */
export interface WrittenCall {
  readonly seq: number;
  readonly prompt: Prompt;
  readonly requestKey: string;
  readonly continuation: Continuation | undefined;
}

const START =
  `seq id request_key status started_at model endpoint revision prompt options schema tools tool_choice samples sample continuation
 stream conversation run parent process metadata`.split(/\s+/);
const END = `answer answers finish_reason finish_raw resolved_model response_id input_tokens output_tokens cached_tokens cache_write_tokens
 reasoning_tokens total_tokens usage_raw first_token_ms duration_ms attempts cost_micros cached_from logprobs chunks error_code
 error`.split(/\s+/);
const INSERT = `INSERT INTO calls (${[...START, ...END].join()}) VALUES (${[...START, ...END].map(() => '?').join()})`;
const UPDATE = `UPDATE calls SET status = ?, ${END.map((column) => `${column} = ?`).join()} WHERE seq = ?`;

type Value = string | number | Uint8Array | null;

/** Writes calls as rows. Every method runs inside a transaction of the caller. */
export class CallRows {
  readonly #database: Database;
  readonly #messages: MessageStore;
  readonly #keys: KeyIndex;

  constructor(database: Database, messages: MessageStore, keys: KeyIndex) {
    this.#database = database;
    this.#messages = messages;
    this.#keys = keys;
  }

  /** Writes a call that is new; with its end when it has ended already. `undefined` when the tape has a call of this id. */
  insert(call: CallStart, seq: number, process: number | undefined, end: CallEnd | undefined): WrittenCall | undefined {
    const { request, conversationId } = call;
    const prompt = this.#messages.putHistory(request.messages, call.messageHashes);
    const values: Value[] = [
      seq,
      call.id,
      null,
      end?.status ?? 'started',
      call.startedAt,
      call.model,
      call.endpoint ?? null,
      call.revision ?? null,
      prompt.id,
      optionsText(request),
      request.schema === undefined ? null : this.#messages.putDocument('schema', request.schema),
      request.tools === undefined ? null : this.#messages.putDocument('tools', request.tools),
      json(request.toolChoice),
      request.samples ?? null,
      request.sample ?? null,
      json(request.continuation),
      call.stream ? 1 : 0,
      conversationId === undefined || conversationId === call.id ? null : conversationId,
      call.runId ?? null,
      call.parentCallId ?? null,
      process ?? null,
      json(call.metadata),
    ];
    if (end === undefined) values.push(...NO_END);
    else this.#pushEnd(values, end, prompt, request.continuation);
    // Last, because the answer's hash uses the same bytes.
    values[2] = hashBytes(call.requestKey);
    const free = this.#insert(values, seq, call.id);
    if (free === undefined) return undefined;
    if (end?.status === 'ok') this.#keys.add(call.requestKey, free);
    if (end !== undefined && end.samples.length > 1) this.#putSamples(free, end, prompt);
    return { seq: free, prompt, requestKey: call.requestKey, continuation: request.continuation };
  }

  /** Completes a call that was written when it started. */
  finish(row: WrittenCall, end: CallEnd): void {
    const values: Value[] = [end.status];
    // Since the start another process may have recorded the same answer.
    const prompt = { ...row.prompt, isNew: false };
    this.#pushEnd(values, end, prompt, row.continuation);
    this.#database.statement(UPDATE).run(...values, row.seq);
    if (end.status === 'ok') this.#keys.add(row.requestKey, row.seq);
    if (end.samples.length > 1) this.#putSamples(row.seq, end, prompt);
  }

  /** Inserts at the first free number from `seq` on. */
  #insert(values: Value[], seq: number, id: string): number | undefined {
    const statement = this.#database.statement(INSERT);
    for (let free = seq, step = 1; ; free += step) {
      try {
        values[0] = free;
        statement.run(...values);
        return free;
      } catch (error) {
        if (sqliteCode(error) !== CONSTRAINT) throw error;
        if (this.#database.get('SELECT 1 FROM calls WHERE id = ?', id) !== undefined) return undefined;
        // Neither the id nor the number is taken: a value is at fault (a start that is no number), and another number would not help.
        if (this.#database.get('SELECT 1 FROM calls WHERE seq = ?', free) === undefined) throw error;
        // Another process took this number in the same millisecond; growing steps leave a crowded place quickly.
        step = Math.ceil(step * 1.2);
      }
    }
  }

  #pushEnd(values: Value[], end: CallEnd, prompt: Prompt, continuation: Continuation | undefined): void {
    const { usage, error } = end;
    const sample = end.samples[0];
    values.push(
      sample === undefined || isNothing(end.samples) || isScoreAnswer(sample, continuation)
        ? null
        : this.#messages.putAnswer(sample.message, prompt),
      end.samples.length > 1 ? end.samples.length : null,
      sample?.finish?.reason ?? null,
      sample?.finish?.raw ?? null,
      end.resolvedModel ?? null,
      end.responseId ?? null,
      usage?.inputTokens ?? null,
      usage?.outputTokens ?? null,
      usage?.cachedInputTokens ?? null,
      usage?.cacheWriteTokens ?? null,
      usage?.reasoningTokens ?? null,
      usage?.totalTokens ?? null,
      json(usage?.raw),
      end.firstTokenMs ?? null,
      end.durationMs ?? null,
      end.attempts ?? null,
      end.costMicros ?? null,
      end.cachedFrom ?? null,
      json(sample?.logprobs),
      end.chunks ?? null,
      error?.code ?? null,
      error === undefined ? null : scrub(JSON.stringify(error)),
    );
  }

  #putSamples(call: number, end: CallEnd, prompt: Prompt): void {
    for (let i = 1; i < end.samples.length; i++) {
      const sample = end.samples[i];
      if (sample === undefined) continue;
      // Two samples can be the same text.
      const answer = this.#messages.putAnswer(sample.message, { ...prompt, isNew: false });
      const { finish, logprobs } = sample;
      this.#database.run(
        'INSERT INTO samples (call, sample, answer, finish_reason, finish_raw, logprobs) VALUES (?, ?, ?, ?, ?, ?)',
        call,
        i,
        answer,
        finish?.reason ?? null,
        finish?.raw ?? null,
        json(logprobs),
      );
    }
  }
}

const CONSTRAINT = 19;
const NO_END: readonly Value[] = END.map(() => null);

/** True for an answer of which nothing came. */
function isNothing(samples: readonly Sample[]): boolean {
  const sample = samples[0];
  return samples.length === 1 && sample?.message.parts.length === 0 && sample.message.providerMetadata === undefined;
}

function optionsText(request: ModelRequest): string | null {
  for (const _key in request.options) return JSON.stringify(request.options);
  return null;
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
