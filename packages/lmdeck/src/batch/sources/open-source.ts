import { createReadStream, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { JsonObject } from '../../core/index.ts';
import { LmdeckError } from '../../core/index.ts';
import { arrowRows, csvRecords, jsonValues, parquetRows, plainJson, type DatasetFormat } from '../../datasets/index.ts';
import { isPlainDict } from '../../python/index.ts';
import { LineSource } from './line-source.ts';
import { RecordSource, type SourceRecord } from './record-source.ts';
import type { RowSource } from './row-source.ts';
import { sqlRecords } from './sql-records.ts';

/** The formats that rows are read from. `json` is one list. */
export type SourceFormat = 'jsonl' | 'text' | 'csv' | 'json' | 'parquet' | 'arrow' | 'sql';

const BY_ENDING: readonly (readonly [ending: string, format: SourceFormat])[] = [
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.jsonl.gz', 'jsonl'],
  ['.txt', 'text'],
  ['.txt.gz', 'text'],
  ['.csv', 'csv'],
  ['.tsv', 'csv'],
  ['.json', 'json'],
  ['.parquet', 'parquet'],
  ['.arrow', 'arrow'],
  ['.feather', 'arrow'],
  ['.db', 'sql'],
  ['.sqlite', 'sql'],
  ['.sqlite3', 'sql'],
];

export const SOURCE_FORMATS: readonly SourceFormat[] = [...new Set(BY_ENDING.map(([, format]) => format))];

export interface OpenSourceOptions {
  /** Default: as the file's name says. */
  readonly format?: SourceFormat | undefined;
  /** What to ask a SQLite file for. */
  readonly query?: string | undefined;
}

/**
 * The rows of a file.
 * @throws LmdeckError `config` when there is no such file; `usage` when its name does not tell the format, or a database has no query.
 */
export function openSource(file: string, { format, query }: OpenSourceOptions = {}): RowSource {
  const path = resolve(file);
  const name = basename(path);
  switch (format ?? formatOf(path, query)) {
    case 'jsonl':
      return new LineSource(isPipe(path) ? chunksOf(path) : path, 'jsonl', name);
    case 'text':
      return new LineSource(isPipe(path) ? chunksOf(path) : path, 'text', name);
    case 'csv':
      return new RecordSource(isPipe(path) ? { name } : { path }, 'line', () => csv(path));
    case 'json':
      return new RecordSource({ path }, 'row', () => jsonRecords(path));
    case 'parquet':
      return new RecordSource({ path }, 'row', () => docs(parquetRows, path));
    case 'arrow':
      return new RecordSource({ path }, 'row', () => docs(arrowRows, path));
    case 'sql': {
      if (query === undefined)
        throw new LmdeckError('usage', `${file} is a database: say which rows with a query, --sql 'SELECT id, text FROM documents'.`);
      return new RecordSource({ path, beside: `${path}-wal` }, 'row', () => sqlRecords(path, query));
    }
    default:
      throw new LmdeckError('usage', `Rows can be read as ${SOURCE_FORMATS.join(', ')}, not as "${format ?? ''}".`);
  }
}

/** The rows of a list or a generator. */
export function listSource(rows: Iterable<JsonObject | string> | AsyncIterable<JsonObject | string>, name = 'rows'): RowSource {
  return new RecordSource({ name }, 'row', async function* (): AsyncGenerator<SourceRecord, undefined> {
    for await (const content of rows) yield { content };
    return undefined;
  });
}

/** True for what cannot be read twice: a pipe, `/dev/stdin` behind one, `<(command)`. */
function isPipe(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/** Opened when it is read: who opens a pipe takes from it. */
async function* chunksOf(path: string): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of createReadStream(path)) yield Buffer.from(chunk);
  return undefined;
}

function formatOf(path: string, query: string | undefined): SourceFormat {
  if (query !== undefined) return 'sql';
  const name = path.toLowerCase();
  const known = BY_ENDING.find(([ending]) => name.endsWith(ending));
  if (known !== undefined) return known[1];
  const endings = BY_ENDING.map(([ending]) => ending).join(', ');
  throw new LmdeckError('usage', `${path}: its name tells no format (${endings}). Say what it is: --from ${SOURCE_FORMATS.join('|')}.`);
}

async function* csv(path: string): AsyncGenerator<SourceRecord, undefined> {
  for await (const each of csvRecords(path, {}))
    yield 'problem' in each ? { line: each.line, problem: each.problem } : { line: each.line, content: each.record };
  return undefined;
}

/** A row is an object or a text, as in lines and lists. */
async function* jsonRecords(path: string): AsyncGenerator<SourceRecord, undefined> {
  for await (const { value } of jsonValues(path)) {
    if (typeof value === 'string') yield { content: value };
    else yield isPlainDict(value) ? { content: plainJson(value) } : { problem: 'it is JSON, but neither an object nor a text' };
  }
  return undefined;
}

async function* docs(format: DatasetFormat, path: string): AsyncGenerator<SourceRecord, undefined> {
  for await (const doc of format.rows(path, {})) yield { content: plainJson(doc) };
  return undefined;
}
