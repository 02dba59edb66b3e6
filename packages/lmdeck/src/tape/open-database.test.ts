import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LmdeckError } from '../core/index.ts';
import { openTape } from './index.ts';
import { MIGRATIONS } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import { put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

const { DatabaseSync } = process.getBuiltinModule('node:sqlite');

function failure(work: () => unknown): LmdeckError {
  try {
    work();
  } catch (error) {
    if (LmdeckError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('a new file is made with its folders, for its owner alone', async () => {
  const path = join(temporaryFolder(), 'a/b/tape.db');
  await using tape = openTape(path);
  put(tape, 'hi', 'ho');
  await tape.flush();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
});

test('opening again changes nothing', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const tape = openTape(path);
  put(tape, 'hi', 'ho');
  await tape.close();
  const before = readFileSync(path);
  await openTape(path).close();
  await openTape(path, { readOnly: true }).close();
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a file of a newer format is refused and left as it is', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await openTape(path).close();
  const newer = new DatabaseSync(path);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  const before = readFileSync(path);
  const error = failure(() => openTape(path));
  expect(error.code).toBe('tape');
  expect(error.message).toBe(`The tape ${path} has format 99; this lmdeck knows formats up to 2. Update lmdeck to read it.`);
  expect(failure(() => openTape(path, { readOnly: true })).message).toBe(error.message);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('what is not a tape is refused and left as it is', async () => {
  const folder = temporaryFolder();
  const textFile = join(folder, 'notes.txt');
  writeFileSync(textFile, 'Dear diary, '.repeat(500));
  const error = failure(() => openTape(textFile));
  expect(error.code).toBe('tape');
  expect(error.message).toContain(`Cannot open the tape ${textFile}: it is not an SQLite file.`);

  const other = join(folder, 'other.db');
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE t (x)');
  database.close();
  const before = readFileSync(other);
  expect(failure(() => openTape(other)).message).toBe(
    `${other} is an SQLite file, but not a tape of lmdeck. Name another file for the tape.`,
  );
  expect(readFileSync(other).equals(before)).toBe(true);

  expect(failure(() => openTape(folder)).message).toContain('it cannot be opened');
});

test('reading a tape that is not there says so and makes none', () => {
  const path = join(temporaryFolder(), 'none.db');
  expect(failure(() => openTape(path, { readOnly: true })).message).toContain(`There is no tape ${path}`);
  expect(existsSync(path)).toBe(false);
});

test('a reader sees what another connection writes, and writes nothing itself', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using writer = openTape(path);
  put(writer, 'one', '1');
  await writer.flush();
  await using reader = openTape(path, { readOnly: true });
  expect(reader.count()).toBe(1);
  put(writer, 'two', '2');
  await writer.flush();
  expect(reader.count()).toBe(2);
  put(reader, 'three', '3');
  await reader.flush();
  expect(reader.count()).toBe(2);
  expect(writer.count()).toBe(2);
});

test('a tape on a read-only file system can be read', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'tape.db');
  const tape = openTape(path);
  put(tape, 'hi', 'ho');
  await tape.close();
  const locked = join(folder, 'locked');
  mkdirSync(locked);
  copyFileSync(path, join(locked, 'tape.db'));
  // Root may write anywhere, so a folder that SQLite cannot put its side files into has to be made of other stuff.
  mkdirSync(join(locked, 'tape.db-shm'));
  chmodSync(locked, 0o500);
  try {
    await using reader = openTape(join(locked, 'tape.db'), { readOnly: true });
    expect(reader.calls().map((call) => call.status)).toEqual(['ok']);
  } finally {
    chmodSync(locked, 0o700);
  }
});

test('migrations are applied once each, in order, and those of an older file are caught up', () => {
  const path = join(temporaryFolder(), 'tape.db');
  const first = MIGRATIONS.slice(0, 1);
  openDatabase(path, { migrations: first }).close();
  const more = [...first, { version: 2, name: 'notes', sql: 'CREATE TABLE notes (x); INSERT INTO notes VALUES (1)' }];
  for (let i = 0; i < 3; i++) {
    const database = openDatabase(path, { migrations: more });
    expect(database.all('SELECT version, name FROM migrations ORDER BY version').map((row) => [row.version, row.name])).toEqual([
      [1, 'calls, messages and search'],
      [2, 'notes'],
    ]);
    expect(database.number('SELECT count(*) FROM notes')).toBe(1);
    database.close();
  }
  const error = failure(() => openDatabase(path, { migrations: first }));
  expect(error.message).toContain('has format 2; this lmdeck knows formats up to 1');
});

test('keys that a file of format 1 gathered are in the log afterwards', () => {
  const path = join(temporaryFolder(), 'tape.db');
  const older = openDatabase(path, { migrations: MIGRATIONS.slice(0, 1) });
  older.exec('INSERT INTO key_buffer VALUES (5, 7), (3, 9); INSERT INTO key_index VALUES (4, 8)');
  older.close();
  const database = openDatabase(path);
  expect(database.all('SELECT key, ref FROM key_log ORDER BY id').map((row) => [row.key, row.ref])).toEqual([
    [3, 9],
    [5, 7],
  ]);
  expect(database.all('SELECT key, ref FROM key_index').map((row) => [row.key, row.ref])).toEqual([[4, 8]]);
  expect(database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'key_buffer'")).toBe(0);
  database.close();
});

test('a migration that fails leaves the file as it was', () => {
  const path = join(temporaryFolder(), 'tape.db');
  openDatabase(path).close();
  const broken = [...MIGRATIONS, { version: 3, name: 'broken', sql: 'CREATE TABLE notes (x); CREATE TABLE notes (x)' }];
  expect(failure(() => openDatabase(path, { migrations: broken })).message).toContain('table notes already exists');
  const database = openDatabase(path);
  expect(database.number('PRAGMA user_version')).toBe(MIGRATIONS.length);
  expect(database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'notes'")).toBe(0);
  database.close();
});

test('an older file is not upgraded by a reader', () => {
  const path = join(temporaryFolder(), 'tape.db');
  openDatabase(path).close();
  const migrations = [...MIGRATIONS, { version: 3, name: 'notes', sql: 'CREATE TABLE notes (x)' }];
  expect(failure(() => openDatabase(path, { readOnly: true, migrations })).message).toContain(
    'has the older format 2. Open it once for writing',
  );
});
