import { canonicalJson, type JsonSchema, type Message, messageHash, sha256, type ToolDefinition } from '../core/index.ts';
import { asNumber, asText, type Database } from './database.ts';
import { KEYED, type KeyIndex } from './key-index.ts';
import { decodeBlob, decodeMessage, encodeBlob, encodeMessage } from './message-rows.ts';

/** How many hashes to remember the row of, and how many characters of messages to keep at hand. */
const KNOWN = 8192;
const CACHED_CHARS = 8_000_000;

/** A message by its hash: one that has its key, or the one in the row behind its parent. */
const FIND = `SELECT m.id FROM (${KEYED} UNION ALL SELECT ?5) k CROSS JOIN messages m ON m.id = k.ref WHERE m.hash = ?4`;

const NOT_KNOWN = [null];

/** A message as it stands on the tape. */
export interface MessageRow {
  readonly message: Message;
  readonly parent: number | undefined;
}

/** A history on the tape, by its last message. */
export interface Prompt {
  /** `null` for an empty history. */
  readonly id: number | null;
  readonly hash: string | undefined;
  /** True when this was just stored. */
  readonly isNew: boolean;
}

/** Messages, attachments and documents: everything that is stored once by its content, and how to get it back. */
export class MessageStore {
  readonly #database: Database;
  readonly #keys: KeyIndex;
  readonly #known = new Map<string, number>();
  readonly #documents = new Map<string, number>();
  readonly #cache = new Map<number, MessageRow>();
  #cachedChars = 0;
  #deletions = 0;

  constructor(database: Database, keys: KeyIndex) {
    this.#database = database;
    this.#keys = keys;
  }

  /** Must be told the tape's count of deletions in each transaction: what was deleted must not be referred to by memory. */
  noticeDeletions(deletions: number): void {
    if (deletions !== this.#deletions) this.forget();
    this.#deletions = deletions;
  }

  /** Drops what is only remembered, as after a rollback: remembered rows may not exist. */
  forget(): void {
    this.#known.clear();
    this.#documents.clear();
    this.#cache.clear();
    this.#cachedChars = 0;
  }

  /**
   * Stores what is new of a history; returns the number of its last message, and whether that is new (then nothing can
   * follow it yet). Inside a transaction.
   */
  putHistory(messages: readonly Message[], hashes: readonly string[]): Prompt {
    let next = messages.length;
    let parent: number | null = null;
    while (next > 0) {
      const known = this.#known.get(hashes[next - 1] ?? '');
      if (known !== undefined) {
        parent = known;
        break;
      }
      next--;
    }
    let isNew = false;
    for (; next < messages.length; next++) {
      const message = messages[next];
      const hash = hashes[next];
      if (message === undefined || hash === undefined) break;
      // A hash covers the whole history before it: behind a message that is not here nothing can be.
      const found: number | undefined = isNew ? undefined : this.#find(hash, parent);
      isNew = found === undefined;
      parent = found ?? this.#insert(message, hash, parent);
    }
    return { id: parent, hash: hashes.at(-1), isNew };
  }

  /** Stores an answer to a prompt. Inside a transaction. */
  putAnswer(message: Message, prompt: Prompt): number {
    const hash = messageHash(message, prompt.hash);
    const found = prompt.isNew ? undefined : (this.#known.get(hash) ?? this.#find(hash, prompt.id));
    return found ?? this.#insert(message, hash, prompt.id);
  }

  /** Stores a JSON document (a schema, a tool list); returns its number. Inside a transaction. */
  putDocument(kind: 'schema' | 'tools', value: unknown): number {
    const json = JSON.stringify(value);
    const known = this.#documents.get(json);
    if (known !== undefined) return known;
    const hash = Buffer.from(sha256(canonicalJson(value)), 'hex');
    this.#database.run('INSERT INTO documents (hash, kind, json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', hash, kind, json);
    const id = this.#database.number('SELECT id FROM documents WHERE hash = ?', hash) ?? 0;
    if (this.#documents.size > 256) this.#documents.clear();
    this.#documents.set(json, id);
    return id;
  }

  schema(id: number): JsonSchema | undefined {
    const json = this.#document(id);
    if (json === undefined) return undefined;
    const value: JsonSchema = JSON.parse(json);
    return value;
  }

  tools(id: number): readonly ToolDefinition[] | undefined {
    const json = this.#document(id);
    if (json === undefined) return undefined;
    const value: readonly ToolDefinition[] = JSON.parse(json);
    return value;
  }

  /** The history that ends in a message, oldest first. */
  history(tip: number | undefined): Message[] {
    const messages: Message[] = [];
    for (let id = tip; id !== undefined;) {
      const row = this.row(id);
      if (row === undefined) break;
      messages.push(row.message);
      id = row.parent;
    }
    return messages.toReversed();
  }

  message(id: number): Message | undefined {
    return this.row(id)?.message;
  }

  row(id: number): MessageRow | undefined {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    const row = this.#database.arrays('SELECT parent, role, text, message FROM messages WHERE id = ?').get(id);
    if (row === undefined) return undefined;
    const text = asText(row[2]);
    const json = asText(row[3]);
    const message = decodeMessage(asText(row[1]) ?? 'user', text, json, (hash) => this.#blob(hash));
    const result: MessageRow = { message, parent: asNumber(row[0]) };
    // A message with attachments is larger than its row tells; such are read again.
    const chars = (text ?? json ?? '').length;
    if (json === undefined || !json.includes('"sha256"')) {
      if ((this.#cachedChars += chars) > CACHED_CHARS) {
        this.#cache.clear();
        this.#cachedChars = chars;
      }
      this.#cache.set(id, result);
    }
    return result;
  }

  #document(id: number): string | undefined {
    return asText(this.#database.get('SELECT json FROM documents WHERE id = ?', id)?.json);
  }

  #blob(hash: string): string | undefined {
    return decodeBlob(this.#database.get('SELECT data FROM blobs WHERE hash = ?', Buffer.from(hash, 'hex'))?.data);
  }

  #find(hash: string, parent: number | null): number | undefined {
    const key = this.#keys.key(hash);
    const { seen } = this.#keys;
    const refs = this.#keys.refs(key);
    const next = parent === null ? null : parent + 1;
    const bytes = hashBytes(hash);
    // Several have one key where a call and a message have, or two that are written at once.
    for (const ref of refs.length === 0 ? NOT_KNOWN : refs) {
      const id = asNumber(this.#database.arrays(FIND).get(key, seen, ref, bytes, next)?.[0]);
      if (id === undefined) continue;
      this.#remember(hash, id);
      return id;
    }
    return undefined;
  }

  #insert(message: Message, hash: string, parent: number | null): number {
    const { text, json, blobs } = encodeMessage(message);
    for (const [hash, data] of blobs ?? []) {
      const bytes = Buffer.from(hash, 'hex');
      if (this.#database.get('SELECT 1 FROM blobs WHERE hash = ?', bytes) !== undefined) continue;
      this.#database.run('INSERT INTO blobs (hash, data) VALUES (?, ?)', bytes, encodeBlob(data));
    }
    const { lastInsertRowid } = this.#database
      .statement('INSERT INTO messages (hash, parent, role, text, message) VALUES (?, ?, ?, ?, ?)')
      .run(hashBytes(hash), parent, message.role, text, json);
    const id = Number(lastInsertRowid);
    // The row behind its parent is found by that.
    if (parent === null || id !== parent + 1) this.#keys.add(hash, id);
    return id;
  }

  #remember(hash: string, id: number): void {
    if (this.#known.size >= KNOWN) {
      let drop = KNOWN / 2;
      for (const key of this.#known.keys()) {
        if (drop-- === 0) break;
        this.#known.delete(key);
      }
    }
    this.#known.set(hash, id);
  }
}

const bytes = Buffer.alloc(32);

/** A hash as the 32 bytes that are bound to a statement; valid until the next call (SQLite copies what it is given). */
export function hashBytes(hash: string): Buffer {
  bytes.write(hash, 'hex');
  return bytes;
}
