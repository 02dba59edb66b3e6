import type { CallStatus, CallStore, JsonObject, JsonValue, Message, StoredCall } from '../core/index.ts';
import type { TagChanges } from './tags.ts';

/** Which calls to read. Every given field narrows; an empty filter means all calls. */
export interface CallFilter {
  readonly conversationId?: string;
  /** Model id, to the letter. */
  readonly model?: string;
  readonly status?: CallStatus;
  /** Full text search in prompts and answers, in SQLite's FTS5 syntax. */
  readonly query?: string;
  /** The calls that asked for this JSON Schema: its JSON text, or its hash (64 hex digits; see {@link schemaHash}). */
  readonly schema?: string;
  readonly runId?: string;
  readonly parentCallId?: string;
  /** The calls that have these values as tags, or in their metadata where they have no such tag; see `callTag`. */
  readonly tags?: Readonly<Record<string, JsonValue>>;
  /** Started at or after, milliseconds since 1970. */
  readonly since?: number;
  /** Started before, milliseconds since 1970. */
  readonly until?: number;
  /** Only calls newer than the call of this id. */
  readonly afterId?: string;
  /** Only calls older than the call of this id. */
  readonly beforeId?: string;
  /** How many calls at most; absent means all. */
  readonly limit?: number;
  /** `newest` first unless said otherwise. */
  readonly order?: 'newest' | 'oldest';
}

/** Which conversations to list. */
export interface ConversationFilter {
  /** How many at most; absent means all. */
  readonly limit?: number;
  /** Full text search: conversations that have a matching call. */
  readonly query?: string;
  /** Conversations that have a call of this model. */
  readonly model?: string;
}

/** A conversation as lists show it. */
export interface ConversationSummary {
  readonly id: string;
  /** The first 32 characters of the first prompt, white space collapsed, `…` where it was cut. */
  readonly name: string;
  /** Model of the last call. */
  readonly model: string;
  /** Number of calls, failed ones included. */
  readonly calls: number;
  /** Start of the first call, milliseconds since 1970. */
  readonly firstAt: number;
  /** Start of the last call, milliseconds since 1970. */
  readonly lastAt: number;
}

/** A conversation as a next turn continues it. */
export interface StoredConversation extends ConversationSummary {
  /** Everything said so far. Ends with the answer of the last call that has one, complete or partial. */
  readonly messages: readonly Message[];
  /** Options of the last call. */
  readonly options: JsonObject;
  readonly lastCallId: string;
}

/** See {@link Tape.answered}. */
export type AnsweredCall = Pick<StoredCall, 'id' | 'requestKey'>;

/** See {@link Tape.cost}. */
export interface CallsCost {
  /** Of those whose cost is known, micro-dollars. */
  readonly costMicros: number;
  /** How many those are. */
  readonly priced: number;
  /** How many there are besides. */
  readonly unpriced: number;
}

/** How a tape stands. */
export interface TapeStatus {
  readonly path: string;
  /** Size of the file, and of its write-ahead log. */
  readonly bytes: number;
  readonly schemaVersion: number;
  readonly readOnly: boolean;
  readonly calls: Readonly<Record<CallStatus, number>>;
  readonly conversations: number;
  readonly messages: number;
  /** Start of the oldest and newest call, milliseconds since 1970; absent on an empty tape. */
  readonly firstAt?: number;
  readonly lastAt?: number;
  /** Calls that full text search does not know yet; the next search adds them first. */
  readonly unindexed: number;
  /** Calls of this process that could not be written so far. */
  readonly waiting: number;
  /** Calls of this process that were given up because writing kept failing and too many waited. */
  readonly lost: number;
}

/** Something on the tape that is not what it was when it was written. */
export interface TapeMismatch {
  readonly kind: 'message' | 'call' | 'document';
  /** Id of the call; number of the message or document. */
  readonly id: string;
  /** What was found and what was expected, as a sentence. */
  readonly problem: string;
}

/**
 * The append-only store of model calls in one SQLite file. Writing (see `CallStore`) is queued and committed in groups
 * and never throws; reading sees everything that this process wrote and everything that other processes committed.
 */
export interface Tape extends CallStore, AsyncDisposable {
  readonly path: string;
  readonly readOnly: boolean;
  /**
   * The call of an id or of a prefix that no other id shares.
   * @throws LmdeckError `usage` when several ids begin so.
   */
  call(id: string): StoredCall | undefined;
  /** The newest call of a run with this request key that ended `ok` and is on disk. */
  answerOf(runId: string, requestKey: string): StoredCall | undefined;
  /** A run's calls that ended `ok`, oldest first, by what they are found by; with constant memory, and without reading what was asked and answered. */
  answered(runId: string): IterableIterator<AnsweredCall>;
  /**
   * Puts the calls that have ended on disk, without waiting for others to gather.
   * @returns false when that is not possible just now: then `flush` tries for a while, and tells why.
   */
  commitEnded(): boolean;
  calls(filter?: CallFilter): StoredCall[];
  count(filter?: CallFilter): number;
  /** What calls cost together, as far as that is known. */
  cost(filter?: CallFilter): CallsCost;
  /** Which of these ids are calls on the tape. */
  known(ids: readonly string[]): ReadonlySet<string>;
  /**
   * Notes something on a call after it was recorded (a reward, a label): by name, `undefined` takes it off. The call stays as it was.
   * @returns the call's id.
   * @throws LmdeckError `usage` when there is no such call or several ids begin so.
   */
  tag(id: string, changes: TagChanges): string;
  /** Like `calls` with constant memory. Calls written meanwhile may or may not be among them. */
  iterate(filter?: CallFilter): IterableIterator<StoredCall>;
  /** Conversations, the most recently used first. */
  conversations(filter?: ConversationFilter): ConversationSummary[];
  /** A conversation of an id, or of a prefix that no other id shares. */
  conversation(id: string): StoredConversation | undefined;
  /** The conversation that was used last, calls of runs left aside. */
  latestConversation(): StoredConversation | undefined;
  /**
   * Full text search in prompts and answers, newest first. Calls that are not in the index yet are put there first; a tape
   * opened to be read only indexes them in memory.
   * @throws LmdeckError `usage` for a query that FTS5 does not understand.
   */
  search(query: string, options?: { readonly limit?: number }): StoredCall[];
  status(): TapeStatus;
  /** Recomputes every hash and request key; yields what does not match. */
  verify(): IterableIterator<TapeMismatch>;
  /**
   * Writes a compact, consistent copy while others may go on writing.
   * @throws LmdeckError `tape` when the file exists or cannot be written.
   */
  backup(path: string): void;
  /** Writes what is queued and closes the file. Rejects with code `tape` when that was not possible; the file is closed then too. */
  close(): Promise<void>;
}
