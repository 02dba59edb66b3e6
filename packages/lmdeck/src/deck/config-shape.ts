import { didYouMean, isJsonObject, type JsonObject, type JsonValue, type Timeouts } from '../core/index.ts';

/** Where in a configuration file something is: keys and indexes from the top. */
export type ConfigPath = readonly (string | number)[];

/** A mistake in a configuration file, before it is known on which line. */
export class ConfigMistake extends Error {
  readonly path: ConfigPath;

  constructor(path: ConfigPath, message: string) {
    super(message);
    this.path = path;
  }
}

type Value = JsonValue | undefined;

/** Keys that JSON, which has no comments, uses for them. */
export function isComment(key: string): boolean {
  return key.startsWith('//') || key === '$schema';
}

/** `value` as an object; `example` shows how one looks here. */
export function expectObject(value: Value, path: ConfigPath, example: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new ConfigMistake(path, `${named(path)} must be an object, such as ${example}.`);
}

export function expectList(value: Value, path: ConfigPath, example: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  throw new ConfigMistake(path, `${named(path)} must be a list, such as ${example}.`);
}

export function expectText(value: Value, path: ConfigPath, meaning: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new ConfigMistake(path, `${named(path)} must be a text: ${meaning}.`);
}

export function expectFlag(value: Value, path: ConfigPath): boolean {
  if (typeof value === 'boolean') return value;
  throw new ConfigMistake(path, `${named(path)} must be true or false.`);
}

/** Every key of `object` that has a value. @throws ConfigMistake for a key that is not one of `known`. */
export function expectKeys<K extends string>(object: JsonObject, path: ConfigPath, known: readonly K[]): readonly [K, JsonValue][] {
  const entries: [K, JsonValue][] = [];
  for (const [key, value] of Object.entries(object)) {
    if (isComment(key) || value === undefined) continue;
    const match = known.find((each) => each === key);
    if (match === undefined) {
      throw new ConfigMistake([...path, key], `unknown key "${key}".${didYouMean(key, known)} Known here: ${known.join(', ')}.`);
    }
    entries.push([match, value]);
  }
  return entries;
}

/** A list of texts; `example` shows one. */
export function expectTexts(value: Value, path: ConfigPath, example: string): readonly string[] {
  return expectList(value, path, example).map((each, index) => expectText(each, [...path, index], `such as those in ${example}`));
}

export function expectTimeouts(value: Value, path: ConfigPath): Timeouts {
  const timeouts: { -readonly [K in keyof Timeouts]: Timeouts[K] } = {};
  const object = expectObject(value, path, '{ firstTokenMs: 30000 }');
  for (const [key, ms] of expectKeys(object, path, ['connectMs', 'firstTokenMs', 'idleMs', 'totalMs'])) {
    if (typeof ms !== 'number' || !(ms >= 0))
      throw new ConfigMistake([...path, key], `"${key}" must be a number of milliseconds, 0 or more.`);
    timeouts[key] = ms;
  }
  return timeouts;
}

function named(path: ConfigPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  if (typeof last === 'string') return `"${last}"`;
  const list = path.at(-2);
  return `entry ${last + 1} of ${list === undefined ? 'the list' : `"${list}"`}`;
}
