import { readFile } from 'node:fs/promises';
import { LmdeckError } from '../core/index.ts';
import { isPlainDict, orderedDict, pythonFloat, type PythonValue } from '../python/index.ts';
import { columnValue } from './column-value.ts';
import type { DatasetFormat, Doc } from './dataset.ts';

/** Arrow IPC, stream or file: what the `datasets` library keeps on disk. The whole file is in memory while it is read. */
export const arrowRows: DatasetFormat = { name: 'arrow', extensions: ['.arrow', '.feather'], rows };

/** The number of the floating point types in Arrow's format. */
const FLOAT = 3;

interface ArrowType {
  readonly typeId: number;
  readonly children?: readonly { readonly name: string; readonly type: ArrowType }[];
}

async function* rows(path: string): AsyncIterable<Doc> {
  const { tableFromIPC } = await import('@uwdata/flechette');
  try {
    const table = tableFromIPC(await readFile(path), { useProxy: false });
    const types = new Map<string, ArrowType>(table.schema.fields.map((field) => [field.name, field.type]));
    for (const row of table) {
      const doc: Record<string, PythonValue> = {};
      for (const [name, value] of Object.entries(row)) doc[name] = typed(columnValue(value), types.get(name));
      yield doc;
    }
  } catch (error) {
    throw new LmdeckError('config', `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Marks the floats of a column: the reader gives 1 for 1.0. */
function typed(value: PythonValue, type: ArrowType | undefined): PythonValue {
  if (type === undefined || value === null || value === undefined) return value;
  if (typeof value === 'number') return type.typeId === FLOAT && Number.isInteger(value) ? pythonFloat(value) : value;
  if (Array.isArray(value)) return value.map((each: PythonValue) => typed(each, type.children?.[0]?.type));
  if (!isPlainDict(value)) return value;
  const members = new Map(type.children?.map((child) => [child.name, child.type]));
  // In the order of the table's head, which the reader's objects do not keep where names are digits.
  const known = [...members]
    .filter(([name]) => Object.hasOwn(value, name))
    .map(([name, child]): [string, PythonValue] => [name, typed(value[name], child)]);
  return orderedDict([...known, ...Object.entries(value).filter(([name]) => !members.has(name))]);
}
