import { canonicalJson, isJsonObject, LmdeckError, type JsonObject, type JsonValue, type StoredCall } from '../core/index.ts';
import { asText, type Database } from './database.ts';

/** What to note on a call, by name; `undefined` takes a note off again. */
export type TagChanges = Readonly<Record<string, JsonValue | undefined>>;

/** Notes on calls that were made after the call: the call itself stays as it was recorded. */
export class Tags {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** True when any call has one; where there are none, reading calls need not ask. */
  get any(): boolean {
    return this.#database.number('SELECT EXISTS (SELECT 1 FROM tags)') === 1;
  }

  /** The tags of the call of a number. */
  of(call: number): JsonObject | undefined {
    const rows = this.#database.arrays('SELECT key, value FROM tags WHERE call = ? ORDER BY key').all(call);
    if (rows.length === 0) return undefined;
    const tags: Record<string, JsonValue> = {};
    for (const row of rows) {
      const value: JsonValue = JSON.parse(asText(row[1]) ?? 'null');
      tags[asText(row[0]) ?? ''] = value;
    }
    return tags;
  }

  /** Inside a transaction. */
  set(call: number, changes: TagChanges): void {
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) this.#database.run('DELETE FROM tags WHERE call = ? AND key = ?', call, key);
      else
        this.#database.run(
          'INSERT INTO tags (call, key, value, at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at',
          call,
          key,
          JSON.stringify(value),
          Date.now(),
        );
    }
  }
}

/**
 * Refuses names and values that could not be kept or found again.
 * @throws LmdeckError `usage`
 */
export function checkTags(changes: TagChanges): void {
  for (const [key, value] of Object.entries(changes)) {
    checkTagName(key);
    if (value === undefined) continue;
    try {
      canonicalJson(value);
    } catch (error) {
      throw new LmdeckError('usage', `The tag ${JSON.stringify(key)} has a value that has no JSON form.`, { cause: error });
    }
  }
}

function checkTagName(name: string): void {
  if (name !== '' && !/["\s=]/.test(name)) return;
  throw new LmdeckError('usage', `A tag's name has no spaces, quotes or "=", and is not empty: ${JSON.stringify(name)} cannot be one.`);
}

/**
 * The condition that finds calls by a tag, or by what their metadata had of this name (a dot goes into an object) where there is no such tag.
 * Its two values: the name twice, as a tag and as a path into the metadata.
 */
export const TAG_VALUE = 'coalesce((SELECT value FROM tags WHERE call = c.seq AND key = ?), c.metadata -> ?)';

/** The values of {@link TAG_VALUE}. @throws LmdeckError `usage` */
export function tagPlace(name: string): [key: string, path: string] {
  checkTagName(name);
  return [
    name,
    `$${name
      .split('.')
      .map((each) => `."${each}"`)
      .join('')}`,
  ];
}

/**
 * What is known of a call under a name: its tag, else what its metadata has (`tapeagents.promptId` goes into an object).
 * `undefined` when neither has it.
 */
export function callTag(call: Pick<StoredCall, 'tags' | 'metadata'>, name: string): JsonValue | undefined {
  if (call.tags?.[name] !== undefined) return call.tags[name];
  let value: JsonValue | undefined = call.metadata;
  for (const key of name.split('.')) value = isJsonObject(value) ? value[key] : undefined;
  return value;
}
