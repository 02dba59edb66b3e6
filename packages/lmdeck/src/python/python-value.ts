import type { PythonFloat } from './python-float.ts';

/**
 * A value as a Python program would hold it after reading JSON or YAML. Plain JSON values are Python values; a float that happens to be
 * whole is marked with `pythonFloat`, an integer beyond 2^53 is a `bigint`, and a `Map` is a dict whose keys keep their order whatever they
 * look like (a plain object moves keys like `"1"` to the front).
 */
export type PythonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | PythonFloat
  | readonly PythonValue[]
  | ReadonlyMap<PythonValue, PythonValue>
  | { readonly [key: string]: PythonValue };

/** The entries of a dict in order; keys of a plain object whose value is `undefined` count as absent. */
export function dictEntries(
  dict: ReadonlyMap<PythonValue, PythonValue> | { readonly [key: string]: PythonValue },
): readonly (readonly [PythonValue, PythonValue])[] {
  return dict instanceof Map ? [...dict] : Object.entries(dict).filter(([, value]) => value !== undefined);
}

/** A dict with these entries in their order: a plain object where it keeps them so, else a `Map`. */
export function orderedDict(entries: readonly (readonly [string, PythonValue])[]): PythonValue {
  const dict = Object.fromEntries(entries);
  if (!entries.some(([name]) => /^\d+$/.test(name))) return dict;
  const names = Object.keys(dict);
  const isKept = [...new Set(entries.map(([name]) => name))].every((name, i) => name === names[i]);
  return isKept ? dict : new Map(entries);
}

/** `Array.isArray`, which does not narrow read-only arrays. */
export function isPythonList(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value);
}

/** True for a dict that is a plain object, as rows of data and their members are. */
export function isPlainDict(value: PythonValue): value is { readonly [key: string]: PythonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}

/** A Python tuple: a list that is written with parentheses. What its methods make of it (`map`, `slice`) is an ordinary list. */
export class PythonTuple<T = PythonValue> extends Array<T> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  constructor(items: Iterable<T>) {
    super();
    for (const item of items) this.push(item);
  }
}
