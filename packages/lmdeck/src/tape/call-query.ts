import type { SQLInputValue } from 'node:sqlite';
import { canonicalJson, type JsonValue, LmdeckError, sha256, type StoredCall } from '../core/index.ts';
import { CALL_COLUMNS, complete, type CallReader } from './call-reader.ts';
import { asHex, asNumber, asText, type Database, patiently, type Row } from './database.ts';
import { ALL_KEYED, type KeyIndex } from './key-index.ts';
import { hashBytes } from './message-store.ts';
import { deadProcesses } from './processes.ts';
import { searchError, type SearchIndex } from './search-index.ts';
import { TAG_VALUE, tagPlace, type Tags } from './tags.ts';
import type { AnsweredCall, CallFilter, CallsCost } from './tape.ts';

/** Rows per page: reading in pages keeps no lock and no snapshot between them. */
const PAGE = 128;
const KEY_PAGE = 2048;

/** A filter as SQL. */
interface Query {
  readonly tables: string;
  /** The call's number, by the table that is walked through. */
  readonly order: string;
  readonly conditions: readonly string[];
  readonly values: readonly SQLInputValue[];
  readonly dead: ReadonlySet<number>;
}

/** Answers {@link CallFilter}s. */
export class CallQuery {
  readonly #database: Database;
  readonly #reader: CallReader;
  readonly #keys: KeyIndex;
  readonly #tags: Tags;
  readonly #index: SearchIndex;

  constructor(database: Database, reader: CallReader, keys: KeyIndex, tags: Tags, index: SearchIndex) {
    this.#database = database;
    this.#reader = reader;
    this.#keys = keys;
    this.#tags = tags;
    this.#index = index;
  }

  *iterate(filter: CallFilter): Generator<StoredCall, undefined> {
    const query = this.#query(filter);
    const { any } = this.#tags;
    for (const row of this.pages(filter, CALL_COLUMNS, query)) yield this.#complete(row, query.dead, any);
    return undefined;
  }

  /** The rows that match, page by page; the first column must be `c.seq`. */
  *pages(filter: CallFilter, columns: string, query: Query = this.#query(filter)): Generator<Row, undefined> {
    const newest = filter.order !== 'oldest';
    const { order } = query;
    let left = filter.limit ?? Infinity;
    let last: number | undefined;
    while (left > 0) {
      const limit = Math.min(left, PAGE);
      const conditions = last === undefined ? query.conditions : [...query.conditions, `${order} ${newest ? '<' : '>'} ?`];
      const values = last === undefined ? query.values : [...query.values, last];
      const sql = `SELECT ${columns} FROM ${query.tables}${where(conditions)} ORDER BY ${order} ${newest ? 'DESC' : 'ASC'} LIMIT ?`;
      const rows = this.#run(filter, () => this.#database.arrays(sql).all(...values, limit));
      yield* rows;
      left -= rows.length;
      if (rows.length < limit) return undefined;
      last = asNumber(rows.at(-1)?.[0]);
    }
    return undefined;
  }

  count(filter: CallFilter): number {
    const { tables, conditions, values } = this.#query(filter);
    const sql = `SELECT count(*) FROM (SELECT 1 FROM ${tables}${where(conditions)} LIMIT ?)`;
    return this.#run(filter, () => this.#database.number(sql, ...values, filter.limit ?? -1)) ?? 0;
  }

  cost(filter: CallFilter): CallsCost {
    const { tables, conditions, values } = this.#query(filter);
    const costs = `SELECT c.cost_micros AS cost FROM ${tables}${where(conditions)} LIMIT ?`;
    const sql = `SELECT total(cost) AS cost, count(cost) AS priced, count(*) AS calls FROM (${costs})`;
    const row = this.#run(filter, () => this.#database.get(sql, ...values, filter.limit ?? -1));
    const priced = asNumber(row?.priced) ?? 0;
    return { costMicros: asNumber(row?.cost) ?? 0, priced, unpriced: (asNumber(row?.calls) ?? 0) - priced };
  }

  /** The number of the call of an id or of a unique prefix of one. */
  find(id: string): number | undefined {
    if (id === '') return undefined;
    const rows = this.#database.all('SELECT seq, id FROM calls WHERE id >= ? AND id < ? ORDER BY id LIMIT 4', id, `${id}\u{10FFFF}`);
    if (rows.length > 1 && asText(rows[0]?.id) !== id) throw ambiguous('call', id, rows);
    return asNumber(rows[0]?.seq);
  }

  get(id: string): StoredCall | undefined {
    const seq = this.find(id);
    return seq === undefined ? undefined : this.bySeq(seq);
  }

  /** The newest `ok` call of a run that has this request key. */
  answerOf(run: string, requestKey: string): StoredCall | undefined {
    const key = this.#keys.key(requestKey);
    const known = JSON.stringify(this.#keys.refs(key));
    const row = this.#database.arrays(ANSWER_OF).get(key, this.#keys.seen, known, hashBytes(requestKey), run);
    // A call that ended asks for no process that may be gone.
    return row === undefined ? undefined : this.#complete(row, NOBODY, true);
  }

  *answered(run: string): Generator<AnsweredCall, undefined> {
    const sql = `SELECT seq, id, request_key FROM calls WHERE run = ? AND status = 'ok' AND seq > ? ORDER BY seq LIMIT ${KEY_PAGE}`;
    for (let last = -1; ;) {
      const rows = patiently(() => this.#database.arrays(sql).all(run, last));
      for (const row of rows) yield { id: asText(row[1]) ?? '', requestKey: asHex(row[2]) };
      if (rows.length < KEY_PAGE) return undefined;
      last = asNumber(rows.at(-1)?.[0]) ?? last;
    }
  }

  bySeq(seq: number): StoredCall | undefined {
    const row = this.#database.arrays(`SELECT ${CALL_COLUMNS} FROM calls c WHERE c.seq = ?`).get(seq);
    return row === undefined ? undefined : this.#complete(row, deadProcesses(this.#database), true);
  }

  #complete(row: Row, dead: ReadonlySet<number>, tagged: boolean): StoredCall {
    const call = complete(this.#reader.read(row, dead));
    const tags = tagged ? this.#tags.of(asNumber(row[0]) ?? 0) : undefined;
    return tags === undefined ? call : { ...call, tags };
  }

  #query(filter: CallFilter): Query {
    const conditions: string[] = [];
    const values: SQLInputValue[] = [];
    const dead = deadProcesses(this.#database);
    const add = (condition: string, ...more: SQLInputValue[]): void => {
      conditions.push(condition);
      values.push(...more);
    };
    const { from, condition } = this.#index.searched;
    if (filter.query !== undefined) values.push(filter.query);
    if (filter.query !== undefined && condition !== undefined) conditions.push(condition);
    if (filter.conversationId !== undefined)
      add('(c.conversation = ? OR (c.id = ? AND c.conversation IS NULL))', filter.conversationId, filter.conversationId);
    if (filter.model !== undefined) add('c.model = ?', filter.model);
    if (filter.status !== undefined) add(...statusCondition(filter.status, dead));
    if (filter.schema !== undefined)
      add('c.schema = (SELECT id FROM documents WHERE hash = ?)', Buffer.from(schemaHash(filter.schema), 'hex'));
    if (filter.runId !== undefined) add('c.run = ?', filter.runId);
    if (filter.parentCallId !== undefined) add('c.parent = ?', filter.parentCallId);
    for (const [name, value] of Object.entries(filter.tags ?? {})) add(`${TAG_VALUE} = ?`, ...tagPlace(name), JSON.stringify(value));
    if (filter.since !== undefined) add('c.started_at >= ?', filter.since);
    if (filter.until !== undefined) add('c.started_at < ?', filter.until);
    if (filter.afterId !== undefined) add('c.seq > ?', this.#position(filter.afterId));
    if (filter.beforeId !== undefined) add('c.seq < ?', this.#position(filter.beforeId));
    // The search must come first: asked row by row it would start anew for every call.
    if (filter.query === undefined) return { tables: 'calls c', order: 'c.seq', conditions, values, dead };
    return { tables: `${from} CROSS JOIN calls c ON c.seq = search.rowid`, order: 'search.rowid', conditions, values, dead };
  }

  #position(id: string): number {
    const seq = this.find(id);
    if (seq === undefined) throw new LmdeckError('usage', `There is no call ${JSON.stringify(id)} on the tape ${this.#database.path}.`);
    return seq;
  }

  #run<T>(filter: CallFilter, work: () => T): T {
    try {
      return patiently(work);
    } catch (error) {
      throw filter.query === undefined ? error : searchError(filter.query, error);
    }
  }
}

const NOBODY: ReadonlySet<number> = new Set();
const ANSWER_OF = `SELECT ${CALL_COLUMNS} FROM (${ALL_KEYED}) k CROSS JOIN calls c ON c.seq = k.ref
  WHERE c.request_key = ?4 AND c.run = ?5 AND c.status = 'ok' ORDER BY c.seq DESC LIMIT 1`;

/**
 * The hash by which a JSON Schema is stored: SHA-256 (hex) of its canonical JSON. Takes the schema as JSON text; a hash
 * is given back as it is.
 *
 * @throws LmdeckError `usage` for a text that is neither.
 */
export function schemaHash(schema: string): string {
  if (/^[0-9a-f]{64}$/i.test(schema)) return schema.toLowerCase();
  try {
    const value: JsonValue = JSON.parse(schema);
    return sha256(canonicalJson(value));
  } catch (error) {
    const shown = JSON.stringify(schema.length > 80 ? `${schema.slice(0, 80)}…` : schema);
    throw new LmdeckError('usage', `${shown} is neither the JSON text of a schema nor its hash (64 hex digits).`, { cause: error });
  }
}

export function ambiguous(what: string, prefix: string, rows: readonly Row[]): LmdeckError {
  const ids = rows.slice(0, 3).map((row) => asText(row.id) ?? '');
  const more = rows.length > 3 ? ', …' : '';
  return new LmdeckError('usage', `Several ${what}s begin with ${JSON.stringify(prefix)}: ${ids.join(', ')}${more}. Give more of the id.`);
}

function statusCondition(status: string, dead: ReadonlySet<number>): [condition: string, ...values: string[]] {
  const gone = JSON.stringify([...dead]);
  if (status === 'interrupted') return ["c.status = 'started' AND c.process IN (SELECT value FROM json_each(?))", gone];
  if (status === 'started') return ["c.status = 'started' AND c.process NOT IN (SELECT value FROM json_each(?))", gone];
  return ['c.status = ?', status];
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}
