import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assistant, type Message, messageText, user } from '../core/index.ts';
import { asNumber } from './database.ts';
import { openTape } from './index.ts';
import { ALL_KEYED, FIRST_KEYED, KEYED, KeyIndex, LAST_KEYED } from './key-index.ts';
import { openDatabase } from './open-database.ts';
import { callEnd, callStart, put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

const { DatabaseSync } = process.getBuiltinModule('node:sqlite');

describe('the index of keys', () => {
  // Few, so that they come again.
  const hash = fc.nat(5).map((n) => `${n}`.padStart(13, '0') + 'f'.repeat(51));
  const who = fc.constantFrom('first' as const, 'second' as const);
  const step = fc.oneof(
    { arbitrary: fc.record({ who, hash, ref: fc.integer({ min: 1, max: 2 ** 52 }) }), weight: 6 },
    { arbitrary: fc.record({ who, what: fc.constantFrom('settle' as const, 'forget' as const, 'rollback' as const) }), weight: 2 },
    // Enough lookups for what is in the log to be taken into memory.
    { arbitrary: fc.record({ who, what: fc.constant('look' as const) }), weight: 2 },
  );

  test('has every row under its hash for all who have the file open, whoever added and moved it, and knows the first and the last', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const path = join(temporaryFolder(), 'tape.db');
        const opened = () => {
          const database = openDatabase(path);
          return { database, keys: new KeyIndex(database) };
        };
        const both = { first: opened(), second: opened() };
        const rows = new Map<string, Set<number>>();
        for (const each of steps) {
          const { database, keys } = both[each.who];
          if ('hash' in each) {
            database.transaction(() => keys.add(each.hash, each.ref));
            rows.set(each.hash, (rows.get(each.hash) ?? new Set()).add(each.ref));
          } else if (each.what === 'settle') database.transaction(() => keys.settle(5));
          else if (each.what === 'forget') keys.forget();
          else if (each.what === 'look') for (let i = 0; i < 16; i++) keys.key('0'.repeat(64));
          else {
            const failing = (): void =>
              database.transaction(() => {
                keys.add('0'.repeat(64), 7);
                throw new Error('the disk is full');
              });
            expect(failing).toThrow('full');
            keys.forget();
          }
        }
        for (const { database, keys } of Object.values(both)) {
          for (const [each, refs] of rows) {
            const sorted = [...refs].sort((a, b) => a - b);
            const key = keys.key(each);
            const { seen } = keys;
            const known = keys.refs(key);
            const numbers = (sql: string, third: number | string | null): (number | undefined)[] =>
              database
                .arrays(sql)
                .all(key, seen, third)
                .flatMap((row) => Object.values(row).map(asNumber));
            expect(numbers(`SELECT DISTINCT ref FROM (${ALL_KEYED}) ORDER BY ref`, JSON.stringify(known))).toEqual(sorted);
            const one = new Set(known.flatMap((ref) => numbers(KEYED, ref)).concat(numbers(KEYED, null)));
            one.delete(undefined);
            expect([...one].sort((a = 0, b = 0) => a - b)).toEqual(sorted);
            expect(numbers(`SELECT ${FIRST_KEYED}`, keys.first(key))).toEqual([sorted[0]]);
            expect(numbers(`SELECT ${LAST_KEYED}`, keys.last(key))).toEqual([sorted.at(-1)]);
            for (const ref of sorted) expect(keys.has(each, ref)).toBe(true);
            expect(keys.has(each, 2 ** 52 + 1)).toBe(false);
          }
          database.close();
        }
      }),
    );
  });

  test('moves its log when that is full, and only then', () => {
    const database = openDatabase(':memory:');
    const keys = new KeyIndex(database);
    const count = (table: string): number | undefined => database.number(`SELECT count(*) FROM ${table}`);
    for (let i = 0; i < 16_383; i++) keys.add(i.toString(16).padStart(64, '0'), i);
    keys.settle();
    expect([count('key_log'), count('key_index')]).toEqual([16_383, 0]);
    keys.add('f'.repeat(64), 16_383);
    keys.settle();
    expect([count('key_log'), count('key_index')]).toEqual([1, 16_383]);
    keys.add('e'.repeat(64), 16_384);
    expect([keys.has('f'.repeat(64), 16_383), keys.has('e'.repeat(64), 16_384), keys.has('e'.repeat(64), 5)]).toEqual([true, true, false]);
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
      for (let i = 0; i < 9000; i++) put(tape, `prompt ${i}`, `answer ${i}`, { startedAt: 2_000 + i });
      const last = callStart('asked twice', { startedAt: 19_000 });
      tape.start(last);
      tape.finish(last.id, callEnd('last'));
      await tape.close();
      expect(tableSizes(path)).toEqual({ logged: true, moved: true });

      await using again = openTape(path);
      const answer = (which?: 'oldest'): unknown => messageText(again.find(first.requestKey, which)?.samples[0]?.message ?? assistant(''));
      expect([answer(), answer('oldest')]).toEqual(['last', 'first']);
      for (let i = 0; i < 9000; i += 17)
        expect(again.find(callStart(`prompt ${i}`).requestKey)?.samples[0]?.message).toEqual(assistant(`answer ${i}`));
      expect([...again.verify()]).toEqual([]);

      const before = again.status().messages;
      for (let i = 0; i < 9000; i += 300) put(again, `prompt ${i}`, `answer ${i}`);
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
    const add = database.prepare('INSERT INTO key_log (key, ref) VALUES (?, ?)');
    // Newer ones than the one that is looked for, an older one, and one that is a message.
    for (const ref of [Number(other), 2 ** 52, 5, 1]) add.run(Number.parseInt(requestKey.slice(0, 13), 16), ref);
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
    database.exec('DELETE FROM key_log');
    database.close();
    expect([...tape.verify()].map(({ kind, problem }) => `${kind}: ${problem}`)).toEqual([
      'message: it is not in the index of hashes, so it is not found when it is looked for',
      'message: it is not in the index of hashes, so it is not found when it is looked for',
      'call: it is not in the index of hashes, so it is not found when it is looked for',
    ]);
  });

  test('are all there when several processes fill and move the log at once', { timeout: 120_000 }, async () => {
    const path = join(temporaryFolder(), 'tape.db');
    const writer = join(import.meta.dirname, 'test-support/writing-child.ts');
    const children = Array.from({ length: 4 }, (_, i) => spawn(process.execPath, [writer, path, `p${i}`, '2500'], { stdio: 'inherit' }));
    for (const [code] of await Promise.all(children.map((child) => once(child, 'close')))) expect(code).toBe(0);
    expect(tableSizes(path)).toEqual({ logged: true, moved: true });
    await using tape = openTape(path);
    expect(tape.status().calls.ok).toBe(4 * 2500);
    expect([...tape.verify()]).toEqual([]);
  });
});

function tableSizes(path: string): { readonly logged: boolean; readonly moved: boolean } {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare('SELECT (SELECT count(*) FROM key_log) AS log, (SELECT count(*) FROM key_index) AS moved').get();
  database.close();
  return { logged: Number(row?.['log']) > 0 && Number(row?.['log']) < 16_384, moved: Number(row?.['moved']) > 0 };
}
