import type { SQLOutputValue } from 'node:sqlite';
import { canonicalJson, type JsonValue, messageHash, requestKey, sha256 } from '../core/index.ts';
import { CALL_COLUMNS, type CallReader } from './call-reader.ts';
import { asBytes, asNumber, asText, type Database } from './database.ts';
import type { MessageStore } from './message-store.ts';
import type { TapeMismatch } from './tape.ts';

const PAGE = 256;

/** Recomputes everything that was derived when the tape was written, in pages: constant memory, and others may write meanwhile. */
export function* verifyTape(database: Database, messages: MessageStore, reader: CallReader): Generator<TapeMismatch, undefined> {
  messages.forget();
  yield* verifyMessages(database, messages);
  yield* verifyDocuments(database);
  yield* verifyCalls(database, reader);
  return undefined;
}

function* verifyMessages(database: Database, messages: MessageStore): Generator<TapeMismatch, undefined> {
  for (let after = -1; ;) {
    const rows = database.all(
      `SELECT m.id, m.key, m.hash, m.parent, p.hash AS parent_hash FROM messages m LEFT JOIN messages p ON p.id = m.parent
       WHERE m.id > ? ORDER BY m.id LIMIT ${PAGE}`,
      after,
    );
    for (const row of rows) {
      after = asNumber(row.id) ?? after;
      const id = String(row.id);
      const stored = hex(row.hash);
      if (row.parent !== null && row.parent_hash === null) {
        yield { kind: 'message', id, problem: `its parent, message ${row.parent}, is missing` };
        continue;
      }
      const parent = row.parent === null ? undefined : hex(row.parent_hash);
      const found = attempt(() => messageHash(messages.row(after)?.message ?? NO_MESSAGE, parent));
      if (found !== stored) yield { kind: 'message', id, problem: `its content has the hash ${found}, but it was written as ${stored}` };
      else if (row.key !== Number.parseInt(stored.slice(0, 13), 16))
        yield { kind: 'message', id, problem: `its key ${row.key} does not belong to its hash` };
    }
    if (rows.length < PAGE) return undefined;
  }
}

function* verifyDocuments(database: Database): Generator<TapeMismatch, undefined> {
  for (const row of database.all('SELECT id, hash, json FROM documents')) {
    const stored = hex(row.hash);
    const found = attempt(() => {
      const value: JsonValue = JSON.parse(asText(row.json) ?? '');
      return sha256(canonicalJson(value));
    });
    if (found !== stored)
      yield { kind: 'document', id: String(row.id), problem: `its JSON has the hash ${found}, but it was written as ${stored}` };
  }
  return undefined;
}

function* verifyCalls(database: Database, reader: CallReader): Generator<TapeMismatch, undefined> {
  for (let after = -1; ;) {
    const rows = database
      .arrays(
        `SELECT ${CALL_COLUMNS}, c.key, p.hash, c.prompt, a.parent, a.id FROM calls c LEFT JOIN messages p ON p.id = c.prompt
         LEFT JOIN messages a ON a.id = c.answer WHERE c.seq > ? ORDER BY c.seq LIMIT ${PAGE}`,
      )
      .all(after);
    for (const row of rows) {
      after = asNumber(row[0]) ?? after;
      const call = reader.read(row, NOBODY);
      const { id } = call;
      const [key, promptHash, prompt, answerParent, answer] = [row[41], row[42], row[43], row[44], row[45]];
      if (prompt !== null && promptHash === null) {
        yield { kind: 'call', id, problem: `its prompt, message ${prompt}, is missing` };
        continue;
      }
      const identity = {
        id: call.model,
        ...(call.endpoint === undefined ? {} : { endpoint: call.endpoint }),
        ...(call.revision === undefined ? {} : { revision: call.revision }),
      };
      const tip = prompt === null ? undefined : hex(promptHash);
      const found = attempt(() => requestKey(identity, call.request, tip));
      if (found !== call.requestKey)
        yield { kind: 'call', id, problem: `its request has the key ${found}, but it was written as ${call.requestKey}` };
      else if (key !== Number.parseInt(found.slice(0, 13), 16))
        yield { kind: 'call', id, problem: `its key ${key} does not belong to its request key` };
      if (row[15] !== null && answer === null) yield { kind: 'call', id, problem: `its answer, message ${row[15]}, is missing` };
      else if (answer !== null && answerParent !== prompt)
        yield { kind: 'call', id, problem: `its answer, message ${answer}, does not follow its prompt` };
    }
    if (rows.length < PAGE) return undefined;
  }
}

const NOBODY: ReadonlySet<number> = new Set();
const NO_MESSAGE = { role: 'user', parts: [] } as const;

function hex(value: SQLOutputValue | undefined): string {
  const bytes = asBytes(value);
  return bytes === undefined ? '' : Buffer.from(bytes).toString('hex');
}

function attempt(work: () => string): string {
  try {
    return work();
  } catch (error) {
    return `(none: ${error instanceof Error ? error.message : String(error)})`;
  }
}
