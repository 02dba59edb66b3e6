import { existsSync, rmSync, statSync } from 'node:fs';
import {
  atExit,
  type CallEnd,
  type CallFeed,
  type CallStart,
  type CallStatus,
  type ClosestCalls,
  type ClosestOptions,
  LmdeckError,
  monotonicMs,
  type ModelRequest,
  type Sample,
  type RecordedAnswer,
  type StoredCall,
} from '../core/index.ts';
import { CallQuery } from './call-query.ts';
import { CallReader } from './call-reader.ts';
import { ClosestPrompt } from './closest.ts';
import { Conversations } from './conversations.ts';
import { asNumber, asText, type Database, isBusy, patiently, sqliteCode, tapeError } from './database.ts';
import { MessageStore } from './message-store.ts';
import { KeyIndex } from './key-index.ts';
import { openDatabase } from './open-database.ts';
import { endProcess } from './processes.ts';
import { SearchIndex } from './search-index.ts';
import { knownCalls } from './known-calls.ts';
import { checkTags, Tags, type TagChanges } from './tags.ts';
import type {
  AnsweredCall,
  CallFilter,
  CallsCost,
  ConversationFilter,
  ConversationSummary,
  StoredConversation,
  Tape,
  TapeMismatch,
  TapeStatus,
} from './tape.ts';
import { TapeFeed, type FeedAccess } from './tape-feed.ts';
import { verifyTape } from './verify.ts';
import { WriteQueue } from './write-queue.ts';

export interface TapeOptions {
  /** Never writes, not even what other options would need; works on read-only file systems. Calls made with it are not recorded. */
  readonly readOnly?: boolean;
  /** How long writes are gathered before they are committed together, milliseconds; 25 unless said otherwise. */
  readonly windowMs?: number;
  /** The file is not let grow beyond this; then writing fails as on a full disk. */
  readonly maxBytes?: number;
  /** False reads the file through a small cache instead of mapping it: less memory for a program that writes much and reads little. */
  readonly mapped?: boolean;
  /** How many characters of text may wait in memory while the file cannot be written; 64 million unless said otherwise. */
  readonly maxWaitingChars?: number;
}

/**
 * Opens the tape in a file, which is made when it is not there (its folder too); `:memory:` is a tape that ends with the
 * process.
 *
 * @throws LmdeckError `tape` when the file cannot be opened, is not a tape, or was written by a newer lmdeck.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { record } from 'lmdeck/middleware';
 * import { openTape } from 'lmdeck/tape';
 *
 * await using tape = openTape(':memory:');
 * const model = languageModel(mock({ outputs: ['Paris'] }), record(tape));
 * await model.prompt('What is the capital of France?').text();
 * for (const call of tape.calls()) console.log(call.model, call.status); // mock ok
 * ```
 */
export function openTape(path: string, options: TapeOptions = {}): Tape {
  return new SqliteTape(openDatabase(path, options), options);
}

/** SQLite's code for a statement that it does not carry out. */
const REFUSED = 1;

const WINDOW_MS = 25;
const BATCH = 400;
const MAX_WAITING_CHARS = 64_000_000;

/** When nothing was written for so long, the search index is brought up to date, a slice at a time. */
const INDEX_IDLE_MS = 250;
const INDEX_PAUSE_MS = 10;
/** How long closing goes on indexing where much is left; the rest is left to the next search. */
const INDEX_CLOSE_MS = 100;

class SqliteTape implements Tape {
  readonly path: string;
  readonly readOnly: boolean;
  readonly #database: Database;
  readonly #queue: WriteQueue;
  readonly #reader: CallReader;
  readonly #query: CallQuery;
  readonly #messages: MessageStore;
  readonly #keys: KeyIndex;
  readonly #conversations: Conversations;
  readonly #index: SearchIndex;
  readonly #tags: Tags;
  readonly #forgetExit: () => void;
  #indexTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(database: Database, options: TapeOptions) {
    this.path = database.path;
    this.readOnly = options.readOnly === true;
    this.#database = database;
    const keys = (this.#keys = new KeyIndex(database));
    const messages = (this.#messages = new MessageStore(database, keys));
    this.#reader = new CallReader(database, messages, keys);
    this.#tags = new Tags(database);
    this.#index = new SearchIndex(database, messages);
    this.#query = new CallQuery(database, this.#reader, keys, this.#tags, this.#index);
    this.#conversations = new Conversations(database, messages, this.#query);
    this.#queue = new WriteQueue(database, messages, keys, {
      windowMs: options.windowMs ?? WINDOW_MS,
      batch: BATCH,
      maxWaitingChars: options.maxWaitingChars ?? MAX_WAITING_CHARS,
      onIdle: () => this.#indexLater(INDEX_IDLE_MS),
    });
    this.#forgetExit = this.readOnly ? () => {} : atExit(() => this.#queue.commitNow());
  }

  start(call: CallStart): void {
    if (this.#writable) this.#queue.start(call);
  }

  checkpoint(id: string, samples: readonly Sample[]): void {
    if (this.#writable) this.#queue.checkpoint(id, samples);
  }

  finish(id: string, end: CallEnd): void {
    if (this.#writable) this.#queue.finish(id, end);
  }

  find(requestKey: string, which: 'newest' | 'oldest' = 'newest'): RecordedAnswer | undefined {
    if (this.#closed) throw this.#closedError();
    try {
      if (which === 'newest') return this.#queue.find(requestKey, which) ?? this.#reader.find(requestKey, which);
      return this.#reader.find(requestKey, which) ?? this.#queue.find(requestKey, which);
    } catch (error) {
      throw tapeError(this.path, 'read', error);
    }
  }

  closest(request: ModelRequest, options?: ClosestOptions): ClosestCalls {
    return this.#read(() => {
      const { found, compared, complete } = new ClosestPrompt(this.#database, this.#messages).find(request, options);
      const calls = found.flatMap(({ item, score }) => {
        const call = this.#query.bySeq(item.seq);
        return call === undefined ? [] : [{ call, score }];
      });
      return { calls, compared, complete };
    });
  }

  feed(filter: { readonly runId?: string | undefined } = {}): CallFeed {
    const access: FeedAccess = {
      database: this.#database,
      messages: this.#messages,
      readOnly: this.readOnly,
      read: (work) => this.#read(work),
      call: (seq) => this.#read(() => this.#query.bySeq(seq)),
    };
    return new TapeFeed(access, filter.runId);
  }

  call(id: string): StoredCall | undefined {
    return this.#read(() => this.#query.get(id));
  }

  answerOf(runId: string, requestKey: string): StoredCall | undefined {
    return this.#once(() => patiently(() => this.#query.answerOf(runId, requestKey)));
  }

  *answered(runId: string): IterableIterator<AnsweredCall> {
    yield* this.#pagewise(() => this.#query.answered(runId));
  }

  commitEnded(): boolean {
    return this.#closed || this.#queue.commitEnded();
  }

  calls(filter: CallFilter = {}): StoredCall[] {
    return [...this.iterate(filter)];
  }

  count(filter: CallFilter = {}): number {
    if (filter.query !== undefined) this.#indexNow();
    return this.#read(() => this.#query.count(filter));
  }

  cost(filter: CallFilter = {}): CallsCost {
    if (filter.query !== undefined) this.#indexNow();
    return this.#read(() => this.#query.cost(filter));
  }

  known(ids: readonly string[]): ReadonlySet<string> {
    return this.#read(() => knownCalls(this.#database, ids));
  }

  tag(id: string, changes: TagChanges): string {
    if (this.readOnly) throw new LmdeckError('tape', `The tape ${this.path} was opened to be read only: no call can be tagged.`);
    checkTags(changes);
    return this.#write(() => {
      const seq = this.#query.find(id);
      const call = seq === undefined ? undefined : this.#query.bySeq(seq);
      if (seq === undefined || call === undefined)
        throw new LmdeckError('usage', `There is no call ${JSON.stringify(id)} on the tape ${this.path}.`);
      this.#tags.set(seq, changes);
      return call.id;
    });
  }

  *iterate(filter: CallFilter = {}): IterableIterator<StoredCall> {
    if (filter.query !== undefined) this.#indexNow();
    yield* this.#pagewise(() => this.#query.iterate(filter));
  }

  conversations(filter: ConversationFilter = {}): ConversationSummary[] {
    if (filter.query !== undefined) this.#indexNow();
    return this.#read(() => this.#conversations.list(filter));
  }

  conversation(id: string): StoredConversation | undefined {
    return this.#read(() => this.#conversations.get(id));
  }

  latestConversation(): StoredConversation | undefined {
    return this.#read(() => this.#conversations.latest());
  }

  search(query: string, options: { readonly limit?: number } = {}): StoredCall[] {
    return this.calls({ query, ...(options.limit === undefined ? {} : { limit: options.limit }) });
  }

  status(): TapeStatus {
    return this.#read(() => {
      const database = this.#database;
      const calls: Record<CallStatus, number> = { started: 0, ok: 0, error: 0, aborted: 0, interrupted: 0 };
      for (const row of database.all('SELECT status, count(*) AS n FROM calls GROUP BY status')) {
        const status = asText(row.status);
        if (status === 'ok' || status === 'error' || status === 'aborted' || status === 'started') calls[status] = asNumber(row.n) ?? 0;
      }
      if (calls.started > 0) {
        calls.interrupted = this.#query.count({ status: 'interrupted' });
        calls.started -= calls.interrupted;
      }
      const range = database.get('SELECT min(started_at) AS first, max(started_at) AS last FROM calls');
      const firstAt = asNumber(range?.first);
      const lastAt = asNumber(range?.last);
      return {
        path: this.path,
        bytes: fileBytes(this.path) + fileBytes(`${this.path}-wal`),
        schemaVersion: database.number('PRAGMA user_version') ?? 0,
        readOnly: this.readOnly,
        calls,
        conversations: this.#conversations.count(),
        messages: database.number('SELECT count(*) FROM messages') ?? 0,
        ...(firstAt === undefined ? {} : { firstAt }),
        ...(lastAt === undefined ? {} : { lastAt }),
        unindexed: this.#index.behind,
        waiting: this.#queue.waiting,
        lost: this.#queue.lost,
      };
    });
  }

  *verify(): IterableIterator<TapeMismatch> {
    yield* this.#pagewise(() => verifyTape(this.#database, this.#messages, this.#keys, this.#reader));
  }

  backup(path: string): void {
    if (existsSync(path)) {
      throw new LmdeckError(
        'tape',
        `Cannot back up the tape ${this.path} to ${path}: the file exists. Name a new file, or move that one away.`,
      );
    }
    this.#read(() => {
      try {
        this.#database.run('VACUUM INTO ?', path);
      } catch (error) {
        // SQLite leaves what it had written, and the next try would find a file there. It refuses one that somebody else has made meanwhile.
        if (sqliteCode(error) !== REFUSED) rmSync(path, { force: true });
        throw isBusy(error) ? error : tapeError(`${this.path} to ${path}`, 'back up', error);
      }
    });
  }

  async flush(): Promise<void> {
    if (!this.#closed) await this.#queue.flush();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#forgetExit();
    clearTimeout(this.#indexTimer);
    try {
      await this.#queue.flush();
      this.#leave();
    } finally {
      this.#closed = true;
      this.#queue.stop();
      clearTimeout(this.#indexTimer);
      this.#database.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #writable(): boolean {
    return !this.#closed && !this.readOnly;
  }

  /** What is left to do before the file is closed; all of it can as well be done by others later. */
  #leave(): void {
    if (this.readOnly) return;
    try {
      const id = this.#queue.leftOpen;
      if (id !== undefined) endProcess(this.#database, id);
      const end = monotonicMs() + INDEX_CLOSE_MS;
      while (monotonicMs() < end && this.#index.isSliceBehind && this.#index.slice());
    } catch {
      // Another process is writing, or the disk is full: then the next one to search goes on here.
    }
  }

  #indexLater(ms: number): void {
    clearTimeout(this.#indexTimer);
    this.#indexTimer = setTimeout(this.#indexSlice, ms).unref();
  }

  readonly #indexSlice = (): void => {
    if (this.#closed || this.#queue.waiting > 0) return;
    try {
      if (this.#index.slice()) this.#indexLater(INDEX_PAUSE_MS);
    } catch {
      // As in #leave.
    }
  };

  #indexNow(): void {
    this.#read(() => (this.readOnly ? this.#index.completeBeside() : this.#index.complete()));
  }

  /** Reads see everything that this process wrote before. */
  #read<T>(work: () => T): T {
    if (this.#closed) throw this.#closedError();
    if (!this.readOnly) this.#queue.commitNow();
    return this.#once(() => patiently(work));
  }

  /** What is read in pages, while the tape may be closed between two of them. */
  *#pagewise<T>(begin: () => Iterator<T, undefined>): IterableIterator<T> {
    const found = this.#read(begin);
    for (;;) {
      const next = this.#once(() => found.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  #write<T>(work: () => T): T {
    if (this.#closed) throw this.#closedError();
    this.#queue.commitNow();
    try {
      return patiently(() => this.#database.transaction(work));
    } catch (error) {
      throw tapeError(this.path, 'write', error);
    }
  }

  #once<T>(work: () => T): T {
    if (this.#closed) throw this.#closedError();
    try {
      return work();
    } catch (error) {
      throw tapeError(this.path, 'read', error);
    }
  }

  #closedError(): LmdeckError {
    return new LmdeckError('tape', `The tape ${this.path} is closed. Open it again with openTape().`);
  }
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
