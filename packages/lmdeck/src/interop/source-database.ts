import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unreadable } from './source-error.ts';

/** A row of a foreign table by column name; whole numbers beyond 2^53 are bigints. */
export type SourceRow = Readonly<Record<string, null | number | bigint | string | Uint8Array>>;

/** A foreign SQLite file. */
export interface SourceDatabase {
  /** `PRAGMA application_id`. */
  readonly applicationId: number;
  /** The columns of each table. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  count(table: string): number;
  rows(sql: string): IterableIterator<SourceRow>;
}

export interface OpenedDatabase extends SourceDatabase {
  close(): void;
}

/**
 * Opens a foreign SQLite file to be read only.
 *
 * @param path how it was named, for messages.
 * @throws LmdeckError `config`
 */
export function openSourceDatabase(file: string, path: string): OpenedDatabase {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    return describe(connection);
  } catch (error) {
    connection?.close();
    try {
      // A file in WAL mode in a folder that may not be written.
      const url = pathToFileURL(resolve(file));
      url.searchParams.set('immutable', '1');
      connection = new DatabaseSync(url, { readOnly: true });
      return describe(connection);
    } catch {
      connection?.close();
      throw unreadable(path, error);
    }
  }
}

function describe(connection: DatabaseSync): OpenedDatabase {
  const names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const columns = connection.prepare('SELECT name FROM pragma_table_info(?)');
  const tables = new Map(names.map(({ name }) => [String(name), columns.all(name ?? '').map((column) => String(column['name']))] as const));
  return {
    applicationId: Number(connection.prepare('PRAGMA application_id').get()?.['application_id'] ?? 0),
    tables,
    count: (table) => Number(connection.prepare(`SELECT count(*) AS n FROM "${table.replaceAll('"', '""')}"`).get()?.['n'] ?? 0),
    rows: (sql) => {
      const statement = connection.prepare(sql);
      statement.setReadBigInts(true);
      return small(statement.iterate());
    },
    close: () => connection.close(),
  };
}

/** SQLite's numbers as JavaScript's, where they fit. */
function* small(rows: Iterable<Record<string, SQLOutputValue>>): Generator<SourceRow, undefined> {
  for (const row of rows) {
    for (const name in row) {
      const value = row[name];
      if (typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) row[name] = Number(value);
    }
    yield row;
  }
  return undefined;
}
