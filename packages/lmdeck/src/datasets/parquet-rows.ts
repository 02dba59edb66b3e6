import type { SchemaTree } from 'hyparquet';
import { LmdeckError } from '../core/index.ts';
import { isPlainDict, orderedDict, pythonFloat, type PythonValue } from '../python/index.ts';
import { columnValue } from './column-value.ts';
import type { DatasetFormat, Doc } from './dataset.ts';

/** Parquet, one row group in memory at a time. */
export const parquetRows: DatasetFormat = { name: 'parquet', extensions: ['.parquet'], rows };

async function* rows(path: string): AsyncIterable<Doc> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { brotliDecompressSync, gunzipSync, zstdDecompressSync } = process.getBuiltinModule('node:zlib');
  const compressors = {
    GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
    BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
    ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)),
  };
  try {
    const file = await asyncBufferFromFile(path);
    // The mark at the beginning, the length of the footer, the mark at the end.
    if (file.byteLength < 12) throw new Error('the file is too short to be Parquet');
    const metadata = await parquetMetadataAsync(file);
    const columns = new Map(parquetSchema(metadata).children.map((child) => [child.element.name, child]));
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      for (const row of await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors })) {
        const doc: Record<string, PythonValue> = {};
        for (const name in row) doc[name] = typed(columnValue(row[name]), columns.get(name));
        yield doc;
      }
      rowStart = rowEnd;
    }
  } catch (error) {
    throw new LmdeckError('config', `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Marks the floats of a column: the reader gives 1 for 1.0. */
function typed(value: PythonValue, column: SchemaTree | undefined): PythonValue {
  if (column === undefined || value === null || value === undefined) return value;
  if (typeof value === 'number')
    return (column.element.type === 'DOUBLE' || column.element.type === 'FLOAT') && Number.isInteger(value) ? pythonFloat(value) : value;
  if (Array.isArray(value)) {
    const item = itemOf(column);
    return value.map((each: PythonValue) => typed(each, item));
  }
  if (!isPlainDict(value)) return value;
  const members = new Map(column.children.map((child) => [child.element.name, child]));
  // In the order of the table's head, which the reader's objects do not keep where names are digits.
  const known = [...members]
    .filter(([name]) => Object.hasOwn(value, name))
    .map(([name, child]): [string, PythonValue] => [name, typed(value[name], child)]);
  return orderedDict([...known, ...Object.entries(value).filter(([name]) => !members.has(name))]);
}

/** The column of a list's items: below `list.element`, or the repeated column itself. */
function itemOf(column: SchemaTree): SchemaTree | undefined {
  if (column.element.repetition_type === 'REPEATED') return column;
  const repeated = column.children[0];
  return repeated?.element.type === undefined && repeated?.children.length === 1 ? repeated.children[0] : repeated;
}
