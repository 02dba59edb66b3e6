import { readFileSync } from 'node:fs';

import { isJsonObject, LmdeckError, type JsonObject } from '../core/index.ts';
import { ConfigMistake } from './config-shape.ts';
import { fileError, systemErrorCode } from './file-error.ts';
import { jsonKeyPosition, jsonProblem } from './json-position.ts';

/** A JSON file's object with the text it came from, so that mistakes can be shown in their place. */
export interface JsonSource {
  readonly path: string;
  readonly text: string;
  readonly value: JsonObject;
}

/** The text of a file, `undefined` when there is none. @throws LmdeckError `config` */
export function readText(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw fileError('read', path, error);
  }
}

/**
 * The object in a JSON file; a file that is missing or empty counts as `{}`.
 * @throws LmdeckError `config` naming file, line, column and what is expected there.
 */
export function readJsonObject(path: string): JsonSource {
  const text = readText(path) ?? '';
  if (text.trim() === '') return { path, text: '{}', value: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { line, column, message } = jsonProblem(text) ?? { line: 1, column: 1, message: 'unreadable' };
    // The cause is left out: its message quotes the file, and this may be the file of keys.
    throw new LmdeckError('config', `${path}:${line}:${column}: not valid JSON: ${message}.`, { data: { path, line, column } });
  }
  if (!isJsonObject(value)) throw new LmdeckError('config', `${path}:1:1: expected a JSON object, { … }.`, { data: { path } });
  return { path, text, value };
}

/**
 * What `check` makes of a file's object.
 * @throws LmdeckError `config` for its {@link ConfigMistake}, with file, line and column.
 */
export function checked<T>(source: JsonSource, check: (value: JsonObject) => T): T {
  try {
    return check(source.value);
  } catch (error) {
    if (!(error instanceof ConfigMistake)) throw error;
    const { line, column } = jsonKeyPosition(source.text, error.path) ?? { line: 1, column: 1 };
    throw new LmdeckError('config', `${source.path}:${line}:${column}: ${error.message}`, { data: { path: source.path, line, column } });
  }
}

/**
 * Changes a JSON file under a lock, see `updateFile`. `change` gets what is there, checks it, and returns what is to be there instead;
 * `undefined` leaves the file as it is.
 */
export async function updateJsonFile(path: string, change: (source: JsonSource) => JsonObject | undefined, mode?: number): Promise<void> {
  // Late: most processes only read.
  const { updateFile } = await import('./atomic-file.ts');
  await updateFile(
    path,
    () => readJsonObject(path),
    (source) => {
      const after = change(source);
      return after === undefined ? undefined : jsonText(after);
    },
    mode,
  );
}

/** The text of a JSON file that people read and edit. */
function jsonText(value: JsonObject): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
