import { floatRepr, intRepr, isPythonInt, PythonFloat } from './python-float.ts';
import { dictEntries, isPythonList, type PythonValue } from './python-value.ts';

/** How `json.dumps` writes. */
export interface PythonJsonOptions {
  /** Spaces per level; one line when absent. */
  readonly indent?: number | undefined;
  /** Writes everything outside ASCII as `\uXXXX`. Default: true, as in Python. */
  readonly ensureAscii?: boolean | undefined;
  /** Between items, and between key and value. Default: `[', ', ': ']`, with an indent `[',', ': ']`. */
  readonly separators?: readonly [item: string, key: string] | undefined;
  readonly sortKeys?: boolean | undefined;
}

/**
 * The text that CPython's `json.dumps` gives, byte for byte: separators, escapes, the shortest float digits (`1e-05`), `NaN` and
 * `Infinity`. What is hashed in evaluation harnesses is this text.
 *
 * @example
 * ```ts
 * import { pythonFloat, pythonJson } from 'lmdeck/scoring';
 *
 * console.log(pythonJson(['é', { temperature: pythonFloat(0), top_p: 1e-5 }])); // ["\u00e9", {"temperature": 0.0, "top_p": 1e-05}]
 * ```
 */
export function pythonJson(value: PythonValue, options: PythonJsonOptions = {}): string {
  const { indent, ensureAscii = true, sortKeys = false } = options;
  const [item, key] = options.separators ?? [indent === undefined ? ', ' : ',', ': '];
  return write(value, { indent, ensureAscii, sortKeys, item, key }, '\n');
}

interface Style {
  readonly indent: number | undefined;
  readonly ensureAscii: boolean;
  readonly sortKeys: boolean;
  readonly item: string;
  readonly key: string;
}

/** `newline` is the line break with the indent of the level that the value stands on. */
function write(value: PythonValue, style: Style, newline: string): string {
  if (typeof value === 'string') return jsonString(value, style.ensureAscii);
  const scalar = jsonScalar(value);
  if (scalar !== undefined) return scalar;
  if (typeof value !== 'object' || value === null) return 'null';
  const inner = style.indent === undefined ? '' : newline + ' '.repeat(style.indent);
  const outer = style.indent === undefined ? '' : newline;
  const nested = style.indent === undefined ? newline : inner;
  if (isPythonList(value)) {
    if (value.length === 0) return '[]';
    let text = '[';
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : style.item) + inner + write(value[i], style, nested);
    return `${text}${outer}]`;
  }
  if (value instanceof PythonFloat) return jsonFloat(value.value);
  const entries = dictEntries(value).map(([name, member]): readonly [string, PythonValue] => [dictKey(name), member]);
  if (entries.length === 0) return '{}';
  if (style.sortKeys) entries.sort(([a], [b]) => compareCodePoints(a, b));
  let text = '{';
  let first = true;
  for (const [name, member] of entries) {
    text += (first ? '' : style.item) + inner + jsonString(name, style.ensureAscii) + style.key + write(member, style, nested);
    first = false;
  }
  return `${text}${outer}}`;
}

/** The text of what is neither a string nor a container, or `undefined`. */
function jsonScalar(value: PythonValue): string | undefined {
  switch (typeof value) {
    case 'number':
      return isPythonInt(value) ? intRepr(value) : jsonFloat(value);
    case 'bigint':
      return intRepr(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'null';
    default:
      return value === null ? 'null' : undefined;
  }
}

/** A float as `json.dumps` writes it. */
export function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatRepr(value);
}

/** `json.dumps` turns keys that are no strings into the text of their value. */
function dictKey(key: PythonValue): string {
  if (typeof key === 'string') return key;
  if (key instanceof PythonFloat) return jsonFloat(key.value);
  const text = jsonScalar(key);
  if (text === undefined) throw new TypeError('pythonJson: a dict key must be a string, a number, a boolean or null, as in Python');
  return text;
}

/** A string as `json.dumps` writes it. */
export function jsonString(text: string, ensureAscii: boolean): string {
  // JSON.stringify escapes the same characters in the same way, lone surrogates included; DEL and all above it are Python's own choice.
  const json = JSON.stringify(text);
  return ensureAscii ? json.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`) : json;
}

/** Python compares strings by code point, JavaScript by UTF-16 unit: they differ where surrogates meet U+E000 and above. */
export function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
