import type { PythonValue } from '../python/python-value.ts';

/** True for a dict that is a plain object, as rows and their members are. */
export function isDict(value: PythonValue): value is { readonly [key: string]: PythonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}
