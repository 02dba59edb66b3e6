import { asNumber, type Database } from './database.ts';
import { KeyTable } from './key-table.ts';

/**
 * How many keys gather in the log. Keys come in no order, so each move writes most pages of a large index: the more are moved at once, the
 * fewer pages for each.
 */
const LOGGED = 16_384;
/** After so many lookups in the part of the log that is not in memory, it is taken there; so many rows of it at once. */
const SCANS = 16;
const PAGE = 4096;

const UNSEEN = 'FROM key_log WHERE id > ?2 AND key = ?1';
const INDEXED = 'FROM key_index WHERE key = ?1';

/** The rows of a key: `?1` the key of a hash, `?2` what of the log is seen, `?3` one of its refs or null. */
export const KEYED = `SELECT ref ${INDEXED} UNION ALL SELECT ref ${UNSEEN} UNION ALL SELECT ?3`;
/** Like {@link KEYED} with all refs, as JSON. */
export const ALL_KEYED = `SELECT ref ${INDEXED} UNION ALL SELECT ref ${UNSEEN} UNION ALL SELECT value FROM json_each(?3)`;

/**
 * The first and the last row of a key; `?3` is the first or last of its refs, or a number that is beyond all. Expressions, which SQLite works
 * out without a temporary table.
 */
export const FIRST_KEYED = `min(ifnull((SELECT min(ref) ${UNSEEN}), 9e18), ifnull((SELECT min(ref) ${INDEXED}), 9e18), ?3)`;
export const LAST_KEYED = `max(ifnull((SELECT max(ref) ${UNSEEN}), 0), ifnull((SELECT max(ref) ${INDEXED}), 0), ?3)`;

/**
 * Finds rows by their hashes: messages, and calls that ended `ok`. New keys go to the end of a log, which costs each commit one page; when
 * the log is full they are moved into the index together. What is in the log is also kept in memory, once somebody looks for more than a few.
 */
export class KeyIndex {
  readonly #database: Database;
  /** What the log has up to `#seen`. Rows that others have moved meanwhile may be here as well. */
  readonly #logged = new KeyTable();
  #seen = 0;
  #lookups = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes a row findable by its hash. Inside a transaction, which `settle` must end. */
  add(hash: string, ref: number): void {
    const key = hashKey(hash);
    const { lastInsertRowid } = this.#database.statement('INSERT INTO key_log (key, ref) VALUES (?, ?)').run(key, ref);
    // Between what was seen and this may be rows of others.
    if (Number(lastInsertRowid) !== this.#seen + 1) return;
    this.#seen++;
    this.#logged.add(key, ref);
  }

  /** Moves a full log into the index. At the end of a transaction that added keys. */
  settle(full = LOGGED): void {
    const first = asNumber(this.#database.arrays('SELECT min(id) FROM key_log').get()?.[0]);
    const last = asNumber(this.#database.arrays('SELECT max(id) FROM key_log').get()?.[0]);
    if (first === undefined || last === undefined || last - first + 1 < full) return;
    // The last one stays: numbers go on from there, so nobody takes new rows for some that were seen.
    this.#database.run('INSERT OR IGNORE INTO key_index SELECT key, ref FROM key_log WHERE id < ? ORDER BY key, ref', last);
    this.#database.run('DELETE FROM key_log WHERE id < ?', last);
    this.forget();
  }

  /** Drops what is in memory, as after a rollback. */
  forget(): void {
    this.#logged.clear();
    this.#seen = 0;
  }

  /** Up to which row the log is in memory: `?2` of the statements above. */
  get seen(): number {
    return this.#seen;
  }

  /** The key of a hash that is looked for. */
  key(hash: string): number {
    if (++this.#lookups >= SCANS) this.#load();
    return hashKey(hash);
  }

  /** The rows of a key that are in memory. */
  refs(key: number): readonly number[] {
    return this.#logged.all(key);
  }

  /** The first of {@link refs}, or a number beyond all: `?3` of {@link FIRST_KEYED}. */
  first(key: number): number {
    return this.#logged.least(key, Number.MAX_SAFE_INTEGER);
  }

  /** The last of {@link refs}, or 0: `?3` of {@link LAST_KEYED}. */
  last(key: number): number {
    return this.#logged.greatest(key, 0);
  }

  /** True when `add` was called for this hash and row. */
  has(hash: string, ref: number): boolean {
    const key = this.key(hash);
    if (this.refs(key).includes(ref)) return true;
    return this.#database.get(`SELECT 1 FROM (${KEYED}) WHERE ref = ?4`, key, this.#seen, null, ref) !== undefined;
  }

  #load(): void {
    this.#lookups = 0;
    if (this.#logged.size > 2 * LOGGED) this.forget();
    const unseen = this.#database.arrays(`SELECT id, key, ref FROM key_log WHERE id > ? ORDER BY id LIMIT ${PAGE}`);
    for (let rows = unseen.all(this.#seen); rows.length > 0; rows = rows.length < PAGE ? [] : unseen.all(this.#seen)) {
      for (const row of rows) {
        this.#seen = asNumber(row[0]) ?? this.#seen;
        this.#logged.add(asNumber(row[1]) ?? 0, asNumber(row[2]) ?? 0);
      }
    }
  }
}

/** The first 52 bits of a hash as an integer: what the index is made of. */
function hashKey(hash: string): number {
  return Number.parseInt(hash.slice(0, 13), 16);
}
