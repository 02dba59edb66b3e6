import { floatRepr, intRepr, isPythonInt, PythonFloat } from './python-float.ts';
import { dictEntries, isPythonList, PythonTuple, type PythonValue } from './python-value.ts';

/**
 * CPython's `str(value)`: a string is itself, everything else is its `repr`.
 *
 * @example
 * ```ts
 * import { pythonStr } from 'lmdeck/scoring';
 *
 * console.log(pythonStr(['it’s', 1.5, null, true])); // ['it’s', 1.5, None, True]
 * ```
 */
export function pythonStr(value: PythonValue): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** CPython's `repr(value)`. */
export function pythonRepr(value: PythonValue): string {
  switch (typeof value) {
    case 'string':
      return stringRepr(value);
    case 'number':
      return isPythonInt(value) ? intRepr(value) : floatRepr(value);
    case 'bigint':
      return intRepr(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'undefined':
      return 'None';
    default:
      return value === null ? 'None' : containerRepr(value);
  }
}

function containerRepr(value: Extract<PythonValue, object>): string {
  if (value instanceof PythonFloat) return floatRepr(value.value);
  if (isPythonList(value)) {
    const items = value.map((item) => pythonRepr(item));
    if (!(value instanceof PythonTuple)) return `[${items.join(', ')}]`;
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
  }
  return `{${dictEntries(value)
    .map(([key, member]) => `${pythonRepr(key)}: ${pythonRepr(member)}`)
    .join(', ')}}`;
}

/** CPython's `repr` of a string. */
export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // What Python does not print as it is: controls, format characters, surrogates, private use, unassigned, and all blanks but the space.
  return quote + text.replaceAll(/[\\'"]|[\p{C}\p{Z}]/gu, (character) => escape(character, quote)) + quote;
}

const shortEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escape(character: string, quote: string): string {
  if (character === ' ') return ' ';
  if (character === '"' || character === "'") return character === quote ? `\\${character}` : character;
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const point = character.codePointAt(0) ?? 0;
  const digits = point.toString(16);
  if (point < 0x100) return `\\x${digits.padStart(2, '0')}`;
  return point < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
