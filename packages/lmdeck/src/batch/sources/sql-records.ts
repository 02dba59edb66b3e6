import type { JsonValue } from '../../core/index.ts';
import { LmdeckError } from '../../core/index.ts';
import type { SourceRecord } from './record-source.ts';

/** How many rows are read before others get their turn. */
const TURN = 256;

/**
 * The rows of a query. The database is opened to be read only.
 * @throws LmdeckError `config` for what is no database, `usage` for a query that it does not understand.
 */
export async function* sqlRecords(path: string, query: string): AsyncGenerator<SourceRecord, undefined> {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = guarded('config', `Cannot read ${path}`, () => new DatabaseSync(path, { readOnly: true, readBigInts: true }));
  try {
    const statement = guarded('usage', `${path}: the query failed`, () => database.prepare(query));
    const names = statement.columns().map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined)
      throw new LmdeckError('usage', `${path}: the query has two columns "${twice}". Give each a name of its own: SELECT a.${twice} AS …`);
    const rows = guarded('usage', `${path}: the query failed`, () => statement.iterate());
    for (let count = 1; ; count++) {
      const next = guarded('config', `${path}: the query failed`, () => rows.next());
      if (next.done === true) return undefined;
      yield { content: Object.fromEntries(Object.entries(next.value).map(([name, value]) => [name, jsonOf(value)])) };
      if (count % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    database.close();
  }
}

function jsonOf(value: null | number | bigint | string | Uint8Array): JsonValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

function guarded<T>(code: 'config' | 'usage', what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new LmdeckError(code, `${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
