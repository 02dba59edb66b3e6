import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistant, type Message, messageText, user } from '../core/index.ts';
import { asNumber, type Database } from './database.ts';
import { openTape } from './index.ts';
import { addKey, FIRST_KEYED, hasKey, hashKey, KEYED, LAST_KEYED, settleKeys } from './key-index.ts';
import { openDatabase } from './open-database.ts';
import { callEnd, callStart, put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

const { DatabaseSync } = process.getBuiltinModule('node:sqlite');

describe('the index of keys', () => {
  // Few, so that they come again.
  const hash = fc.nat(5).map((n) => `${n}`.padStart(13, '0') + 'f'.repeat(51));
  const step = fc.oneof(
    { arbitrary: fc.record({ hash, ref: fc.integer({ min: 1, max: 2 ** 52 }) }), weight: 4 },
    { arbitrary: fc.constant('settle' as const), weight: 1 },
  );

  test('has every row under its hash, whether it was moved or not, and knows the first and the last', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const database = openDatabase(':memory:');
        const rows = new Map<string, Set<number>>();
        for (const each of steps) {
          if (each === 'settle') {
            settleKeys(database, 5);
            continue;
          }
          addKey(database, each.hash, each.ref);
          rows.set(each.hash, (rows.get(each.hash) ?? new Set()).add(each.ref));
        }
        for (const [each, refs] of rows) {
          const sorted = [...refs].sort((a, b) => a - b);
          expect(numbers(database, `SELECT DISTINCT ref FROM (${KEYED}) ORDER BY ref`, each)).toEqual(sorted);
          expect(numbers(database, `SELECT ${FIRST_KEYED}, ${LAST_KEYED}`, each)).toEqual([sorted[0], sorted.at(-1)]);
          for (const ref of sorted) expect(hasKey(database, each, ref)).toBe(true);
          expect(hasKey(database, each, 2 ** 53)).toBe(false);
        }
        database.close();
      }),
    );
  });

  test('is moved when it is full, and only then', () => {
    const database = openDatabase(':memory:');
    const count = (table: string): number | undefined => database.number(`SELECT count(*) FROM ${table}`);
    for (let i = 0; i < 4095; i++) addKey(database, i.toString(16).padStart(64, '0'), i);
    settleKeys(database);
    expect([count('key_buffer'), count('key_index')]).toEqual([4095, 0]);
    addKey(database, 'f'.repeat(64), 4095);
    settleKeys(database);
    expect([count('key_buffer'), count('key_index')]).toEqual([0, 4096]);
    database.close();
  });
});

describe('calls and messages by their hashes', () => {
  test(
    'are found in a tape of thousands of calls, the newest and the oldest alike, also when it is opened again',
    { timeout: 60_000 },
    async () => {
      const path = join(temporaryFolder(), 'tape.db');
      const tape = openTape(path);
      const first = callStart('asked twice', { startedAt: 1_000 });
      tape.start(first);
      tape.finish(first.id, callEnd('first'));
      for (let i = 0; i < 3000; i++) put(tape, `prompt ${i}`, `answer ${i}`, { startedAt: 2_000 + i });
      const last = callStart('asked twice', { startedAt: 9_000 });
      tape.start(last);
      tape.finish(last.id, callEnd('last'));
      await tape.close();
      expect(tableSizes(path)).toEqual({ buffered: true, moved: true });

      await using again = openTape(path);
      const answer = (which?: 'oldest'): unknown => messageText(again.find(first.requestKey, which)?.samples[0]?.message ?? assistant(''));
      expect([answer(), answer('oldest')]).toEqual(['last', 'first']);
      for (let i = 0; i < 3000; i += 7)
        expect(again.find(callStart(`prompt ${i}`).requestKey)?.samples[0]?.message).toEqual(assistant(`answer ${i}`));
      expect([...again.verify()]).toEqual([]);

      const before = again.status().messages;
      for (let i = 0; i < 3000; i += 100) put(again, `prompt ${i}`, `answer ${i}`);
      expect(again.status().messages).toBe(before);
    },
  );

  test('are told apart where their keys are the same, and rows that are gone are passed by', async () => {
    const path = join(temporaryFolder(), 'tape.db');
    await using tape = openTape(path);
    const id = put(tape, 'one', 'answer to one', { startedAt: 1_000 });
    put(tape, 'two', 'answer to two', { startedAt: 2_000 });
    await tape.flush();
    const { requestKey } = callStart('one');
    const database = new DatabaseSync(path);
    const other = database.prepare('SELECT seq FROM calls WHERE id <> ?').get(id)?.['seq'];
    const add = database.prepare('INSERT INTO key_buffer VALUES (?, ?)');
    // Newer ones than the one that is looked for, an older one, and one that is a message.
    for (const ref of [Number(other), 2 ** 52, 5, 1]) add.run(hashKey(requestKey), ref);
    expect(tape.find(requestKey)?.id).toBe(id);
    expect(tape.find(requestKey, 'oldest')?.id).toBe(id);
    database.prepare('DELETE FROM calls WHERE id = ?').run(id);
    expect(tape.find(requestKey)).toBeUndefined();
    database.close();
  });

  test('are stored once, whether an answer stands right behind its prompt or came later', async () => {
    const path = join(temporaryFolder(), 'tape.db');
    const one = openTape(path);
    put(one, 'quick', 'at once');
    const slow = callStart('slow');
    one.start(slow);
    one.checkpoint(slow.id, []);
    await one.flush();
    put(one, 'between', 'them');
    await one.flush();
    one.finish(slow.id, callEnd('in the end'));
    await one.close();

    await using two = openTape(path);
    expect(two.status().messages).toBe(6);
    const turn = (prompt: string, answer: string): Message[] => [user(prompt), assistant(answer), user('and?')];
    put(two, turn('quick', 'at once'), 'so');
    put(two, turn('slow', 'in the end'), 'so');
    put(two, turn('slow', 'another end'), 'so');
    put(two, 'quick', 'at once');
    expect(two.status().messages).toBe(6 + 2 + 2 + 3);
    expect([...two.verify()]).toEqual([]);
  });

  test('are missed by verify when they cannot be found', async () => {
    const path = join(temporaryFolder(), 'tape.db');
    await using tape = openTape(path);
    put(tape, 'hello', 'hi');
    put(tape, 'failed', undefined, {}, { status: 'error' });
    await tape.flush();
    const database = new DatabaseSync(path);
    database.exec('DELETE FROM key_buffer');
    database.close();
    expect([...tape.verify()].map(({ kind, problem }) => `${kind}: ${problem}`)).toEqual([
      'message: it is not in the index of hashes, so it is not found when it is looked for',
      'message: it is not in the index of hashes, so it is not found when it is looked for',
      'call: it is not in the index of hashes, so it is not found when it is looked for',
    ]);
  });

  test('are all there when several processes fill and move the buffer at once', { timeout: 120_000 }, async () => {
    const path = join(temporaryFolder(), 'tape.db');
    const writer = join(import.meta.dirname, 'test-support/writing-child.ts');
    const children = Array.from({ length: 4 }, (_, i) => spawn(process.execPath, [writer, path, `p${i}`, '1500'], { stdio: 'inherit' }));
    for (const [code] of await Promise.all(children.map((child) => once(child, 'close')))) expect(code).toBe(0);
    expect(tableSizes(path)).toEqual({ buffered: true, moved: true });
    await using tape = openTape(path);
    expect(tape.status().calls.ok).toBe(4 * 1500);
    expect([...tape.verify()]).toEqual([]);
  });
});

function numbers(database: Database, sql: string, hash: string): (number | undefined)[] {
  return database
    .arrays(sql)
    .all(hashKey(hash))
    .flatMap((row) => Object.values(row).map(asNumber));
}

function tableSizes(path: string): { readonly buffered: boolean; readonly moved: boolean } {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare('SELECT (SELECT count(*) FROM key_buffer) AS buffer, (SELECT count(*) FROM key_index) AS moved').get();
  database.close();
  return { buffered: Number(row?.['buffer']) > 0 && Number(row?.['buffer']) < 4096, moved: Number(row?.['moved']) > 0 };
}
