import { isJsonObject, type JsonValue } from '../core/index.ts';
import { type DiffStyle, plainStyle, textDiff } from './text-diff.ts';

/** Texts of at least so many characters are compared word by word. */
const LONG = 40;
const SHOWN_CHARS = 80;

/** Where two JSON values differ, a line each: `tools.search.parameters.type: "object" → "array"`. Absent values are `undefined`. */
export function jsonDiff(before: JsonValue | undefined, after: JsonValue | undefined, style: DiffStyle = plainStyle): string[] {
  return [...differences(before, after, '', style)];
}

function* differences(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
  style: DiffStyle,
): Generator<string, undefined> {
  if (before === after) return undefined;
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* differences(before[key], after[key], path === '' ? key : `${path}.${key}`, style);
    }
  } else if (isArray(before) && isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++) yield* differences(before[i], after[i], `${path}[${i}]`, style);
  } else if (typeof before === 'string' && typeof after === 'string' && Math.max(before.length, after.length) >= LONG) {
    yield `${path}: ${textDiff(before, after, style, 400)}`;
  } else {
    yield `${path}: ${style.before(short(before))} → ${style.after(short(after))}`;
  }
  return undefined;
}

function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function short(value: JsonValue | undefined): string {
  if (value === undefined) return 'not set';
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS - 1)}…`;
}
