import type { JsonObject, JsonValue } from '../core/index.ts';
import { isPlainDict, PythonFloat, type PythonValue } from '../python/index.ts';
import type { Doc } from './dataset.ts';

/** A row as JSON has it: floats are numbers, and a whole number that JavaScript cannot hold is its digits as text. */
export function plainJson(doc: Doc): JsonObject {
  return Object.fromEntries(Object.entries(doc).map(([name, value]) => [name, plain(value)]));
}

function plain(value: PythonValue): JsonValue {
  if (value instanceof PythonFloat) return value.value;
  if (typeof value === 'bigint') return String(value);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, member]) => [String(key), plain(member)]));
  return isPlainDict(value) ? plainJson(value) : null;
}
