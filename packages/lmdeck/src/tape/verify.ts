import { canonicalJson, type JsonValue, messageHash, requestKey, sha256, type StoredCall } from '../core/index.ts';
import { CALL_COLUMNS, type CallReader } from './call-reader.ts';
import { asHex, asNumber, asText, type Database } from './database.ts';
import type { KeyIndex } from './key-index.ts';
import type { MessageStore } from './message-store.ts';
import type { TapeMismatch } from './tape.ts';

const PAGE = 256;

/** Recomputes everything that was derived when the tape was written, in pages: constant memory, and others may write meanwhile. */
export function* verifyTape(
  database: Database,
  messages: MessageStore,
  keys: KeyIndex,
  reader: CallReader,
): Generator<TapeMismatch, undefined> {
  messages.forget();
  keys.forget();
  yield* verifyMessages(database, messages, keys);
  yield* verifyDocuments(database);
  yield* verifyCalls(database, keys, reader);
  return undefined;
}

function* verifyMessages(database: Database, messages: MessageStore, keys: KeyIndex): Generator<TapeMismatch, undefined> {
  for (let after = -1; ;) {
    const rows = database.all(
      `SELECT m.id, m.hash, m.parent, p.hash AS parent_hash FROM messages m LEFT JOIN messages p ON p.id = m.parent
       WHERE m.id > ? ORDER BY m.id LIMIT ${PAGE}`,
      after,
    );
    for (const row of rows) {
      after = asNumber(row.id) ?? after;
      const stored = asHex(row.hash);
      const parent = asNumber(row.parent);
      const isFound = parent === after - 1 || keys.has(stored, after);
      const problem = messageProblem(messages, after, stored, parent, asHex(row.parent_hash)) ?? (isFound ? undefined : NOT_FOUND);
      if (problem !== undefined) yield { kind: 'message', id: String(after), problem };
    }
    if (rows.length < PAGE) return undefined;
  }
}

function messageProblem(
  messages: MessageStore,
  id: number,
  stored: string,
  parent: number | undefined,
  parentHash: string,
): string | undefined {
  if (parent !== undefined && parentHash === '') return `its parent, message ${parent}, is missing`;
  const message = messages.message(id);
  const found = message === undefined ? 'none' : attempt(() => messageHash(message, parent === undefined ? undefined : parentHash));
  return found === stored ? undefined : `its content has the hash ${found}, but it was written as ${stored}`;
}

const NOT_FOUND = 'it is not in the index of hashes, so it is not found when it is looked for';

function* verifyDocuments(database: Database): Generator<TapeMismatch, undefined> {
  for (const row of database.all('SELECT id, hash, json FROM documents')) {
    const stored = asHex(row.hash);
    const found = attempt(() => {
      const value: JsonValue = JSON.parse(asText(row.json) ?? '');
      return sha256(canonicalJson(value));
    });
    if (found === stored) continue;
    yield { kind: 'document', id: String(asNumber(row.id)), problem: `its JSON has the hash ${found}, but it was written as ${stored}` };
  }
  return undefined;
}

interface CallLinks {
  readonly isFound: boolean;
  readonly prompt: number | undefined;
  readonly promptHash: string;
  readonly answer: number | undefined;
  readonly answerExists: boolean;
  readonly answerParent: number | undefined;
}

function* verifyCalls(database: Database, keys: KeyIndex, reader: CallReader): Generator<TapeMismatch, undefined> {
  const links = database.arrays(
    `SELECT c.prompt, p.hash, c.answer, a.id, a.parent FROM calls c LEFT JOIN messages p ON p.id = c.prompt
     LEFT JOIN messages a ON a.id = c.answer WHERE c.seq = ?`,
  );
  for (let after = -1; ;) {
    const rows = database.arrays(`SELECT ${CALL_COLUMNS} FROM calls c WHERE c.seq > ? ORDER BY c.seq LIMIT ${PAGE}`).all(after);
    for (const row of rows) {
      after = asNumber(row[0]) ?? after;
      const call = reader.read(row, NOBODY);
      const link = links.get(after) ?? {};
      yield* callProblems(call, {
        isFound: call.status !== 'ok' || keys.has(call.requestKey, after),
        prompt: asNumber(link[0]),
        promptHash: asHex(link[1]),
        answer: asNumber(link[2]),
        answerExists: asNumber(link[3]) !== undefined,
        answerParent: asNumber(link[4]),
      });
    }
    if (rows.length < PAGE) return undefined;
  }
}

function* callProblems(call: StoredCall, links: CallLinks): Generator<TapeMismatch, undefined> {
  const { prompt, promptHash, answer } = links;
  const report = (problem: string): TapeMismatch => ({ kind: 'call', id: call.id, problem });
  if (prompt !== undefined && promptHash === '') return yield report(`its prompt, message ${prompt}, is missing`);
  const model = {
    id: call.model,
    ...(call.endpoint === undefined ? {} : { endpoint: call.endpoint }),
    ...(call.revision === undefined ? {} : { revision: call.revision }),
  };
  const found = attempt(() => requestKey(model, call.request, prompt === undefined ? undefined : promptHash));
  if (found !== call.requestKey) yield report(`its request has the key ${found}, but it was written as ${call.requestKey}`);
  else if (!links.isFound) yield report(NOT_FOUND);
  if (answer === undefined) return undefined;
  if (!links.answerExists) yield report(`its answer, message ${answer}, is missing`);
  else if (links.answerParent !== prompt) yield report(`its answer, message ${answer}, does not follow its prompt`);
  return undefined;
}

const NOBODY: ReadonlySet<number> = new Set();

function attempt(work: () => string): string {
  try {
    return work();
  } catch (error) {
    return `(none: ${error instanceof Error ? error.message : String(error)})`;
  }
}
