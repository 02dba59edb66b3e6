import { asNumber, type Database } from './database.ts';

/** How many keys gather in the buffer. Each commit writes most of the buffer's pages, each move most of the index's: this balances both. */
const BUFFERED = 4096;

/**
 * The rows that a key (`?1`) stands for: numbers of messages and of calls that ended `ok`. Two tables, because keys come in no order: put
 * straight into one large index, every key would cost a page of its own; the small buffer is written in few pages, and moved in order.
 */
export const KEYED = 'SELECT ref FROM key_buffer WHERE key = ?1 UNION ALL SELECT ref FROM key_index WHERE key = ?1';

const LEAST =
  'ifnull((SELECT min(ref) FROM key_buffer WHERE key = ?1), 9e18), ifnull((SELECT min(ref) FROM key_index WHERE key = ?1), 9e18)';
const GREATEST = 'ifnull((SELECT max(ref) FROM key_buffer WHERE key = ?1), 0), ifnull((SELECT max(ref) FROM key_index WHERE key = ?1), 0)';

/** The first and the last of {@link KEYED}; as expressions, which SQLite works out without a temporary table. */
export const FIRST_KEYED = `min(${LEAST})`;
export const LAST_KEYED = `max(${GREATEST})`;

/** The first 52 bits of a hash as an integer: what the index is made of. */
export function hashKey(hash: string): number {
  return Number.parseInt(hash.slice(0, 13), 16);
}

/** Makes a message or a call findable by its hash. Inside a transaction, which `settleKeys` must end. */
export function addKey(database: Database, hash: string, ref: number): void {
  database.statement('INSERT OR IGNORE INTO key_buffer VALUES (?, ?)').run(hashKey(hash), ref);
}

/** Moves a full buffer into the index. At the end of a transaction that added keys. */
export function settleKeys(database: Database, full = BUFFERED): void {
  // SQLite counts page by page: a microsecond or two.
  const buffered = asNumber(database.arrays('SELECT count(*) FROM key_buffer').get()?.[0]) ?? 0;
  if (buffered < full) return;
  database.run('INSERT OR IGNORE INTO key_index SELECT key, ref FROM key_buffer');
  database.run('DELETE FROM key_buffer');
}

/** True when {@link addKey} was called for this hash and row. */
export function hasKey(database: Database, hash: string, ref: number): boolean {
  return database.get(`SELECT 1 FROM (${KEYED}) WHERE ref = ?2`, hashKey(hash), ref) !== undefined;
}
