import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LmdeckError } from '../core/index.ts';
import { Database, patiently, sqliteCode, tapeError } from './database.ts';
import { APPLICATION_ID, MIGRATIONS, type Migration } from './migrations.ts';

const PAGE_BYTES = 8192;

export interface OpenDatabaseOptions {
  readonly readOnly?: boolean;
  readonly maxBytes?: number;
  readonly mapped?: boolean;
  /** The steps of the file format, oldest first. */
  readonly migrations?: readonly Migration[];
}

/** Opens the file of a tape, makes it if it is not there, and brings it to the newest format. */
export function openDatabase(path: string, options: OpenDatabaseOptions = {}): Database {
  const { readOnly = false, maxBytes, mapped = true, migrations = MIGRATIONS } = options;
  try {
    if (readOnly) return openToRead(path, migrations);
    const database = openToWrite(path, migrations);
    // As fast for who writes, and 4 MB less.
    if (!mapped) database.exec('PRAGMA mmap_size = 0; PRAGMA cache_size = -4000');
    if (maxBytes !== undefined) database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes(database)))}`);
    return database;
  } catch (error) {
    throw tapeError(path, 'open', error);
  }
}

function openToWrite(path: string, migrations: readonly Migration[]): Database {
  if (path !== ':memory:') createFile(path);
  const database = new Database(path, path, false);
  try {
    const found = patiently(() => {
      const version = checkedVersion(database, migrations);
      // Both only take effect in this order, and the first only in an empty file.
      if (version === 0) database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
      if (database.get('PRAGMA journal_mode')?.journal_mode === 'delete') database.exec('PRAGMA journal_mode = WAL');
      return version;
    });
    database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000');
    if (found < latest(migrations)) patiently(() => migrate(database, migrations));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Prompts are private: a new file is its owner's alone. SQLite gives its side files the same mode. */
function createFile(path: string): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(path)) throw error;
  }
}

function migrate(database: Database, migrations: readonly Migration[]): void {
  database.transaction(() => {
    // Another process may have done it while this one waited for the lock.
    const version = checkedVersion(database, migrations);
    for (const migration of migrations) {
      if (migration.version <= version) continue;
      database.exec(migration.sql);
      database.run('INSERT INTO migrations VALUES (?, ?, ?)', migration.version, migration.name, Date.now());
    }
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${latest(migrations)}`);
  });
}

function openToRead(path: string, migrations: readonly Migration[]): Database {
  if (path !== ':memory:' && !existsSync(path)) {
    throw new LmdeckError('tape', `There is no tape ${path}: the file does not exist. It is made by the first recorded call.`);
  }
  let database = new Database(path, path, true);
  try {
    let version: number;
    try {
      version = patiently(() => checkedVersion(database, migrations));
    } catch (error) {
      if (!noSideFiles(path, error)) throw error;
      database.close();
      const url = pathToFileURL(resolve(path));
      url.searchParams.set('immutable', '1');
      database = new Database(path, url, true);
      version = checkedVersion(database, migrations);
    }
    if (version === latest(migrations)) {
      database.map();
      return database;
    }
    throw new LmdeckError(
      'tape',
      version === 0
        ? `The tape ${path} is still empty. It is set up by the first recorded call.`
        : `The tape ${path} has the older format ${version}. Open it once for writing to bring it to format ${latest(migrations)}.`,
    );
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * A file in WAL mode in a folder that may not be written (a read-only file system, a mounted image): SQLite cannot make
 * its side files there. When there is no log to be merged nobody is writing, so it can be read as it is.
 */
function noSideFiles(path: string, error: unknown): boolean {
  const code = sqliteCode(error);
  if (code !== 14 && code !== 8) return false;
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  return log === undefined || log.size === 0;
}

/** The format of the file; 0 for an empty one. Refuses what is not a tape, and tapes from the future, before anything is changed. */
function checkedVersion(database: Database, migrations: readonly Migration[]): number {
  // Read first: when another process sets the file up between these reads, its tables must not be seen without its marks.
  const tables = database.number('SELECT count(*) FROM sqlite_schema');
  const version = database.number('PRAGMA user_version') ?? 0;
  const application = database.number('PRAGMA application_id') ?? 0;
  const { path } = database;
  if (application !== APPLICATION_ID) {
    if (version === 0 && application === 0 && tables === 0) return 0;
    throw new LmdeckError('tape', `${path} is an SQLite file, but not a tape of lmdeck. Name another file for the tape.`);
  }
  if (version > latest(migrations)) {
    throw new LmdeckError(
      'tape',
      `The tape ${path} has format ${version}; this lmdeck knows formats up to ${latest(migrations)}. Update lmdeck to read it.`,
    );
  }
  return version;
}

function pageBytes(database: Database): number {
  return database.number('PRAGMA page_size') ?? PAGE_BYTES;
}

function latest(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}
