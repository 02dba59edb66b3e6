import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { isJsonObject, LmdeckError, type JsonValue } from '../../core/index.ts';
import { readLines } from '../../datasets/index.ts';
import { behindLinks } from './behind-links.ts';
import { partOf } from './part-of.ts';

/** What a table can be written as. */
export type TableFormat = 'csv' | 'parquet';
export type OutputFormat = 'jsonl' | 'openai-batch' | TableFormat;

export const OUTPUT_FORMATS: readonly OutputFormat[] = ['jsonl', 'openai-batch', 'csv', 'parquet'];

type Kind = 'BOOLEAN' | 'INT64' | 'DOUBLE' | 'STRING' | 'JSON';
/** What every row has. */
const NO_ROWS = [
  ['id', 'STRING'],
  ['index', 'INT64'],
  ['status', 'STRING'],
] as const;
type Row = Readonly<Record<string, JsonValue>>;

/**
 * Writes the lines of an output as a table: what is nested becomes columns (`usage`, `error`) or JSON text. A column has whole numbers,
 * numbers, truth values or texts when all of its values are such; so the lines are read twice. The table takes its name when it is whole.
 * @throws LmdeckError `config` when it cannot be written.
 */
export async function convertRows(lines: string, output: string, format: TableFormat): Promise<void> {
  const target = behindLinks(output);
  const part = partOf(target);
  try {
    const kinds = new Map<string, Kind | undefined>();
    for await (const row of rowsOf(lines)) {
      for (const [name, value] of Object.entries(row))
        kinds.set(name, value === null ? kinds.get(name) : wider(kinds.get(name), kindOf(value)));
    }
    // A table has columns, also without rows.
    if (kinds.size === 0) for (const [name, kind] of NO_ROWS) kinds.set(name, kind);
    await (format === 'csv' ? writeCsv(lines, part, [...kinds.keys()]) : writeParquet(lines, part, kinds));
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    if (LmdeckError.isInstance(error)) throw error;
    throw new LmdeckError('config', `Cannot write ${target}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function* rowsOf(path: string): AsyncGenerator<Row, undefined> {
  for await (const { text } of readLines(path)) {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) continue;
    const row: Record<string, JsonValue> = {};
    for (const [name, cell] of Object.entries(value)) {
      if (cell === undefined) continue;
      if (name === 'usage' && isJsonObject(cell)) {
        for (const [count, tokens] of Object.entries(cell)) row[count] = tokens ?? null;
      } else if (name === 'error' && isJsonObject(cell)) {
        row['error_code'] = cell['code'] ?? null;
        row['error_message'] = cell['message'] ?? null;
      } else row[name] = cell;
    }
    yield row;
  }
  return undefined;
}

function kindOf(value: Exclude<JsonValue, null>): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'BOOLEAN';
    case 'number':
      return Number.isSafeInteger(value) ? 'INT64' : 'DOUBLE';
    case 'string':
      return 'STRING';
    default:
      return 'JSON';
  }
}

function wider(a: Kind | undefined, b: Kind): Kind {
  if (a === undefined || a === b) return b;
  const numbers = (a === 'INT64' || a === 'DOUBLE') && (b === 'INT64' || b === 'DOUBLE');
  return numbers ? 'DOUBLE' : 'JSON';
}

async function writeCsv(lines: string, path: string, names: readonly string[]): Promise<void> {
  const file = createWriteStream(path);
  const failed = new Promise<never>((_resolve, reject) => file.once('error', reject));
  const write = async (cells: readonly string[]): Promise<void> => {
    if (!file.write(`${cells.map(quoted).join(',')}\r\n`)) await once(file, 'drain');
  };
  const written = async (): Promise<void> => {
    await write(names);
    for await (const row of rowsOf(lines)) await write(names.map((name) => cellText(row[name])));
    file.end();
    await once(file, 'finish');
  };
  await Promise.race([written(), failed]);
}

function cellText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

async function writeParquet(lines: string, path: string, kinds: ReadonlyMap<string, Kind | undefined>): Promise<void> {
  const { fileWriter, parquetWriteRows } = await import('hyparquet-writer');
  const columns = Array.from(kinds, ([name, kind]) => ({
    name,
    type: kind === undefined || kind === 'JSON' ? ('STRING' as const) : kind,
    nullable: true,
  }));
  await parquetWriteRows({ writer: fileWriter(path), columns, rows: parquetRows(lines, kinds) });
}

async function* parquetRows(
  lines: string,
  kinds: ReadonlyMap<string, Kind | undefined>,
): AsyncGenerator<Record<string, unknown>, undefined> {
  for await (const row of rowsOf(lines)) {
    const cells: Record<string, unknown> = {};
    for (const [name, kind] of kinds) cells[name] = parquetCell(row[name], kind);
    yield cells;
  }
  return undefined;
}

function parquetCell(value: JsonValue | undefined, kind: Kind | undefined): unknown {
  if (value === undefined || value === null) return null;
  if (kind === 'INT64' && typeof value === 'number') return BigInt(value);
  return kind === 'JSON' && typeof value !== 'string' ? JSON.stringify(value) : value;
}
