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
  readonly durationMs: number;
  readonly attempts: number;
  /** Micro-dollars; absent when the price is unknown. */
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
}

/** The answer of a call that ended `ok`: what a cache or a replay gives out again. */
export type RecordedAnswer = Pick<StoredCall, 'id' | 'samples' | 'chunks' | 'usage' | 'responseId' | 'resolvedModel' | 'cachedFrom'>;

/** A recorded request that is like another one. */
export interface ClosestCall {
  readonly call: StoredCall;
  /** Similarity of the two prompts' text, 0 to 1. */
  readonly score: number;
}

/**
 * What record, cache and replay need of a tape. Writing never throws and never waits: what could not be written is told
 * by `flush`. Any store of calls can implement it.
 */
export interface CallStore {
  start(call: CallStart): void;
  /** The answer so far, to be kept if the process dies. */
  checkpoint(id: string, samples: readonly Sample[]): void;
  finish(id: string, end: CallEnd): void;
  /** The answer of the newest (or oldest) call with this request key that ended `ok`. */
  find(requestKey: string, which?: 'newest' | 'oldest'): RecordedAnswer | undefined;
  /** The recorded request whose prompt is most like this one's. */
  closest(request: ModelRequest): ClosestCall | undefined;
  /** Resolves when everything so far is on disk; rejects with code `tape` when it could not be written. */
  flush(): Promise<void>;
}
