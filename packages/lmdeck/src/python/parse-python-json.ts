import { pythonFloat } from './python-float.ts';
import { orderedDict, type PythonValue } from './python-value.ts';

/** What `JSON.parse` would not give as Python has it: a whole float, an integer of many digits, a word that JSON has not. */
const needsCare = /[-\d](?:\.\d|[eE])|\d{16}|NaN|Infinity/;

/** Keys of digits, which a plain object would move to its front. */
const digitKeys = /"\d+"\s*:/;

/** Strings, which are passed over, and the words that Python's JSON has besides. */
const stringsAndWords = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?Infinity|NaN/g;

/** Stands before keys of digits while `JSON.parse` reads the text: a character for private use. */
const MARK = '\uf8ff';

/** What stands for a word while `JSON.parse` reads the text: numbers that nobody writes. */
const stand: Readonly<Record<string, string>> = { NaN: '0e9999', Infinity: '1e9999', '-Infinity': '-1e9999' };

/**
 * Reads JSON as CPython's `json.loads` does: `1.0` stays a float (see `pythonFloat`), large integers keep their digits (`bigint`), `NaN` and
 * `Infinity` are accepted, and dicts keep their order: one with keys such as `"10"` that a plain object would move is a `Map`. Costs no more than `JSON.parse` when nothing of that occurs. What it reads, `pythonJson` writes back.
 *
 * @throws SyntaxError from `JSON.parse` for text that is no JSON.
 *
 * @example
 * ```ts
 * import { parsePythonJson, pythonJson } from 'lmdeck/scoring';
 *
 * console.log(pythonJson(parsePythonJson('{"score": 1.0, "id": 12345678901234567890}'))); // {"score": 1.0, "id": 12345678901234567890}
 * ```
 */
export function parsePythonJson(text: string): PythonValue {
  const hasDigitKeys = digitKeys.test(text);
  if (!hasDigitKeys && !needsCare.test(text)) return JSON.parse(text);
  const readable = text.replaceAll(stringsAndWords, (token: string, colon?: string) =>
    hasDigitKeys && colon !== undefined && (/^"\d/.test(token) || token.startsWith(`"${MARK}`))
      ? `"${MARK}${token.slice(1)}`
      : (stand[token] ?? token),
  );
  return JSON.parse(readable, (...[, value, context]: readonly unknown[]): unknown => {
    if (typeof value === 'number') return numberFrom(value, sourceOf(context));
    return hasDigitKeys && isDict(value) ? unmarked(value) : value;
  });
}

function isDict(value: unknown): value is { readonly [key: string]: PythonValue } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The dict with the keys that it has in the text. */
function unmarked(dict: { readonly [key: string]: PythonValue }): PythonValue {
  const entries = Object.entries(dict);
  if (!entries.some(([name]) => name.startsWith(MARK))) return dict;
  return orderedDict(entries.map(([name, value]) => [name.startsWith(MARK) ? name.slice(MARK.length) : name, value]));
}

function numberFrom(value: number, source: string): PythonValue {
  if (source === stand['NaN']) return Number.NaN;
  if (!/[.eE]/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
  return Number.isInteger(value) ? pythonFloat(value) : value;
}

/** The text that a value was read from, which `JSON.parse` passes to its reviver. */
function sourceOf(context: unknown): string {
  return typeof context === 'object' && context !== null && 'source' in context && typeof context.source === 'string' ? context.source : '';
}
