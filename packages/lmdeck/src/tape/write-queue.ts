import { type CallEnd, type CallStart, type LmdeckError, monotonicMs, type RecordedAnswer, type Sample } from '../core/index.ts';
import { CallRows, type WrittenCall } from './call-rows.ts';
import { asNumber, type Database, isBusy, patiently, sqliteCode, tapeError } from './database.ts';
import type { KeyIndex } from './key-index.ts';
import type { MessageStore } from './message-store.ts';
import { PartialEncoder } from './partials.ts';
import { registerProcess } from './processes.ts';

export interface WriteQueueOptions {
  /** How long writes are gathered before they are committed together, milliseconds. */
  readonly windowMs: number;
  /** How many waiting calls are committed at once without waiting for the window's end. */
  readonly batch: number;
  /** How many characters may wait while the file cannot be written. */
  readonly maxWaitingChars: number;
  /** Called after a commit that left nothing waiting. */
  readonly onIdle: () => void;
}

/** A call between its start and the commit of its end. */
interface OpenCall {
  readonly call: CallStart;
  readonly since: number;
  queued: boolean;
  row: WrittenCall | undefined;
  end: CallEnd | undefined;
  partial: readonly Sample[] | undefined;
  encoder: PartialEncoder | undefined;
}

/** How long a failed commit waits for the next attempt: doubled each time, from the first to the last. */
const RETRY_MS = [100, 5000] as const;
const FLUSH_PATIENCE_MS = 15_000;

/**
 * The one writer of a process: gathers what happens to calls and commits it in groups. Nothing here throws into the
 * path of a call; what cannot be written waits, and `flush` tells.
 */
export class WriteQueue {
  readonly #database: Database;
  readonly #messages: MessageStore;
  readonly #keys: KeyIndex;
  readonly #rows: CallRows;
  readonly #options: WriteQueueOptions;
  /** Calls that have started and whose end is not committed yet. */
  #open = new Map<string, OpenCall>();
  /** How many were taken out of it since it was made. */
  #closed = 0;
  /** Those of them that a commit has something to do for, in the order in which they started. */
  #queue: OpenCall[] = [];
  /** Ended calls that are not committed yet, by request key: a cache must find them. Made when something is looked for. */
  #ended: Map<string, OpenCall> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #process: number | undefined;
  #lastSeq = 0;
  #lastFirst = 0;
  #failure: LmdeckError | undefined;
  #retryMs: number = RETRY_MS[0];
  #reported = 0;
  lost = 0;

  constructor(database: Database, messages: MessageStore, keys: KeyIndex, options: WriteQueueOptions) {
    this.#database = database;
    this.#messages = messages;
    this.#keys = keys;
    this.#rows = new CallRows(database, messages, keys);
    this.#options = options;
  }

  /** How many calls wait to be written. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Number of this process on this tape, when calls that it has left open would be known by it. */
  get leftOpen(): number | undefined {
    return this.#open.size === 0 ? undefined : this.#process;
  }

  start(call: CallStart): void {
    if (this.#open.has(call.id)) return;
    const entry: OpenCall = {
      call,
      since: monotonicMs(),
      queued: false,
      row: undefined,
      end: undefined,
      partial: undefined,
      encoder: undefined,
    };
    this.#open.set(call.id, entry);
    this.#add(entry);
  }

  checkpoint(id: string, samples: readonly Sample[]): void {
    const entry = this.#open.get(id);
    if (entry === undefined || entry.end !== undefined) return;
    entry.partial = samples;
    this.#add(entry);
  }

  finish(id: string, end: CallEnd): void {
    const entry = this.#open.get(id);
    if (entry === undefined || entry.end !== undefined) return;
    entry.end = end;
    entry.partial = undefined;
    if (end.status === 'ok') this.#ended?.set(keyOf(entry), entry);
    this.#add(entry);
  }

  /** A call that ended `ok` and is not committed yet. */
  find(requestKey: string, which: 'newest' | 'oldest'): RecordedAnswer | undefined {
    if (this.#queue.length === 0) return undefined;
    const newest = this.#endedCalls().get(requestKey);
    const isEqual = (entry: OpenCall): boolean => entry.end?.status === 'ok' && keyOf(entry) === requestKey;
    const entry = newest === undefined || which === 'newest' ? newest : this.#queue.find(isEqual);
    if (entry?.end === undefined) return undefined;
    const {
      status: _status,
      error: _error,
      firstTokenMs: _first,
      durationMs: _duration,
      attempts: _attempts,
      costMicros: _cost,
      ...answer
    } = entry.end;
    return { id: entry.call.id, ...answer };
  }

  #endedCalls(): ReadonlyMap<string, OpenCall> {
    if (this.#ended !== undefined) return this.#ended;
    const ended = (this.#ended = new Map<string, OpenCall>());
    for (const entry of this.#queue) if (entry.end?.status === 'ok') ended.set(keyOf(entry), entry);
    return ended;
  }

  /** Commits everything now, waiting for other processes; what fails stays queued and is told by `flush`. */
  commitNow(): void {
    if (this.#queue.length === 0) return;
    try {
      patiently(() => this.#commit(true));
      this.#succeeded();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Commits the calls that have ended, before their window has; false when that is not possible just now. */
  commitEnded(): boolean {
    try {
      this.#commit(false);
      this.#succeeded();
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  async flush(): Promise<void> {
    const end = Date.now() + FLUSH_PATIENCE_MS;
    while (this.#queue.length > 0) {
      try {
        this.#commit(true);
        this.#succeeded();
      } catch (error) {
        this.#failed(error);
        if (!isBusy(error) || Date.now() > end) break;
        await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 50));
      }
    }
    this.#report();
  }

  /** Stops the timer; nothing is written any more unless asked. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #add(entry: OpenCall): void {
    if (!entry.queued) {
      entry.queued = true;
      this.#queue.push(entry);
    }
    if (this.#queue.length >= this.#options.batch && this.#failure === undefined && entry.end !== undefined) this.#commitGroup();
    else this.#schedule(this.#options.windowMs);
  }

  #schedule(ms: number): void {
    // A process may end in the middle of a window: the exit hook writes then.
    this.#timer ??= setTimeout(this.#onTimer, ms).unref();
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#commitGroup();
  };

  #commitGroup(): void {
    try {
      this.#commit(false);
      this.#succeeded();
      if (this.#queue.length > 0) this.#schedule(this.#options.windowMs);
      else this.#options.onIdle();
    } catch (error) {
      this.#failed(error);
      this.#schedule(this.#retryMs * (0.5 + Math.random()));
    }
  }

  #commit(all: boolean): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    // A call that has only just started may end within the next window; then one write is enough for both.
    const young = all ? Infinity : monotonicMs() - this.#options.windowMs * 0.8;
    const due: OpenCall[] = [];
    const later: OpenCall[] = [];
    for (const entry of queue) {
      const waits = entry.row === undefined && entry.end === undefined && entry.partial === undefined && entry.since > young;
      (waits ? later : due).push(entry);
    }
    if (due.length === 0) return;
    const processBefore = this.#process;
    const rows: (WrittenCall | undefined)[] = [];
    try {
      this.#database.transaction(() => {
        const state = this.#database.get('SELECT indexed_to, deletions FROM state');
        this.#messages.noticeDeletions(asNumber(state?.deletions) ?? 0);
        // Who made a call matters as long as it has not ended.
        if (due.some((entry) => entry.row === undefined && entry.end === undefined)) this.#process ??= registerProcess(this.#database);
        const indexedTo = asNumber(state?.indexed_to) ?? 0;
        for (const entry of due) {
          try {
            rows.push(this.#write(entry, indexedTo));
          } catch (error) {
            // What is wrong with one call alone (a value that has no JSON form, a text beyond SQLite's limit) must not hold up the others.
            if (!isOwnFault(error)) throw error;
            rows.push(undefined);
          }
        }
        this.#keys.settle();
      });
    } catch (error) {
      this.#process = processBefore;
      this.#messages.forget();
      this.#keys.forget();
      throw error;
    }
    for (let i = 0; i < due.length; i++) {
      const [entry, row] = [due[i], rows[i]];
      if (entry === undefined) continue;
      entry.queued = false;
      entry.row = row;
      entry.partial = undefined;
      entry.encoder?.accept();
      if (row === undefined) this.lost++;
      if (row === undefined || entry.end !== undefined) this.#close(entry);
    }
    this.#ended = undefined;
    this.#queue = later;
  }

  /**
   * Forgets a call. Now and then in a new map: a map that calls come and go in makes itself new tables and leaves the old ones behind, each
   * leading to the next, and what they led to would be copied by every collection of garbage until a full one.
   */
  #close(entry: OpenCall): void {
    this.#open.delete(entry.call.id);
    if (++this.#closed <= this.#open.size) return;
    this.#closed = 0;
    this.#open = new Map(this.#open);
  }

  #write(entry: OpenCall, indexedTo: number): WrittenCall | undefined {
    const { call, end, partial } = entry;
    let { row } = entry;
    if (row === undefined) {
      row = this.#rows.insert(call, this.#nextSeq(call.startedAt), this.#process, end);
      if (row === undefined) return undefined;
      this.#lastSeq = row.seq;
    } else if (end !== undefined) {
      this.#rows.finish(row, end);
      if (entry.encoder !== undefined) this.#database.run('DELETE FROM partials WHERE call = ?', row.seq);
    }
    if (end !== undefined && row.seq <= indexedTo) this.#database.run('INSERT OR IGNORE INTO unindexed VALUES (?)', row.seq);
    if (partial !== undefined) {
      const piece = (entry.encoder ??= new PartialEncoder()).next(partial);
      if (piece !== undefined) this.#database.run('INSERT INTO partials (call, piece) VALUES (?, ?)', row.seq, piece);
    }
    return row;
  }

  /**
   * The number of a new call: its time in milliseconds × 1024, and the next free one after that. So the rows lie in the order of time,
   * whoever wrote them and whenever. Other processes begin somewhere else within the millisecond.
   */
  #nextSeq(startedAt: number): number {
    const first = Math.floor(startedAt) * 1024;
    const follows = first >= this.#lastFirst && first <= this.#lastSeq;
    this.#lastFirst = first;
    return follows ? this.#lastSeq + 1 : first + Math.floor(Math.random() * 512);
  }

  #succeeded(): void {
    this.#failure = undefined;
    this.#retryMs = RETRY_MS[0];
  }

  #failed(error: unknown): void {
    this.#failure = tapeError(this.#database.path, 'write', error);
    this.#retryMs = Math.min(RETRY_MS[1], this.#retryMs * 2);
    this.#shrink();
  }

  /** Keeps what waits within its bound: first drops partial answers, then the oldest calls. */
  #shrink(): void {
    let chars = 0;
    for (const entry of this.#queue) chars += size(entry);
    if (chars <= this.#options.maxWaitingChars) return;
    for (const entry of this.#queue) {
      if (entry.partial === undefined) continue;
      chars -= size(entry);
      entry.partial = undefined;
      chars += size(entry);
    }
    let dropped = 0;
    for (const entry of this.#queue) {
      if (chars <= this.#options.maxWaitingChars) break;
      chars -= size(entry);
      dropped++;
      this.#close(entry);
    }
    this.#queue.splice(0, dropped);
    if (dropped > 0) this.#ended = undefined;
    this.lost += dropped;
  }

  #report(): void {
    const { lost } = this;
    const failure = this.#failure;
    if (failure !== undefined) throw failure;
    if (lost === this.#reported) return;
    const count = lost - this.#reported;
    this.#reported = lost;
    throw tapeError(this.#database.path, 'write', `${count} call(s) could not be recorded and were given up.`);
  }
}

/** A request that has no JSON form has no key: nobody can look for it, and the commit gives it up. */
function keyOf(entry: OpenCall): string {
  try {
    return entry.call.requestKey;
  } catch {
    return '';
  }
}

function isOwnFault(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === undefined || code === TOO_BIG || code === CONSTRAINT || code === MISMATCH;
}

const TOO_BIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;

/** Roughly how many characters an open call holds on to. */
function size(entry: OpenCall): number {
  let chars = 500;
  const last = entry.call.request.messages.at(-1);
  if (last !== undefined) chars += textLength({ message: last });
  for (const sample of entry.end?.samples ?? entry.partial ?? []) chars += textLength(sample);
  return chars;
}

function textLength(sample: Sample): number {
  let chars = 0;
  for (const part of sample.message.parts) {
    if ('text' in part) chars += part.text.length;
    else if (part.type === 'tool-call') chars += part.arguments.length;
    else if (part.type === 'tool-result') chars += part.output.length;
    else if (part.type === 'attachment') chars += part.data?.length ?? 0;
  }
  return chars;
}
