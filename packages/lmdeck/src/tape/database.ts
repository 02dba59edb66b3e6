import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { LmdeckError } from '../core/index.ts';

/** A row by column name. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** How long SQLite itself waits for a lock, blocking the event loop; longer waits are repeated by those who can afford them. */
const LOCK_WAIT_MS = 100;

/** How long opening a file, a reader or the end of the process waits for other processes. */
const PATIENCE_MS = 15_000;

/**
 * How much of a file is read through the system's own cache of it instead of being copied page by page: a lookup among many calls takes a
 * fifth less. What was looked at counts as memory of the process, so it is no more than that.
 */
const MAPPED_BYTES = 64 * 1024 * 1024;

/** One SQLite connection with its prepared statements. The only file that talks to `node:sqlite`. */
export class Database {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #arrays = new Map<string, StatementSync>();
  #mapped = false;

  constructor(path: string, location: string | URL, readOnly: boolean) {
    this.path = path;
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    try {
      this.#connection = new DatabaseSync(location, { readOnly, timeout: LOCK_WAIT_MS, enableForeignKeyConstraints: false });
    } catch (error) {
      throw tapeError(path, 'open', error);
    }
  }

  /** Maps the beginning of the file into memory. For those who look up; who only writes reads next to nothing. */
  map(): void {
    if (this.#mapped) return;
    this.#mapped = true;
    this.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
  }

  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.statement(sql).run(...values);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.statement(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.statement(sql).all(...values);
  }

  /** The first column of the first row, as a number. */
  number(sql: string, ...values: SQLInputValue[]): number | undefined {
    const row = this.get(sql, ...values);
    for (const name in row) return asNumber(row[name]);
    return undefined;
  }

  /** The prepared statement of a text, made once. Texts must come from a closed set. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#connection.prepare(sql)));
    return statement;
  }

  /** Like {@link Database.statement}, for many columns: its rows are arrays, which cost less than objects. */
  arrays(sql: string): StatementSync {
    let statement = this.#arrays.get(sql);
    if (statement === undefined) {
      this.#arrays.set(sql, (statement = this.#connection.prepare(sql)));
      statement.setReturnArrays(true);
    }
    return statement;
  }

  /** Runs `work` in one transaction that has the write lock from its first moment. */
  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    let result: T;
    try {
      result = work();
      this.exec('COMMIT');
    } catch (error) {
      // A full disk may have rolled back already.
      if (this.#connection.isTransaction) this.exec('ROLLBACK');
      throw error;
    }
    return result;
  }

  close(): void {
    this.#statements.clear();
    this.#arrays.clear();
    this.#connection.close();
  }
}

/** Repeats `work` while another process holds the lock that it needs. Blocks the event loop meanwhile. */
export function patiently<T>(work: () => T): T {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error;
      pause(1 + Math.random() * 20);
    }
  }
}

/** True when the lock was not to be had: trying again helps. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 5 || code === 6;
}

/** SQLite's primary result code of an error, if it is one of SQLite. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

const EXPLANATIONS: Readonly<Record<number, string>> = {
  5: 'another process keeps it locked. Try again when that one is done.',
  6: 'another process keeps it locked. Try again when that one is done.',
  8: 'it may not be written. Check the permissions of the file and of its folder; a program can read it with { readOnly: true }.',
  10: 'the disk reported an error. Check the disk and free space.',
  11: 'it is damaged. Restore a backup, or save what can be read with `sqlite3 FILE .recover`.',
  13: 'the disk is full. Free some space; what a running program has queued is written then.',
  14: 'it cannot be opened. Check that its folder exists and may be read and written.',
  26: 'it is not an SQLite file. Name another file, or move this one away.',
};

/** Any failure of the store as the error that its users see. */
export function tapeError(path: string, verb: string, error: unknown): LmdeckError {
  if (LmdeckError.isInstance(error)) return error;
  const cause = error instanceof Error ? error.message : String(error);
  const explanation = EXPLANATIONS[sqliteCode(error) ?? -1];
  const detail = explanation === undefined ? cause : `${explanation} (SQLite: ${cause})`;
  return new LmdeckError('tape', `Cannot ${verb} the tape ${path}: ${detail}`, { cause: error, retryable: isBusy(error) });
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

export function asText(value: SQLOutputValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: SQLOutputValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Bytes as lower-case hex; of anything else it is the empty text. */
export function asHex(value: SQLOutputValue | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') : '';
}
