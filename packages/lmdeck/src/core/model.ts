import type { BatchApi } from './batch-api.ts';
import type { HiddenStates } from './hidden-states.ts';
import type { JsonObject } from './json.ts';
import type { ModelDescription } from './model-description.ts';
import type { Message } from './message.ts';
import type { ModelEvents } from './model-event.ts';
import type { ModelRequest } from './model-request.ts';
import type { OptionsSchema } from './options-schema.ts';
import type { Price } from './price.ts';
import type { ScoreOutcome, ScoreRequest } from './score.ts';
import type { Tokenizer, TokenIds } from './tokenizer.ts';

/** What a model can do, as data. Absent means no. */
export interface Capabilities {
  readonly streaming?: boolean;
  readonly tools?: boolean;
  /** The server or the engine enforces `schema`; without it the schema is only asked for. */
  readonly schema?: boolean;
  /** Media types of attachments it takes; `image/*` for all of a kind. */
  readonly attachments?: readonly string[];
  readonly logprobs?: boolean;
  /** Draws several samples in one call. */
  readonly samples?: boolean;
  /** Continues raw text (see `raw`). */
  readonly raw?: boolean;
  /** Gives the log-probabilities of given text; how, says the value. */
  readonly score?: ScoreCapability;
  readonly hiddenStates?: boolean;
  /** How many calls it answers side by side, where that is fixed (a model in this process): more only wait. Absent: unknown. */
  readonly concurrency?: number;
}

/** What can be scored. */
export interface ScoreCapability {
  /** What a context can be. */
  readonly contexts: readonly ('text' | 'tokens' | 'chat')[];
  /** How many texts fit into one request to the server; absent: 1. */
  readonly batch?: number;
  /** How many tokens fewer than the context holds a text can have before its last token; absent: 0. */
  readonly spareTokens?: number;
}

/** Limits of waiting, in milliseconds; 0 or absent: the default of the layer that keeps it. */
export interface Timeouts {
  /** Until the connection stands (DNS, TCP, TLS). */
  readonly connectMs?: number;
  /** Until the first event of the answer; per attempt. */
  readonly firstTokenMs?: number;
  /** Between two events; per attempt. */
  readonly idleMs?: number;
  /** For the whole call, retries included. */
  readonly totalMs?: number;
}

/** Facts about a call that only the layers below know; they write, the record reads. */
export interface CallTrace {
  /** How often the model was asked, retries included. */
  attempts: number;
  /** The id of the recorded call that answered this one, if any. */
  cachedFrom?: string;
  /** Wants to know what the server says of its limits. Models that speak HTTP tell it the head of every answer, as soon as that is there. */
  headListener?: HeadListener | undefined;
  /** True when a layer further in holds the next attempt back after a `rate-limit`: whoever repeats the call need not wait as well. */
  paced?: boolean;
}

/** See {@link CallTrace.headListener}. */
export interface HeadListener {
  /**
   * The head of an answer, also of one that is an error. Not to be kept: the answer's body may hang on it.
   * @param head `headers` by names in lower case; only looked at, they are taken apart.
   */
  answered(head: { readonly status: number; readonly headers: Readonly<Record<string, string>> }): void;
}

/** Everything about a call that cannot change its answer. */
export interface CallContext {
  /** ULID of the call. */
  readonly callId: string;
  readonly model: Model;
  /** When the call started, milliseconds since 1970. */
  readonly startedAt: number;
  readonly signal: AbortSignal;
  /** True when somebody wants the answer in pieces; false lets the model take the cheaper way. */
  readonly stream: boolean;
  /** Overrides the configured key. Never recorded. */
  readonly apiKey?: string;
  /** Extra HTTP headers. Never recorded. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeouts?: Timeouts;
  readonly conversationId?: string;
  readonly runId?: string;
  readonly parentCallId?: string;
  /** Anything the caller wants to find the call by later. */
  readonly metadata?: JsonObject;
  /** False keeps this call off the tape. */
  readonly log?: boolean;
  readonly trace: CallTrace;
}

/**
 * What a plugin author implements: an id, what it can do, and ONE method. Optional capabilities are optional methods,
 * absent when unsupported, never stubs that throw.
 *
 * @example
 * ```ts
 * import { languageModel } from 'lmdeck';
 *
 * const shout = languageModel({
 *   id: 'shout',
 *   capabilities: { streaming: true },
 *   async *generate(request) {
 *     for (const part of request.messages.at(-1)?.parts ?? [])
 *       if (part.type === 'text') yield { type: 'text-delta', text: part.text.toUpperCase() };
 *     yield { type: 'finish', reason: 'stop' };
 *   },
 * });
 * console.log(await shout.prompt('hello').text()); // HELLO
 * ```
 */
export interface Model {
  /** Unique, with the provider in front: `openai/gpt-5.6-luna`, `llama/tiny`. */
  readonly id: string;
  readonly capabilities: Capabilities;
  /** Where the model runs (a base URL without credentials, `in-process`): part of the request key. */
  readonly endpoint?: string;
  /** Which build of it (weights, date), when the id alone does not tell: part of the request key. */
  readonly revision?: string;
  /** The options it accepts; absent: any. */
  readonly options?: OptionsSchema;
  /** What its tokens cost; absent: unknown. */
  readonly price?: Price;
  /** Asks in jobs that the provider works off at a lower price. */
  readonly batches?: BatchApi;
  /**
   * Answers a request. Throws `LmdeckError` when it fails (what it yielded before stays valid), ends early with the
   * signal, and closes what it opened when the consumer stops reading.
   */
  generate(request: ModelRequest, context: CallContext): ModelEvents;
  /**
   * Scores the continuations of several requests together, outcomes in their order. Rejects when nothing at all could be
   * scored. Users call `LanguageModel.score`, which sends each text through the wrappers and gathers what is asked at the same time.
   */
  scoreBatch?(requests: readonly ScoreRequest[], context: CallContext): Promise<readonly ScoreOutcome[]>;
  /** The last layer's output for every token of a text, token ids, or rendered messages. */
  hiddenStates?(input: string | TokenIds | readonly Message[], options?: { readonly signal?: AbortSignal }): Promise<HiddenStates>;
  /** The model's own tokenizer, loaded at the first call. */
  tokenizer?(): Promise<Tokenizer>;
  /** How many tokens prompt and answer can have together; `undefined` when the server does not say. */
  contextSize?(): Promise<number | undefined>;
  /** Gets ready (weights into memory, connections); called by whoever wants the first answer to be quick. */
  load?(): Promise<void>;
  /** Frees what `load` or use took; the model can be used again. */
  unload?(): Promise<void>;
  /** How to make it again, as plain data and without secrets. */
  toJSON?(): ModelDescription;
}
