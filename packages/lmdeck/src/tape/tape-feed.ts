import type { SQLOutputValue } from 'node:sqlite';
import type { CallFeed, EndedCall, JsonObject, Message, ModelRequest, StoredCall, ToolChoice } from '../core/index.ts';
import { asNumber, asText, type Database, type Row } from './database.ts';
import type { MessageStore } from './message-store.ts';
import { deadProcesses } from './processes.ts';
import { continuationOf } from './score-answer.ts';

const PAGE = 1000;

/** `calls.seq` is the start in milliseconds times this, and a little. */
const SEQ_PER_MS = 1024;
/** How long after its start another process writes a call at the latest, waiting for locks included. */
const WRITTEN_WITHIN_MS = 60_000;
/** Told calls that are remembered at least, before the older ones are forgotten. */
const MOST_RECENT = 50_000;

/** Hashes as text: an array of bytes for each would cost more than all the rest of a row. */
const COLUMNS = `c.seq, c.status, lower(hex(c.request_key)), c.model, c.endpoint, c.revision, lower(hex(m.hash)), c.prompt,
 c.options, c.schema, c.tools, c.tool_choice, c.samples, c.sample, c.continuation, c.process`;
const FROM = `SELECT ${COLUMNS} FROM calls c LEFT JOIN messages m ON m.id = c.prompt`;
const LISTED = `${FROM} WHERE c.seq IN (SELECT value FROM json_each(?))`;

/** What this connection writes, in the order of its commits. Written by SQLite itself, so a rollback takes its lines back. */
const JOURNAL = `
CREATE TEMP TABLE IF NOT EXISTS ended (n INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TEMP TRIGGER IF NOT EXISTS ended_at_once AFTER INSERT ON main.calls WHEN NEW.status IN ('ok', 'error', 'aborted')
BEGIN INSERT INTO ended (seq) VALUES (NEW.seq); END;
CREATE TEMP TRIGGER IF NOT EXISTS ended_later AFTER UPDATE OF status ON main.calls WHEN NEW.status IN ('ok', 'error', 'aborted')
BEGIN INSERT INTO ended (seq) VALUES (NEW.seq); END;`;

/** How a feed gets at its tape: both see everything that this process wrote before. */
export interface FeedAccess {
  readonly database: Database;
  readonly messages: MessageStore;
  readonly readOnly: boolean;
  read<T>(work: () => T): T;
  call(seq: number): StoredCall | undefined;
}

/**
 * The calls of a tape as they end. What this process writes is told by a journal that its connection keeps; what others wrote is looked
 * for when the file has changed, among the calls that were open and those of the last minute.
 */
export class TapeFeed implements CallFeed {
  readonly #access: FeedAccess;
  readonly #run: string | undefined;
  /** Calls that have started and not ended, by number. */
  readonly #open = new Set<number>();
  /** Those that were told, as far as they could be met again. */
  #recent = new Set<number>();
  #mostRecent = MOST_RECENT;
  #newest = 0;
  #journal = 0;
  #version: number | undefined;

  constructor(access: FeedAccess, runId: string | undefined) {
    this.#access = access;
    this.#run = runId;
  }

  call(seq: number): StoredCall | undefined {
    return this.#access.call(seq);
  }

  *read(): Generator<EndedCall, undefined> {
    const { database, readOnly } = this.#access;
    const version = this.#access.read(() => database.number('PRAGMA data_version'));
    if (this.#version === undefined) {
      if (!readOnly) this.#access.read(() => this.#keepJournal());
      this.#version = version;
      yield* this.#since(0);
      return undefined;
    }
    if (!readOnly) yield* this.#own();
    if (version === this.#version) return undefined;
    this.#version = version;
    yield* this.#listed([...this.#open]);
    const from = this.#newest - WRITTEN_WITHIN_MS * SEQ_PER_MS;
    this.#forget(from);
    yield* this.#since(from);
    return undefined;
  }

  #keepJournal(): void {
    const { database } = this.#access;
    database.exec(JOURNAL);
    this.#journal = database.number('SELECT max(n) FROM temp.ended') ?? 0;
  }

  *#own(): Generator<EndedCall, undefined> {
    const { database } = this.#access;
    const rows = this.#access.read(() => database.arrays('SELECT n, seq FROM temp.ended WHERE n > ? ORDER BY n').all(this.#journal));
    if (rows.length === 0) return undefined;
    this.#journal = asNumber(rows.at(-1)?.[0]) ?? this.#journal;
    yield* this.#listed(rows.map((row) => asNumber(row[1]) ?? 0));
    return undefined;
  }

  *#listed(seqs: readonly number[]): Generator<EndedCall, undefined> {
    if (seqs.length === 0) return undefined;
    const { database } = this.#access;
    const rows = this.#access.read(() => database.arrays(this.#narrowed(LISTED)).all(JSON.stringify(seqs), ...this.#runValue()));
    for (const row of rows) {
      const call = this.#ended(row);
      if (call !== undefined) yield call;
    }
    return undefined;
  }

  *#since(from: number): Generator<EndedCall, undefined> {
    const { database } = this.#access;
    const dead = this.#access.read(() => deadProcesses(database));
    const statement = database.arrays(this.#narrowed(`${FROM} WHERE c.seq > ?`, `ORDER BY c.seq LIMIT ${PAGE}`));
    for (let last = from; ;) {
      const rows = this.#access.read(() => statement.all(last, ...this.#runValue()));
      for (const row of rows) {
        if (row[1] === 'started' && dead.has(asNumber(row[15]) ?? -1)) continue;
        const call = this.#ended(row);
        if (call !== undefined) yield call;
      }
      if (rows.length < PAGE) return undefined;
      last = asNumber(rows.at(-1)?.[0]) ?? last;
    }
  }

  #narrowed(sql: string, tail = ''): string {
    return `${sql}${this.#run === undefined ? '' : ' AND c.run = ?'} ${tail}`;
  }

  #runValue(): readonly string[] {
    return this.#run === undefined ? [] : [this.#run];
  }

  /** A row as a call to tell: one that has ended and was not told yet. */
  #ended(row: Row): EndedCall | undefined {
    const seq = asNumber(row[0]) ?? 0;
    this.#newest = Math.max(this.#newest, seq);
    const status = row[1];
    if (status !== 'ok' && status !== 'error' && status !== 'aborted') {
      this.#open.add(seq);
      return undefined;
    }
    this.#open.delete(seq);
    if (this.#recent.has(seq)) return undefined;
    this.#recent.add(seq);
    if (this.#recent.size > this.#mostRecent) this.#forget(this.#newest - WRITTEN_WITHIN_MS * SEQ_PER_MS);
    return new EndedRow(row, status, this.#access.messages);
  }

  #forget(before: number): void {
    this.#recent = new Set([...this.#recent].filter((seq) => seq > before));
    // Where a minute has more than that, looking for old ones at each new one would cost the square.
    this.#mostRecent = Math.max(MOST_RECENT, 2 * this.#recent.size);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class EndedRow implements EndedCall {
  readonly status: EndedCall['status'];
  readonly #row: Row;
  readonly #messages: MessageStore;

  constructor(row: Row, status: EndedCall['status'], messages: MessageStore) {
    this.#row = row;
    this.status = status;
    this.#messages = messages;
  }

  get seq(): number {
    return asNumber(this.#row[0]) ?? 0;
  }

  get requestKey(): string {
    return asText(this.#row[2]) ?? '';
  }

  get model(): string {
    return asText(this.#row[3]) ?? '';
  }

  get endpoint(): string | undefined {
    return asText(this.#row[4]);
  }

  get revision(): string | undefined {
    return asText(this.#row[5]);
  }

  get promptHash(): string | undefined {
    const hash = asText(this.#row[6]);
    // Of nothing it is the empty text.
    return hash === '' ? undefined : hash;
  }

  get request(): ModelRequest {
    const row = this.#row;
    const store = this.#messages;
    let messages: readonly Message[] | undefined;
    const request: Mutable<ModelRequest> = {
      options: optionsOf(row[8]),
      get messages() {
        return (messages ??= store.history(asNumber(row[7])));
      },
    };
    const schema = asNumber(row[9]);
    const tools = asNumber(row[10]);
    const definitions = tools === undefined ? undefined : store.tools(tools);
    const jsonSchema = schema === undefined ? undefined : store.schema(schema);
    const toolChoice = toolChoiceOf(row[11]);
    const samples = asNumber(row[12]);
    const sample = asNumber(row[13]);
    const continuation = continuationOf(row[14]);
    if (definitions !== undefined) request.tools = definitions;
    if (toolChoice !== undefined) request.toolChoice = toolChoice;
    if (jsonSchema !== undefined) request.schema = jsonSchema;
    if (samples !== undefined) request.samples = samples;
    if (sample !== undefined) request.sample = sample;
    if (continuation !== undefined) request.continuation = continuation;
    return request;
  }
}

function optionsOf(text: SQLOutputValue | undefined): JsonObject {
  if (typeof text !== 'string') return {};
  const options: JsonObject = JSON.parse(text);
  return options;
}

function toolChoiceOf(text: SQLOutputValue | undefined): ToolChoice | undefined {
  if (typeof text !== 'string') return undefined;
  const choice: ToolChoice = JSON.parse(text);
  return choice;
}
