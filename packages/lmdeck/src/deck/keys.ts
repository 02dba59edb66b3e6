import { chmodSync, statSync } from 'node:fs';

import { LmdeckError, type JsonObject } from '../core/index.ts';
import { expectText, isComment } from './config-shape.ts';
import { checked, updateJsonFile, readJsonObject } from './json-file.ts';

/** Where an API key may come from, in the order in which it is looked for. */
export interface KeyQuery {
  /** What the user gave for this call: the name of a stored key, or the key itself. */
  readonly given?: string | undefined;
  /** The stored key that the model asks for. */
  readonly keyName?: string | undefined;
  /** The environment variable that the model asks for. */
  readonly envName?: string | undefined;
}

/** The user's API keys: `keys.json`, readable by its owner alone. Values appear nowhere but in what `get` and `resolve` return. */
export interface Keys {
  readonly path: string;
  /** The names, sorted. */
  list(): Promise<readonly string[]>;
  get(name: string): Promise<string | undefined>;
  /** Stores a key, white space around it dropped. @throws LmdeckError `usage` for a name or value that cannot be one. */
  set(name: string, value: string): Promise<void>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
  /**
   * The key to use: 1. the stored key that `given` names, 2. `given` itself, 3. the stored key `keyName`, 4. the variable
   * `envName`. What is stored wins over the environment.
   */
  resolve(query: KeyQuery): Promise<string | undefined>;
}

export interface KeysOptions {
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onWarning: (message: string) => void;
}

/** So long a change by another process may stay unnoticed. */
const REREAD_MS = 200;
const PRIVATE = 0o600;
/** The bits of a file's mode that let others than its owner at it. */
const OTHERS = 0o077;
const NOTE = { '// Note': 'This file stores secret API keys. Do not share it!' };

/** The keys in a `keys.json`; the file is made by the first `set`. */
export function openKeys({ path, env, onWarning }: KeysOptions): Keys {
  let last: { readonly keys: Readonly<Record<string, string>>; readonly at: number } | undefined;
  // Every call asks for its key: a batch of thousands a second does not read the file as often.
  const read = (): Readonly<Record<string, string>> => {
    const now = performance.now();
    if (last !== undefined && now - last.at < REREAD_MS) return last.keys;
    keepPrivate(path, onWarning);
    last = { keys: checked(readJsonObject(path), storedKeys), at: now };
    return last.keys;
  };
  const get = (name: string): string | undefined => {
    const keys = read();
    return Object.hasOwn(keys, name) ? keys[name] : undefined;
  };
  const update = async (change: (before: JsonObject) => JsonObject | undefined): Promise<void> => {
    last = undefined;
    await updateJsonFile(
      path,
      (source) => {
        checked(source, storedKeys);
        const after = change(source.value);
        return after === undefined ? undefined : { ...NOTE, ...after };
      },
      PRIVATE,
    );
    last = undefined;
  };
  return {
    path,
    list: async () => Object.keys(read()).sort(),
    get: async (name) => get(name),
    set: async (name, value) => {
      const trimmed = value.trim();
      checkKey(name, trimmed);
      await update((before) => ({ ...before, [name]: trimmed }));
    },
    remove: async (name) => {
      let found = false;
      await update((before) => {
        found = !isComment(name) && Object.hasOwn(before, name);
        return found ? Object.fromEntries(Object.entries(before).filter(([each]) => each !== name)) : undefined;
      });
      return found;
    },
    resolve: async ({ given, keyName, envName }) => {
      if (given !== undefined && given !== '') return get(given) ?? given;
      const stored = keyName === undefined ? undefined : get(keyName);
      if (stored !== undefined) return stored;
      // Variables that are filled from files often end with their line feed.
      const fromEnv = envName === undefined ? undefined : env[envName]?.trim();
      return fromEnv === '' ? undefined : fromEnv;
    },
  };
}

function storedKeys(value: JsonObject): Readonly<Record<string, string>> {
  const entries = Object.entries(value).filter(([name]) => !isComment(name));
  return Object.fromEntries(entries.map(([name, key]) => [name, expectText(key, [name], 'the key, in double quotes')]));
}

function checkKey(name: string, value: string): void {
  if (name.trim() !== name || name === '' || isComment(name)) {
    throw new LmdeckError(
      'usage',
      `"${name}" cannot be the name of a key: it needs a name without white space around it, not starting with "//".`,
    );
  }
  if (value === '') throw new LmdeckError('usage', `The key "${name}" is empty. To delete it: lmdeck keys remove ${name}`);
  for (const char of value) {
    if (char < '!' || char > '~') {
      throw new LmdeckError(
        'usage',
        `The key "${name}" has a character that no API key has (a space, a line break or a non-ASCII letter). Copy it again.`,
      );
    }
  }
}

function keepPrivate(path: string, onWarning: (message: string) => void): void {
  if (process.platform === 'win32') return;
  let mode: number | undefined;
  try {
    mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined || (mode & OTHERS) === 0) return;
    chmodSync(path, PRIVATE);
    onWarning(`${path} could be read by other users (mode ${octal(mode)}); its mode is now 0600.`);
  } catch {
    // What stops the file from being read shows when it is read.
    if (mode !== undefined)
      onWarning(`${path} can be read by other users (mode ${octal(mode)}), and its mode cannot be changed. Run: chmod 600 ${path}`);
  }
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
