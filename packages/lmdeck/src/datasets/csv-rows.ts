import { LmdeckError } from '../core/index.ts';
import { pythonFloat, type PythonValue } from '../python/index.ts';
import { csvRecords } from './csv-records.ts';
import type { DatasetFormat, DatasetFormatOptions, Doc } from './dataset.ts';

/**
 * CSV and TSV with a line of names. As the usual loaders do, a column is read as whole numbers, as floats, or as booleans when every value of
 * it is one, else as text; an empty cell is `null`. For that the file is read twice.
 */
export const csvRows: DatasetFormat = { name: 'csv', extensions: ['.csv', '.tsv'], rows };

type Kind = 'int' | 'float' | 'bool' | 'text';
/** What pandas takes for a missing value. */
const MISSING = new Set([
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
]);

async function* rows(path: string, options: DatasetFormatOptions): AsyncIterable<Doc> {
  const kinds = new Map<string, Kind>();
  const gaps = new Set<string>();
  for await (const record of records(path, options)) {
    for (const [name, cell] of Object.entries(record)) {
      if (MISSING.has(cell)) gaps.add(name);
      else kinds.set(name, wider(kinds.get(name), kindOf(cell)));
    }
  }
  for await (const record of records(path, options)) {
    const doc: Record<string, PythonValue> = {};
    for (const [name, cell] of Object.entries(record)) doc[name] = valueOf(cell, kinds.get(name) ?? 'text', gaps.has(name));
    yield doc;
  }
}

async function* records(path: string, options: DatasetFormatOptions): AsyncIterable<Readonly<Record<string, string>>> {
  for await (const each of csvRecords(path, options)) {
    if ('problem' in each) throw new LmdeckError('config', `${path}:${each.line}: ${each.problem}`);
    yield each.record;
  }
}

function kindOf(cell: string): Kind {
  if (/^[+-]?\d{1,15}$/.test(cell)) return 'int';
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(cell)) return 'float';
  return /^(?:True|False|TRUE|FALSE|true|false)$/.test(cell) ? 'bool' : 'text';
}

function wider(a: Kind | undefined, b: Kind): Kind {
  if (a === undefined || a === b) return b;
  return a !== 'text' && b !== 'text' && a !== 'bool' && b !== 'bool' ? 'float' : 'text';
}

function valueOf(cell: string, kind: Kind, hasGaps: boolean): PythonValue {
  if (MISSING.has(cell)) return null;
  if (kind === 'text') return cell;
  if (kind === 'bool') return cell.toLowerCase() === 'true';
  const number = Number(cell);
  // A column of whole numbers with gaps is one of floats in pandas.
  return Number.isInteger(number) && (kind === 'float' || hasGaps) ? pythonFloat(number) : number;
}
