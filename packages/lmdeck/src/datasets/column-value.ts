import type { PythonValue } from '../python/index.ts';

/** A value as column stores give it (64-bit integers, dates, bytes, typed arrays) as Python's JSON would have it. */
export function columnValue(value: unknown): PythonValue {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      break;
    default:
      return null;
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(columnValue);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return Array.from(numbersOf(value), columnValue);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, columnValue(member)]));
}

function* numbersOf(view: object): Iterable<unknown> {
  for (const each of Object.values(view)) yield each;
}
