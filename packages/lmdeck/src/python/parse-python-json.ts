import { pythonFloat } from './python-float.ts';
import type { PythonValue } from './python-value.ts';

/** What `JSON.parse` would not give as Python has it: a whole float, an integer of many digits, a word that JSON has not. */
const needsCare = /[-\d](?:\.\d|[eE])|\d{16}|NaN|Infinity/;

/** Strings, which are passed over, and the words that Python's JSON has besides. */
const stringsAndWords = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

/** What stands for a word while `JSON.parse` reads the text: numbers that nobody writes. */
const stand: Readonly<Record<string, string>> = { NaN: '0e9999', Infinity: '1e9999', '-Infinity': '-1e9999' };

/**
 * Reads JSON as CPython's `json.loads` does: `1.0` stays a float (see `pythonFloat`), large integers keep their digits (`bigint`), `NaN` and
 * `Infinity` are accepted. Costs no more than `JSON.parse` when nothing of that occurs. What it reads, `pythonJson` writes back.
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
  if (!needsCare.test(text)) return JSON.parse(text);
  const readable = text.replaceAll(stringsAndWords, (token) => stand[token] ?? token);
  return JSON.parse(readable, (...[, value, context]: readonly unknown[]): unknown =>
    typeof value === 'number' ? numberFrom(value, sourceOf(context)) : value,
  );
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
