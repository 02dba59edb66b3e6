import type { ErrorInfo } from './error.ts';
import type { JsonObject } from './json.ts';
import type { Sample } from './message-assembler.ts';
import type { ModelRequest } from './model-request.ts';
import type { Usage } from './usage.ts';

/** What is known of a call when it starts. */
export interface CallStart {
  /** ULID. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly model: string;
  readonly endpoint?: string;
  /** Which build of the model, see `Model.revision`; part of the request key. */
  readonly revision?: string;
  readonly request: ModelRequest;
  /** See `requestKey`; 64 hex digits. */
  readonly requestKey: string;
  /** Chain hashes of the request's messages, see `chainHashes`. */
  readonly messageHashes: readonly string[];
  readonly stream: boolean;
  readonly conversationId?: string;
  readonly runId?: string;
  readonly parentCallId?: string;
  readonly metadata?: JsonObject;
}

/** How a call stands. `interrupted`: its process died before it could say how it ended. */
export type CallStatus = 'started' | 'ok' | 'error' | 'aborted' | 'interrupted';

/** What is known of a call when it ends. */
export interface CallEnd {
  readonly status: 'ok' | 'error' | 'aborted';
  readonly error?: ErrorInfo;
  /** Complete, or as far as they came. */
  readonly samples: readonly Sample[];
  readonly usage?: Usage;
  readonly responseId?: string;
  readonly resolvedModel?: string;
  /** From start to the first event with content, milliseconds. */
  readonly firstTokenMs?: number;
  /** From start to end, milliseconds; absent only when another program recorded the call and did not say. */
  readonly durationMs?: number;
  /** How often the model was asked, 0 when the answer came from a tape; absent only when another program recorded the call and did not say. */
  readonly attempts?: number;
  /** Micro-dollars, with a fraction where the price has one; absent when the price is unknown. */
  readonly costMicros?: number;
  /** Id of the recorded call whose answer this is. */
  readonly cachedFrom?: string;
  /** The pieces in which the answer came, see `encodeChunks`; absent when it came whole. */
  readonly chunks?: string;
}

/** A call as the tape gives it back. */
export interface StoredCall extends Omit<CallStart, 'messageHashes'>, Partial<Omit<CallEnd, 'status' | 'samples'>> {
  readonly status: CallStatus;
  readonly samples: readonly Sample[];
  /** What was noted on the call after it was recorded: a reward, a label. */
  readonly tags?: JsonObject;
}

/** The answer of a call that ended `ok`: what a cache or a replay gives out again. */
export type RecordedAnswer = Pick<StoredCall, 'id' | 'samples' | 'chunks' | 'usage' | 'responseId' | 'resolvedModel' | 'cachedFrom'>;

/**
 * How alike two texts are, 0 to 1, counted in UTF-16 code units. `levenshtein`: 1 − edit distance ÷ length of the longer one.
 * `indel`: 2 · longest common subsequence ÷ both lengths, Python's `rapidfuzz.fuzz.ratio`; it is the higher one.
 */
export type SimilarityKind = 'levenshtein' | 'indel';

/** What to look for among recorded prompts. */
export interface ClosestOptions {
  /** Default: `levenshtein`. */
  readonly similarity?: SimilarityKind | undefined;
  /** The least similarity that counts. Default: 0.5. */
  readonly cutoff?: number | undefined;
  /** How many at most. Default: 1. */
  readonly limit?: number | undefined;
}

/** A recorded request that is like another one. */
export interface ClosestCall {
  readonly call: StoredCall;
  /** Similarity of the two prompts' text, 0 to 1. */
  readonly score: number;
}

/** The recorded requests that are most like another one. */
export interface ClosestCalls {
  /** Best first, of equally good ones the newest; one call for each different prompt, the newest. */
  readonly calls: readonly ClosestCall[];
  /** How many different prompts were looked at, the newest first. */
  readonly compared: number;
  /** False when there are more than a search looks at, or comparing them all would have taken too long: then there may be a closer one. */
  readonly complete: boolean;
}

/** A call that has ended, as a replay finds it again. */
export interface EndedCall {
  /** Names the call in its store; calls that started later have a higher one. */
  readonly seq: number;
  readonly status: 'ok' | 'error' | 'aborted';
  readonly model: string;
  readonly endpoint?: string | undefined;
  readonly revision?: string | undefined;
  readonly requestKey: string;
  /** The chain hash of the last message, see `chainHashes`; absent for a request without messages. */
  readonly promptHash?: string | undefined;
  /** Read when it is asked for. */
  readonly request: ModelRequest;
}

/** The calls of a store, for one reader. */
export interface CallFeed {
  /** Those that have ended since the last time, each once, in no particular order; the first time all. */
  read(): Iterable<EndedCall>;
  /** The call of a number. */
  call(seq: number): StoredCall | undefined;
}

/**
 * What record, cache and replay need of a tape. Writing never throws and never waits: what could not be written is told
 * by `flush`. Any store of calls can implement it.
 */
export interface CallStore {
  /** `call` may make its hashes when they are read: keep it, or read what you need. A copy made by spreading has no hashes. */
  start(call: CallStart): void;
  /** The answer so far, to be kept if the process dies. */
  checkpoint(id: string, samples: readonly Sample[]): void;
  finish(id: string, end: CallEnd): void;
  /** The answer of the newest (or oldest) call with this request key that ended `ok`. */
  find(requestKey: string, which?: 'newest' | 'oldest'): RecordedAnswer | undefined;
  /** The recorded requests whose prompts are most like this one's. */
  closest(request: ModelRequest, options?: ClosestOptions): ClosestCalls;
  /** Opens a reader of all calls, or those of one run. Absent in a store that can only look up whole requests. */
  feed?(filter?: { readonly runId?: string | undefined }): CallFeed;
  /** Resolves when everything so far is on disk; rejects with code `tape` when it could not be written. */
  flush(): Promise<void>;
}
