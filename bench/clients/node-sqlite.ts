/** The floor of a log of calls: one table, prepared statements on node:sqlite, keys made beforehand. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { filedRecords, recordAt, shuffledIndex } from '../records.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { systemText } from '../workload.ts';

const schema = `
  CREATE TABLE calls(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, ts INTEGER NOT NULL, model TEXT, status INTEGER, ms INTEGER,
    pt INTEGER, ct INTEGER, request TEXT, response TEXT);
  CREATE INDEX calls_ts ON calls(ts);`;
const insertSql = 'INSERT INTO calls(key, ts, model, status, ms, pt, ct, request, response) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)';
const rowsPerCommit = 100;

interface Row {
  readonly key: Buffer;
  readonly ts: number;
  readonly request: string;
  readonly response: string;
}

export function open({ folder }: ClientSetup): Tasks {
  let written: { readonly database: DatabaseSync; readonly insert: StatementSync; readonly path: string } | undefined;
  let rows: readonly Row[] = [];
  let firstRow = 0;
  const filed = filedOnce(join(folder, 'filed.db'));

  return {
    write: {
      prepare: (first, count) => {
        written?.database.close();
        if (written !== undefined) rmSync(written.path);
        const path = join(folder, `write-${first}.db`);
        const database = openDatabase(path);
        database.exec(schema);
        written = { database, insert: database.prepare(insertSql), path };
        rows = Array.from({ length: count }, (_, i) => rowAt(first + i));
        firstRow = first;
      },
      run: (index) => {
        const row = rows[index - firstRow];
        if (written === undefined || row === undefined) return 'not prepared';
        if (!written.database.isTransaction) written.database.exec('BEGIN');
        insert(written.insert, row);
        if ((index - firstRow + 1) % rowsPerCommit === 0) written.database.exec('COMMIT');
        return 'written';
      },
      settle: () => {
        if (written?.database.isTransaction === true) written.database.exec('COMMIT');
      },
    },
    get: {
      prepare: () => void filed(),
      run: (index) => (filed().select.get(filed().keys[shuffledIndex(index)] ?? '')?.['response'] === undefined ? 'missing' : 'found'),
    },
    'get and parse': {
      prepare: () => void filed(),
      run: (index) => {
        const response = filed().select.get(filed().keys[shuffledIndex(index)] ?? '')?.['response'];
        const parsed: { readonly choices: readonly { readonly message: { readonly content: string } }[] } = JSON.parse(String(response));
        return parsed.choices[0]?.message.content ?? 'missing';
      },
    },
    open: {
      prepare: () => {
        if (filed().database.isOpen) filed().database.close();
      },
      run: (index) => {
        const database = openDatabase(join(folder, 'filed.db'));
        const row = database.prepare('SELECT response FROM calls WHERE key = ?').get(keyAt(shuffledIndex(index)));
        database.close();
        return row === undefined ? 'missing' : 'found';
      },
    },
  };
}

function filedOnce(
  path: string,
): () => { readonly database: DatabaseSync; readonly select: StatementSync; readonly keys: readonly Buffer[] } {
  let filed: ReturnType<ReturnType<typeof filedOnce>> | undefined;
  return () => (filed ??= file(path));
}

function file(path: string): ReturnType<ReturnType<typeof filedOnce>> {
  const database = openDatabase(path);
  database.exec(schema);
  const statement = database.prepare(insertSql);
  database.exec('BEGIN');
  for (let i = 0; i < filedRecords; i++) insert(statement, rowAt(i));
  database.exec('COMMIT');
  const keys = Array.from({ length: filedRecords }, (_, i) => keyAt(i));
  return { database, select: database.prepare('SELECT response FROM calls WHERE key = ?'), keys };
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return database;
}

function insert(statement: StatementSync, { key, ts, request, response }: Row): void {
  statement.run(key, ts, 'gpt-4o-mini', 200, 1200, 310, 180, request, response);
}

function keyAt(index: number): Buffer {
  return createHash('sha256').update(`call ${index}`).digest();
}

function rowAt(index: number): Row {
  const { prompt, answer } = recordAt(index);
  const messages = [
    { role: 'system', content: systemText },
    { role: 'user', content: prompt },
  ];
  const format = { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } };
  const message = { role: 'assistant', content: answer };
  return {
    key: keyAt(index),
    ts: 1763660000000 + index,
    request: JSON.stringify({ model: 'gpt-4o-mini', temperature: 0, messages, response_format: format }),
    response: JSON.stringify({
      id: `chatcmpl-${index}`,
      object: 'chat.completion',
      created: 1763660000,
      model: 'gpt-4o-mini-2024-07-18',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 310, completion_tokens: 180, total_tokens: 490 },
      system_fingerprint: 'fp_8bda4d3a2c',
    }),
  };
}
