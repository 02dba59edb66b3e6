import { readFile } from 'node:fs/promises';
import { LmdeckError } from '../core/index.ts';
import { dictEntries, isPlainDict, isPythonList, parsePythonJson, pythonStr, type PythonValue } from '../python/index.ts';
import type { DatasetFormat, Doc } from './dataset.ts';
import { readLines } from './read-lines.ts';

/** JSON lines, one JSON array, or one object that holds the rows in a member (`field`). */
export const jsonRows: DatasetFormat = {
  name: 'json',
  extensions: ['.jsonl', '.json', '.ndjson', '.jsonl.gz', '.json.gz'],
  async *rows(path, { field }) {
    for await (const { value, place } of jsonValues(path, field)) yield docOf(value, place);
  },
};

/** One of the values that a file holds, and where it stands. */
interface PlacedValue {
  readonly value: PythonValue;
  readonly place: string;
}

/**
 * What a file of JSON lines, of one array, or of one object with the rows in a member (`field`) holds, whatever that is.
 * @throws LmdeckError `config` for what is no JSON.
 */
export async function* jsonValues(path: string, field?: string): AsyncGenerator<PlacedValue, undefined> {
  let first = true;
  for await (const { text, number } of readLines(path)) {
    if (text.trim() === '') continue;
    const place = `${path}:${number}`;
    // A file that is not one object per line shows it in its first line.
    if (first && (field !== undefined || text.trimStart().startsWith('[') || !isObjectText(text))) return yield* whole(path, field);
    first = false;
    yield { value: parse(text, place), place };
  }
  return undefined;
}

async function* whole(path: string, field: string | undefined): AsyncGenerator<PlacedValue, undefined> {
  if (path.endsWith('.gz')) throw new LmdeckError('config', `${path}: a compressed file must have one JSON object per line.`);
  const value = parse(new TextDecoder().decode(await readFile(path)), path);
  const list = field === undefined ? value : docOf(value, path)[field];
  if (isPythonList(list)) {
    for (const [i, row] of list.entries()) yield { value: row, place: `${path}, row ${i}` };
  } else if (field === undefined) yield { value, place: path };
  else throw new LmdeckError('config', `${path}: there is no list "${field}".`);
  return undefined;
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object';
  } catch {
    // Python's NaN and Infinity are no JSON, yet on one line of a complete object.
    return /^\s*\{.*\}\s*$/.test(text);
  }
}

function parse(text: string, place: string): PythonValue {
  try {
    return parsePythonJson(text);
  } catch (error) {
    throw new LmdeckError('config', `${place}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function docOf(value: PythonValue, place: string): Doc {
  if (isPlainDict(value)) return value;
  // Columns have names, and are not gone through: their order has no meaning.
  if (value instanceof Map) return Object.fromEntries(dictEntries(value).map(([name, column]) => [pythonStr(name), column]));
  throw new LmdeckError('config', `${place}: a row must be a JSON object.`);
}
