import { isJsonObject, type JsonValue } from 'lmdeck/core';

const YEAR = '[0-9]{4}';
const LEAP_YEAR = '([0-9]{2} ("0" [48] | [2468] [048] | [13579] [26]) | ([02468] [048] | [13579] [26]) "00")';
const LONG_MONTH = '("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])';
const SHORT_MONTH = '("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30")';
const FEBRUARY = '"02-" ("0" [1-9] | "1" [0-9] | "2" [0-8])';
/** Every day that there is: 29 February in leap years only. */
const DATE = `(${YEAR} "-" (${LONG_MONTH} | ${SHORT_MONTH} | ${FEBRUARY}) | ${LEAP_YEAR} "-02-29")`;
const TIME =
  '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? ("Z" | [+-] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])';

/** Strings whose `format` a grammar can hold. */
export const FORMATS: Readonly<Record<string, string>> = {
  date: `"\\"" ${DATE} "\\""`,
  time: `"\\"" ${TIME} "\\""`,
  'date-time': `"\\"" ${DATE} "T" ${TIME} "\\""`,
  uuid: '"\\"" [0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12} "\\""',
};

/** Rules for JSON of any kind. */
export const BASE_RULES: Readonly<Record<string, string>> = {
  char: '[^"\\\\\\x00-\\x1f\\x7f] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})',
  string: '"\\"" char* "\\""',
  integer: '"-"? ("0" | [1-9] [0-9]{0,15})',
  number: 'integer ("." [0-9]{1,15})?',
  boolean: '"true" | "false"',
  null: '"null"',
  value: 'object | array | string | number | boolean | null',
  object: '"{" (string ": " value (", " string ": " value)*)? "}"',
  array: '"[" (value (", " value)*)? "]"',
};
/** The rules that a rule refers to. */
export const BASE_NEEDS: Readonly<Record<string, readonly string[]>> = {
  string: ['char'],
  number: ['integer'],
  value: ['object', 'array', 'string', 'number', 'boolean', 'null'],
  object: ['string', 'value'],
  array: ['value'],
};

/** A JSON value as a GBNF literal, in the spacing of the rest. */
export function literal(value: JsonValue): string {
  return quoted(spaced(value));
}

/** A text as a GBNF literal. */
export function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

function spaced(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, each]) => (each === undefined ? undefined : `${JSON.stringify(key)}: ${spaced(each)}`));
  return `{${pairs.filter((pair) => pair !== undefined).join(', ')}}`;
}

/** `least` to `most` items with commas between them. */
export function series(item: string, least: number, most: number | ''): string {
  if (most === 0) return '';
  const more = `${item} (", " ${item}){${Math.max(0, least - 1)},${most === '' ? '' : most - 1}}`;
  return least === 0 ? `(${more})?` : more;
}
