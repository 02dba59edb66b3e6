import { isUtf8 } from 'node:buffer';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { LmdeckError } from '../core/index.ts';
import type { DatasetFormatOptions } from './dataset.ts';

/** One record of a CSV file, every cell as text, or what is wrong with it. */
export type CsvRecord =
  | { readonly line: number; readonly record: Readonly<Record<string, string>> }
  | { readonly line: number; readonly problem: string };

/**
 * The records of a CSV or TSV file in one pass. One that has another number of cells than there are names is told with its line, and reading
 * goes on; a quote that is never closed is told too, and is the end.
 * @throws LmdeckError `config` for a file that cannot be read.
 */
export async function* csvRecords(path: string, { delimiter, columnNames }: DatasetFormatOptions): AsyncGenerator<CsvRecord, undefined> {
  const { parse } = await import('csv-parse');
  const parser = parse({
    bom: true,
    delimiter: delimiter ?? (path.endsWith('.tsv') ? '\t' : ','),
    info: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  const file = createReadStream(path);
  file.once('error', (error) => parser.destroy(error));
  let names = columnNames;
  let line = 1;
  let at = 0;
  try {
    for await (const parsed of file.pipe(parser)) {
      const { cells, lines, bytes } = recordOf(parsed);
      const start = line;
      line = lines + 1;
      // What is not UTF-8 was replaced without a word; but a file may also have this character.
      const isText = !cells.some((cell) => cell.includes('\uFFFD')) || isTextBetween(path, at, bytes);
      at = bytes;
      if (names === undefined) {
        if (!isText)
          throw new LmdeckError('config', `${path}: the names of its columns are not UTF-8. Convert it: iconv -f WINDOWS-1252 -t UTF-8`);
        names = distinct(cells, path);
      } else if (!isText) yield { line: start, problem: 'the record is not UTF-8' };
      else if (cells.length === names.length)
        yield { line: start, record: Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''])) };
      else yield { line: start, problem: `${cells.length} cells, and there are ${names.length} columns` };
    }
  } catch (error) {
    const isSyntax = error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');
    if (LmdeckError.isInstance(error)) throw error;
    if (!isSyntax) throw new LmdeckError('config', `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    yield { line, problem: error.message };
  }
  return undefined;
}

/** Of two columns of the same name one would be lost. Those without a name are what spreadsheets leave at the end. */
function distinct(names: readonly string[], path: string): readonly string[] {
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) < i);
  if (twice === undefined) return names;
  throw new LmdeckError('config', `${path}: two columns are named "${twice}". Give each a name of its own.`);
}

function recordOf(value: unknown): { readonly cells: readonly string[]; readonly lines: number; readonly bytes: number } {
  if (typeof value !== 'object' || value === null || !('record' in value) || !('info' in value) || !Array.isArray(value.record))
    throw new TypeError('csv-parse gave something that is no record');
  const { info } = value;
  const [lines, bytes] = typeof info === 'object' && info !== null && 'lines' in info && 'bytes' in info ? [info.lines, info.bytes] : [];
  return { cells: value.record.map(String), lines: Number(lines), bytes: Number(bytes) };
}

/** True for a part of a file that is UTF-8, and for all of one that is UTF-16 by its mark. */
function isTextBetween(path: string, start: number, end: number): boolean {
  const file = openSync(path, 'r');
  try {
    const mark = Buffer.alloc(2);
    readSync(file, mark, 0, mark.length, 0);
    if (mark.equals(UTF16_MARK)) return true;
    const part = Buffer.alloc(end - start);
    return isUtf8(part.subarray(0, readSync(file, part, 0, part.length, start)));
  } finally {
    closeSync(file);
  }
}

const UTF16_MARK = Buffer.from([0xff, 0xfe]);
