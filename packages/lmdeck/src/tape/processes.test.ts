import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { messageText } from '../core/index.ts';
import { openTape } from './index.ts';
import { callStart, put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

const support = join(import.meta.dirname, 'test-support');

/** How old something may be when a crash takes it: a checkpoint's interval, two commit windows, and a busy machine's delays. */
const LOSS_MS = 1500;

test('a killed process leaves its finished calls whole and the running one with what had come', { timeout: 60_000 }, async () => {
  for (const killAfterPieces of [3, 170, 245]) {
    const path = join(temporaryFolder(), 'tape.db');
    const child = spawn(process.execPath, [join(support, 'streaming-child.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        if (output.split('\npiece ').length >= killAfterPieces) resolve();
      });
    });
    const alive = openTape(path, { readOnly: true });
    expect(alive.count({ status: 'interrupted' })).toBe(0);
    await alive.close();
    child.kill('SIGKILL');
    const killedAt = Date.now();
    await once(child, 'close');

    const lines = output.split('\n').map((line) => line.split(' '));
    await using tape = openTape(path);
    const calls = new Map(tape.calls().map((call) => [messageText(call.request.messages[0] ?? { role: 'user', parts: [] }), call]));
    for (const [kind, number, ...rest] of lines) {
      const call = calls.get(`call ${number}`);
      if (kind === 'end' && Number(rest[0]) < killedAt - LOSS_MS) expect(call?.status).toBe('ok');
      if (kind !== 'piece' || Number(rest[1]) > killedAt - LOSS_MS) continue;
      const text = messageText(call?.samples[0]?.message ?? { role: 'assistant', parts: [] });
      expect(text).toContain(`piece ${Number(rest[0]) - 1} `);
      // What there is has no holes.
      expect(text).toBe(Array.from({ length: text.split('piece').length - 1 }, (_, i) => `piece ${i} `).join(''));
    }
    const statuses = [...calls.values()].map((call) => call.status);
    expect(statuses.filter((status) => status === 'interrupted').length).toBeLessThanOrEqual(1);
    expect(new Set(statuses).difference(new Set(['ok', 'interrupted'])).size).toBe(0);
    expect(tape.count({ status: 'started' })).toBe(0);
    expect([...tape.verify()]).toEqual([]);
  }
});

test('32 processes write to one new file at once and lose nothing', { timeout: 120_000 }, async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const children = Array.from({ length: 32 }, (_, i) =>
    spawn(process.execPath, [join(support, 'writing-child.ts'), path, `p${i}`, '60'], { stdio: ['ignore', 'ignore', 'pipe'] }),
  );
  const errors: string[] = [];
  await Promise.all(
    children.map(async (child) => {
      child.stderr.on('data', (data: Buffer) => errors.push(data.toString()));
      const [code] = await once(child, 'close');
      expect(code).toBe(0);
    }),
  );
  expect(errors.join('')).toBe('');
  await using tape = openTape(path);
  expect(tape.status().calls).toMatchObject({ ok: 32 * 60, interrupted: 0, started: 0 });
  for (let i = 0; i < 32; i++) expect(tape.count({ runId: `p${i}` })).toBe(60);
  expect(tape.search('p7 AND 59')).toHaveLength(1);
  expect([...tape.verify()]).toEqual([]);
});

test('a process that ends by itself writes what it has, and nothing keeps it from ending', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const child = spawn(process.execPath, [join(support, 'writing-child.ts'), path, 'one', '1'], { stdio: 'inherit' });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  await using tape = openTape(path, { readOnly: true });
  expect(tape.calls().map((call) => call.status)).toEqual(['ok']);
});

test('a call is running while its process lives, and interrupted once its tape is closed without its end', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const tape = openTape(path);
  const start = callStart('hello');
  tape.start(start);
  tape.checkpoint(start.id, [{ message: { role: 'assistant', parts: [{ type: 'text', text: 'Hel' }] } }]);
  expect(tape.call(start.id)?.status).toBe('started');
  await tape.close();
  await using again = openTape(path);
  expect(again.call(start.id)).toMatchObject({ status: 'interrupted', samples: [{ message: { parts: [{ text: 'Hel' }] } }] });
  expect(again.count({ status: 'interrupted' })).toBe(1);
  expect(again.conversation(start.id)?.messages.map(messageText)).toEqual(['hello', 'Hel']);
});

test('a call of a process of this number that is another one is interrupted', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path);
  const start = callStart('hello');
  tape.start(start);
  await tape.flush();
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(path);
  database.exec("UPDATE processes SET started = '1'");
  expect(tape.call(start.id)?.status).toBe('interrupted');
  // What another machine does cannot be seen from here: for a day it counts as running.
  database.exec("UPDATE processes SET host = 'elsewhere'");
  expect(tape.call(start.id)?.status).toBe('started');
  database.exec('UPDATE calls SET started_at = 0');
  expect(tape.call(start.id)?.status).toBe('interrupted');
  database.close();
});

test('two tapes of one file in one process see each other', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using one = openTape(path);
  await using two = openTape(path);
  put(one, 'a', 'from one');
  put(two, 'a', 'from two');
  await Promise.all([one.flush(), two.flush()]);
  expect(one.count()).toBe(2);
  expect(two.status().messages).toBe(3);
});
