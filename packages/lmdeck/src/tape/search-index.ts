import { LmdeckError, messageText, type Message } from '../core/index.ts';
import { asNumber, type Database, patiently, type Row, sqliteCode } from './database.ts';
import type { MessageStore } from './message-store.ts';
import { FTS } from './migrations.ts';
import { readPartial } from './partials.ts';
import { deadProcesses } from './processes.ts';
import { scoreAnswer } from './score-answer.ts';

/** Calls per slice: one slice is one short transaction. */
const SLICE = 64;

/** What those may search who cannot write: the index of the file, and beside it what it lacks. */
const BOTH =
  '(SELECT rowid FROM main.search WHERE search MATCH ?1 UNION SELECT rowid FROM temp.unsearched WHERE unsearched MATCH ?1) AS search';

/**
 * The full text index, kept up behind the writers' backs: every call up to `state.indexed_to` is in it, except those
 * listed in `unindexed`. Whoever completes a call behind that mark lists it there, in the same transaction; so any
 * process can go on where another one stopped, and nothing is indexed twice.
 */
export class SearchIndex {
  readonly #database: Database;
  readonly #messages: MessageStore;
  #beside = false;

  constructor(database: Database, messages: MessageStore) {
    this.#database = database;
    this.#messages = messages;
  }

  /** What a search for `?1` selects from, and under which condition: `search.rowid` are the numbers of the calls. */
  get searched(): { readonly from: string; readonly condition?: string } {
    return this.#beside ? { from: BOTH } : { from: 'search', condition: 'search MATCH ?1' };
  }

  /** How many calls the index does not know. */
  get behind(): number {
    return (
      this.#database.number('SELECT (SELECT count(*) FROM calls WHERE seq > indexed_to) + (SELECT count(*) FROM unindexed) FROM state') ?? 0
    );
  }

  /** True when there is as much to do as fits into one slice. A single call is not worth the milliseconds that opening the index takes. */
  get isSliceBehind(): boolean {
    const newest = `SELECT 1 FROM calls, state WHERE seq > indexed_to LIMIT ${SLICE}`;
    return (this.#database.number(`SELECT (SELECT count(*) FROM (${newest})) + (SELECT count(*) FROM unindexed)`) ?? 0) >= SLICE;
  }

  /** Indexes everything there is. */
  complete(): void {
    while (patiently(() => this.slice()));
  }

  /** Indexes what the file's index lacks for this connection alone, which may be one that only reads. */
  completeBeside(): void {
    const database = this.#database;
    if (!this.#beside) {
      if (this.behind === 0) return;
      database.exec(`PRAGMA temp_store = MEMORY; CREATE VIRTUAL TABLE temp.unsearched USING fts5 (${FTS})`);
      this.#beside = true;
    }
    database.run("INSERT INTO temp.unsearched (unsearched) VALUES ('delete-all')");
    const dead = deadProcesses(database);
    const rows = database.all(
      `SELECT seq, status, prompt, answer, process, continuation, finish_reason FROM calls WHERE seq IN (SELECT call FROM unindexed)
       UNION SELECT seq, status, prompt, answer, process, continuation, finish_reason FROM calls WHERE seq > (SELECT indexed_to FROM state)`,
    );
    for (const row of rows) if (!isRunning(row, dead)) this.#add('temp.unsearched', row);
  }

  /** Indexes one slice; true when there is more to do. */
  slice(): boolean {
    const database = this.#database;
    const waiting = 'SELECT EXISTS (SELECT 1 FROM calls WHERE seq > indexed_to) OR EXISTS (SELECT 1 FROM unindexed) FROM state';
    if (database.number(waiting) !== 1) return false;
    return database.transaction(() => {
      const dead = deadProcesses(database);
      const from = database.number('SELECT indexed_to FROM state') ?? 0;
      const rows = database.all(
        `SELECT seq, status, process, prompt, answer, continuation, finish_reason FROM calls WHERE seq IN (SELECT call FROM unindexed LIMIT ${SLICE})
         UNION ALL SELECT * FROM (SELECT seq, status, process, prompt, answer, continuation, finish_reason FROM calls WHERE seq > ? ORDER BY seq LIMIT ${SLICE})`,
        from,
      );
      let last = from;
      let progress = false;
      for (const row of rows) {
        const seq = asNumber(row.seq) ?? 0;
        if (seq > last) {
          last = seq;
          progress = true;
        }
        if (isRunning(row, dead)) {
          // Whoever ends it does not know that it was passed: listed, it is met again.
          database.run('INSERT OR IGNORE INTO unindexed VALUES (?)', seq);
          continue;
        }
        database.run('DELETE FROM search WHERE rowid = ?', seq);
        this.#add('search', row);
        database.run('DELETE FROM unindexed WHERE call = ?', seq);
        progress = true;
      }
      if (last > from) database.run('UPDATE state SET indexed_to = ?', last);
      return progress;
    });
  }

  #add(table: 'search' | 'temp.unsearched', row: Row): void {
    const seq = asNumber(row.seq) ?? 0;
    const answer = row.status === 'started' ? readPartial(this.#database, seq)[0]?.message : this.#answer(row);
    const prompt = newestTurn(this.#messages, asNumber(row.prompt));
    this.#database.run(
      `INSERT INTO ${table} (rowid, prompt, answer) VALUES (?, ?, ?)`,
      seq,
      prompt,
      answer === undefined ? '' : readable(answer),
    );
  }

  #answer({ answer, continuation, finish_reason: reason }: Row): Message | undefined {
    const id = asNumber(answer);
    return id === undefined ? scoreAnswer(continuation, reason) : this.#messages.message(id);
  }
}

function isRunning(row: Row, dead: ReadonlySet<number>): boolean {
  return row.status === 'started' && !dead.has(asNumber(row.process) ?? -1);
}

/** A failed search as its user should see it: FTS5 reports what is wrong with the query as a plain SQLite error. */
export function searchError(query: string, error: unknown): unknown {
  if (sqliteCode(error) !== 1 || !(error instanceof Error)) return error;
  const reason = error.message.replace(/^fts5: /, '');
  return new LmdeckError(
    'usage',
    `Cannot search for ${JSON.stringify(query)}: ${reason}. Put words with punctuation in double quotes: ${JSON.stringify(`"${query.replaceAll('"', '""')}"`)}.`,
    { cause: error },
  );
}

/** The text of what is new in a prompt: the messages since the last answer, without the system prompt that all calls share. */
function newestTurn(messages: MessageStore, tip: number | undefined): string {
  const texts: string[] = [];
  for (let id = tip; id !== undefined;) {
    const row = messages.row(id);
    if (row === undefined || row.message.role === 'assistant') break;
    if (row.message.role !== 'system') texts.push(readable(row.message));
    id = row.parent;
  }
  return texts.toReversed().join('\n');
}

/** What of a message people search for: its text and what tools answered; not reasoning, not data. */
function readable(message: Message): string {
  const text = messageText(message);
  const results = message.parts.flatMap((part) =>
    part.type === 'tool-result' ? [part.output] : part.type === 'refusal' ? [part.text] : [],
  );
  return results.length === 0 ? text : [text, ...results].join('\n');
}
