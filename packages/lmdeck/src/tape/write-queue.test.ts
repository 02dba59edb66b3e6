import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type CallStart, LmdeckError, messageText, type Part, type Sample } from '../core/index.ts';
import { openTape } from './index.ts';
import { callEnd, callStart, put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

const { DatabaseSync } = process.getBuiltinModule('node:sqlite');

async function failure(work: Promise<unknown>): Promise<LmdeckError> {
  try {
    await work;
  } catch (error) {
    if (LmdeckError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('what is queued is committed when its window ends, without being asked', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path, { windowMs: 5 });
  put(tape, 'a', 'b');
  await using reader = openTape(path, { readOnly: true });
  await expect.poll(() => reader.count()).toBe(1);
});

test('calls that start and end within one window are written once', async () => {
  await using tape = openTape(':memory:');
  const start = callStart('a');
  tape.start(start);
  tape.checkpoint(start.id, [{ message: { role: 'assistant', parts: [{ type: 'text', text: 'b' }] } }]);
  tape.finish(start.id, callEnd('b'));
  tape.finish(start.id, callEnd('c'));
  tape.start(start);
  await tape.flush();
  expect(tape.calls().map((call) => call.samples.map(({ message }) => messageText(message)))).toEqual([['b']]);
});

test('a locked file delays writing and loses nothing', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path, { windowMs: 1 });
  const blocker = new DatabaseSync(path);
  blocker.exec('BEGIN IMMEDIATE');
  for (let i = 0; i < 50; i++) put(tape, `prompt ${i}`, 'answer');
  setTimeout(() => blocker.exec('ROLLBACK'), 300);
  await tape.flush();
  blocker.close();
  expect(tape.status()).toMatchObject({ waiting: 0, lost: 0, calls: { ok: 50 } });
});

test('on a full disk calls go on, the queue is kept, and flush and close say what is wrong', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const tape = openTape(path, { maxBytes: 400_000 });
  const long = 'word '.repeat(20_000);
  for (let i = 0; i < 10; i++) put(tape, `${i} ${long}`, 'answer');
  const error = await failure(tape.flush());
  expect(error.code).toBe('tape');
  expect(error.message).toContain(`Cannot write the tape ${path}: the disk is full.`);
  expect(tape.status().waiting).toBeGreaterThan(0);
  const { requestKey } = callStart(`9 ${long}`);
  expect(tape.find(requestKey)?.samples).toHaveLength(1);
  expect((await failure(tape.close())).message).toContain('the disk is full');

  await using again = openTape(path);
  expect([...again.verify()]).toEqual([]);
  put(again, 'small', 'answer');
  await again.flush();
  expect(again.count()).toBe(1);
});

const mounts: string[] = [];
afterEach(() => {
  for (const folder of mounts.splice(0)) spawnSync('umount', ['-l', folder]);
});

test('what waited for a full disk is written when there is space again', async ({ skip }) => {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1200k', 'tmpfs', folder]).status !== 0) skip('needs the right to mount');
  mounts.push(folder);
  const path = join(folder, 'tape.db');
  const tape = openTape(path);
  await tape.flush();
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(700_000));
  const long = 'word '.repeat(10_000);
  for (let i = 0; i < 8; i++) put(tape, `${i} ${long}`, 'answer');
  expect((await failure(tape.flush())).message).toContain('the disk is full');
  rmSync(join(folder, 'ballast'));
  await tape.flush();
  expect(tape.status()).toMatchObject({ waiting: 0, lost: 0, calls: { ok: 8 } });
  expect([...tape.verify()]).toEqual([]);
  await tape.close();
});

test('what waits is bounded: partial answers go first, then the oldest calls, and flush tells how many', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const tape = openTape(path, { maxBytes: 400_000, maxWaitingChars: 1_000_000 });
  const long = 'word '.repeat(20_000);
  for (let i = 0; i < 30; i++) put(tape, `${i} ${long}`, 'answer', { startedAt: i });
  await failure(tape.flush());
  const { lost, waiting } = tape.status();
  expect(waiting).toBeLessThanOrEqual(10);
  expect(lost + waiting).toBe(30);
  expect(tape.find(callStart(`29 ${long}`).requestKey)).toBeDefined();
  expect(tape.find(callStart(`0 ${long}`).requestKey)).toBeUndefined();
  await failure(tape.close());
});

test('a call that cannot be written does not hold up the others', async () => {
  await using tape = openTape(':memory:');
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const bad = callStart('bad');
  // Metadata comes from callers, who need not keep to the types.
  Object.assign(bad, { metadata: circular });
  tape.start(bad);
  tape.finish(bad.id, callEnd('x'));
  put(tape, 'good', 'y');
  expect((await failure(tape.flush())).message).toContain('1 call(s) could not be recorded');
  await tape.flush();
  expect(tape.status()).toMatchObject({ lost: 1, calls: { ok: 1 } });
});

test('checkpoints cost in proportion to the answer, can be read while it comes, and are gone when it is complete', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path);
  const start = callStart('Write a book.');
  tape.start(start);
  let text = '';
  for (let i = 0; i < 100; i++) {
    text += `${i} ${'x'.repeat(10_000)}`;
    tape.checkpoint(start.id, [
      sample([
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text },
      ]),
    ]);
    await tape.flush();
  }
  expect(statSync(`${path}-wal`).size + statSync(path).size).toBeLessThan(6_000_000);
  expect(tape.call(start.id)?.samples).toEqual([
    sample([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text },
    ]),
  ]);
  tape.finish(start.id, callEnd(text));
  await tape.flush();
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare('SELECT count(*) AS n FROM partials').get()).toMatchObject({ n: 0 });
  database.close();
});

test('a checkpoint knows tool calls, several samples and characters that are cut in half', async () => {
  await using tape = openTape(':memory:');
  const start = callStart('x');
  tape.start(start);
  const steps: Sample[][] = [
    [sample([{ type: 'text', text: 'a\uFFFD' }])],
    [
      sample([
        { type: 'text', text: 'a😀' },
        { type: 'tool-call', id: '1', name: 'f', arguments: '{"x"' },
      ]),
      sample([{ type: 'text', text: 'B' }]),
    ],
    [
      sample([
        { type: 'text', text: 'a😀', providerMetadata: { openai: { id: '7' } } },
        { type: 'tool-call', id: '1', name: 'f', arguments: '{"x":1}' },
      ]),
      sample([{ type: 'text', text: 'BC' }]),
    ],
  ];
  const seen = [];
  for (const samples of steps) {
    tape.checkpoint(start.id, samples);
    await tape.flush();
    seen.push(tape.call(start.id)?.samples);
  }
  expect(seen[0]).toEqual([sample([{ type: 'text', text: 'a' }])]);
  expect(seen.slice(1, 2)).toEqual(steps.slice(1, 2));
  expect(seen[2]?.[1]).toEqual(steps[2]?.[1]);
  expect(seen[2]?.[0]?.message.parts[1]).toEqual(steps[2]?.[0]?.message.parts[1]);
});

function sample(parts: Part[]): Sample {
  return { message: { role: 'assistant', parts } };
}

test('a waiting call that has no key does not keep the others from being found', async () => {
  await using tape = openTape(':memory:');
  const bad: CallStart = {
    ...callStart('bad'),
    get requestKey(): string {
      throw new TypeError('canonical JSON: NaN is not a JSON number');
    },
  };
  tape.start(bad);
  tape.finish(bad.id, callEnd('never found'));
  const ids = [put(tape, 'good', 'first'), put(tape, 'good', 'last')];
  const { requestKey } = callStart('good');
  expect([tape.find(requestKey, 'oldest')?.id, tape.find(requestKey)?.id]).toEqual(ids);
  await expect(tape.flush()).rejects.toMatchObject({ code: 'tape', message: expect.stringContaining('1 call(s) could not be recorded') });
  expect([tape.find(requestKey, 'oldest')?.id, tape.find(requestKey)?.id]).toEqual(ids);
});
