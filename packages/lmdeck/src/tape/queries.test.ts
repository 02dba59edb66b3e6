import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assistant, type CallStatus, LmdeckError, messageText, type StoredCall, system, toolResult, user } from '../core/index.ts';
import { type CallFilter, openTape, schemaHash, type Tape } from './index.ts';
import { callEnd, callStart, put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

test('calls come newest first or oldest first, page by page', async () => {
  await using tape = openTape(':memory:');
  const ids = Array.from({ length: 300 }, (_, i) => put(tape, `prompt ${i}`, 'answer', { startedAt: 1_700_000_000_000 + i * 1000 }));
  expect(tape.calls({ order: 'oldest' }).map((call) => call.id)).toEqual(ids);
  expect([...tape.iterate()].map((call) => call.id)).toEqual(ids.toReversed());
  expect(tape.calls({ limit: 2 }).map((call) => call.id)).toEqual([ids[299], ids[298]]);
  expect(tape.calls({ limit: 2, beforeId: ids[10] ?? '' }).map((call) => call.id)).toEqual([ids[9], ids[8]]);
  expect(tape.calls({ limit: 2, afterId: ids[10] ?? '', order: 'oldest' }).map((call) => call.id)).toEqual([ids[11], ids[12]]);
  expect(() => tape.calls({ afterId: 'nope' })).toThrow(/There is no call "nope"/);
});

test('a filter gives what a filter over all calls gives', async () => {
  await using tape = openTape(':memory:');
  const statuses = ['ok', 'error', 'aborted'] as const;
  const random = fc.sample(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)), { numRuns: 60, seed: 7 });
  for (const [i, [conversation, model, status, run, word]] of random.entries()) {
    put(
      tape,
      `${['apple', 'pear', 'plum'][word]} ${i}`,
      'fine',
      {
        startedAt: 1000 * i,
        model: `m${model}`,
        ...(conversation === 0 ? {} : { conversationId: `c${conversation}` }),
        ...(run === 0 ? {} : { runId: `r${run}`, parentCallId: `p${run}` }),
      },
      { status: statuses[status] ?? 'ok' },
    );
  }
  const all = tape.calls();
  const filter = fc.record(
    {
      conversationId: fc.constantFrom('c1', 'c2', all[0]?.id ?? ''),
      model: fc.constantFrom('m0', 'm1', 'none'),
      status: fc.constantFrom<CallStatus>('ok', 'error', 'aborted', 'started', 'interrupted'),
      query: fc.constantFrom('apple', 'pear OR plum', 'fine NOT apple', 'nothing'),
      runId: fc.constantFrom('r1', 'r2'),
      parentCallId: fc.constantFrom('p1', 'p2'),
      since: fc.nat(60_000),
      until: fc.nat(60_000),
      limit: fc.nat(70),
      order: fc.constantFrom('newest' as const, 'oldest' as const),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(filter, (each: CallFilter) => {
      const matching = all.filter(
        (call) =>
          (each.conversationId === undefined || call.conversationId === each.conversationId) &&
          (each.model === undefined || call.model === each.model) &&
          (each.status === undefined || call.status === each.status) &&
          (each.query === undefined || matches(each.query, messageText(call.request.messages[0] ?? user('')))) &&
          (each.runId === undefined || call.runId === each.runId) &&
          (each.parentCallId === undefined || call.parentCallId === each.parentCallId) &&
          (each.since === undefined || call.startedAt >= each.since) &&
          (each.until === undefined || call.startedAt < each.until),
      );
      const ids = (each.order === 'oldest' ? matching.toReversed() : matching).slice(0, each.limit).map((call) => call.id);
      expect(tape.calls(each).map((call) => call.id)).toEqual(ids);
      expect(tape.count(each)).toBe(ids.length);
    }),
    { numRuns: 300 },
  );
});

function matches(query: string, prompt: string): boolean {
  if (query === 'pear OR plum') return /pear|plum/.test(prompt);
  if (query === 'fine NOT apple') return !prompt.includes('apple');
  return prompt.includes(query);
}

test('a call is found by its id and by a prefix that is its own', async () => {
  await using tape = openTape(':memory:');
  const first = put(tape, 'a', 'b', { id: '01aaaa0000' });
  put(tape, 'c', 'd', { id: '01aaab0000' });
  expect(tape.call(first)?.id).toBe(first);
  expect(tape.call('01aaaa')?.id).toBe(first);
  expect(tape.call('zz')).toBeUndefined();
  expect(tape.call('')).toBeUndefined();
  expect(() => tape.call('01aaa')).toThrow('Several calls begin with "01aaa": 01aaaa0000, 01aaab0000. Give more of the id.');
});

test('calls are found by their schema, however its text is written', async () => {
  await using tape = openTape(':memory:');
  const schema = { type: 'object', properties: { name: { type: 'string' } } };
  const { request } = callStart('x');
  const id = put(tape, '', '{}', { request: { ...request, schema } });
  put(tape, 'y', '{}');
  const other = '{"properties": {"name": {"type": "string"}}, "type": "object"}';
  expect(tape.calls({ schema: other }).map((call) => call.id)).toEqual([id]);
  expect(tape.count({ schema: schemaHash(other) })).toBe(1);
  expect(tape.count({ schema: '{"type":"string"}' })).toBe(0);
  expect(() => tape.count({ schema: 'person' })).toThrow(/neither the JSON text of a schema nor its hash/);
});

test('search finds prompts and answers, newest first, in what was written a moment ago', async () => {
  await using tape = openTape(':memory:');
  const ids = ['pelicans fly', 'walrus', 'a pelican'].map((prompt, i) =>
    put(tape, prompt, i === 1 ? 'unlike a pelican' : 'yes', { startedAt: 1000 * i }),
  );
  expect(tape.search('pelican').map((call) => call.id)).toEqual([ids[2], ids[1]]);
  expect(tape.search('pelican*', { limit: 1 }).map((call) => call.id)).toEqual([ids[2]]);
  expect(tape.search('prompt:pelican').map((call) => call.id)).toEqual([ids[2]]);
  const imported = put(tape, 'an old pelican', 'ok', { startedAt: 500 });
  expect(tape.search('pelican').map((call) => call.id)).toEqual([ids[2], ids[1], imported]);
  expect(tape.status().unindexed).toBe(0);
});

test('search knows this turn, its tool results and its answer, not the system prompt and the turns before', async () => {
  await using tape = openTape(':memory:');
  const history = [
    system('Be a parrot.'),
    user('First question'),
    assistant('First answer'),
    user('Second question'),
    toolResult('1', 'weather: rain'),
  ];
  const id = put(tape, history, 'Second answer');
  for (const query of ['second', 'rain', '"second answer"']) expect(tape.search(query).map((call) => call.id)).toEqual([id]);
  for (const query of ['parrot', 'first']) expect(tape.search(query)).toEqual([]);
});

test('a call that ends after others were indexed is found too', async () => {
  await using tape = openTape(':memory:');
  const slow = callStart('a slow pelican', { startedAt: 1000 });
  tape.start(slow);
  put(tape, 'a quick walrus', 'yes', { startedAt: 2000 });
  expect(tape.search('walrus')).toHaveLength(1);
  expect(tape.search('pelican')).toHaveLength(0);
  tape.finish(slow.id, callEnd('finally'));
  expect(tape.search('pelican AND finally')).toHaveLength(1);
});

test('several connections index one file, each call once', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using one = openTape(path);
  await using two = openTape(path);
  for (let i = 0; i < 300; i++) put(i % 2 === 0 ? one : two, `pelican ${i}`, 'yes');
  await Promise.all([one.flush(), two.flush()]);
  const slow = callStart('a slow pelican');
  one.start(slow);
  await one.flush();
  expect(two.search('pelican')).toHaveLength(300);
  expect(one.search('pelican')).toHaveLength(300);
  one.finish(slow.id, callEnd('done'));
  expect(one.count({ query: 'slow AND done' })).toBe(1);
  expect(two.search('pelican')).toHaveLength(301);
});

test('calls are indexed in the background, and when the tape is closed', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path, { windowMs: 1 });
  put(tape, 'a pelican', 'yes');
  await using reader = openTape(path, { readOnly: true });
  await expect.poll(() => reader.search('pelican').length, { timeout: 5000 }).toBe(1);
  const other = openTape(path);
  put(other, 'a walrus', 'yes');
  await other.close();
  expect(reader.search('walrus')).toHaveLength(1);
});

test('what the index lacks is found by those who can only read, too', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const first = openTape(path);
  for (let i = 0; i < 3; i++) put(first, `pelican ${i}`, 'yes', { model: i === 1 ? 'other' : 'test/model' });
  await first.close();
  await using reader = openTape(path, { readOnly: true });
  expect(reader.status().unindexed).toBe(3);
  const texts = (calls: readonly StoredCall[]): string[] => calls.map(({ request }) => request.messages.map(messageText).join());
  expect(texts(reader.search('pelican'))).toEqual(['pelican 2', 'pelican 1', 'pelican 0']);
  expect(texts(reader.search('pelican', { limit: 1 }))).toEqual(['pelican 2']);
  expect(texts(reader.calls({ query: 'pelican', model: 'other' }))).toEqual(['pelican 1']);
  expect(reader.count({ query: 'pelican AND 0' })).toBe(1);
  expect(() => reader.search('"open')).toThrow(/Cannot search/);
  await using writer = openTape(path);
  put(writer, 'pelican 3', 'yes');
  expect(writer.search('pelican')).toHaveLength(4);
  put(writer, 'pelican 4', 'yes');
  await writer.flush();
  expect(texts(reader.search('pelican'))).toEqual(['pelican 4', 'pelican 3', 'pelican 2', 'pelican 1', 'pelican 0']);
});

test('closing indexes what is left once it is worth opening the index', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const few = openTape(path);
  for (let i = 0; i < 10; i++) put(few, `few ${i}`, 'yes');
  await few.close();
  const many = openTape(path);
  expect(many.status().unindexed).toBe(10);
  for (let i = 0; i < 60; i++) put(many, `many ${i}`, 'yes');
  await many.close();
  await using reader = openTape(path, { readOnly: true });
  expect(reader.status().unindexed).toBeLessThan(64);
});

test('a query that is not one is the caller’s mistake', async () => {
  await using tape = openTape(':memory:');
  put(tape, 'a', 'b');
  for (const query of ['"open', 'AND', 'a AND', 'no-such', 'x:y', '']) {
    let error: unknown;
    try {
      tape.search(query);
    } catch (caught) {
      error = caught;
    }
    expect(LmdeckError.isInstance(error) ? error.code : error, query).toBe('usage');
  }
});

test('conversations are named by their first prompt and listed by their last use', async () => {
  await using tape = openTape(':memory:');
  const first = put(tape, '  What is\n\nthe capital of France, and why is that so? ', 'Paris', { startedAt: 1000, id: '01abc0' });
  put(tape, [system('Be brief.'), user('Short')], 'ok', { startedAt: 2000, conversationId: 'short', model: 'other' });
  put(tape, [user('x'), assistant('Paris'), user('Really?')], 'Yes', { startedAt: 3000, conversationId: first });
  expect(tape.conversations()).toEqual([
    { id: first, name: 'What is the capital of France, …', model: 'test/model', calls: 2, firstAt: 1000, lastAt: 3000 },
    { id: 'short', name: 'Short', model: 'other', calls: 1, firstAt: 2000, lastAt: 2000 },
  ]);
  expect(tape.conversations({ limit: 1 }).map(({ id }) => id)).toEqual([first]);
  expect(tape.conversations({ model: 'other' }).map(({ id }) => id)).toEqual(['short']);
  expect(tape.conversations({ query: 'capital' }).map(({ id }) => id)).toEqual([first]);
  expect(tape.status().conversations).toBe(2);
  expect(tape.latestConversation()?.id).toBe(first);
  put(tape, [user('Short'), assistant('ok'), user('More')], 'no', { startedAt: 4000, conversationId: 'short' });
  expect(tape.latestConversation()?.id).toBe('short');
  put(tape, 'A row of a batch', 'done', { startedAt: 5000, runId: 'batch' });
  expect(tape.latestConversation()?.id).toBe('short');
  expect(tape.conversation('sho')?.id).toBe('short');
  expect(tape.conversation('01ab')?.id).toBe(first);
  expect(tape.conversation('nope')).toBeUndefined();
});

test('a conversation goes on from its last answer, also one that was cut short', async () => {
  await using tape = openTape(':memory:');
  const texts = (id: string): string[] => tape.conversation(id)?.messages.map(messageText) ?? [];
  put(tape, 'One', 'Answer one', { conversationId: 'c' });
  put(tape, [user('One'), assistant('Answer one'), user('Two')], undefined, { conversationId: 'c' }, { status: 'error' });
  expect(texts('c')).toEqual(['One', 'Answer one']);
  put(
    tape,
    [user('One'), assistant('Answer one'), user('Three')],
    'Answer thr',
    { conversationId: 'c', model: 'm3' },
    { status: 'aborted' },
  );
  expect(texts('c')).toEqual(['One', 'Answer one', 'Three', 'Answer thr']);
  expect(tape.conversation('c')?.model).toBe('m3');
  put(tape, 'Nothing came', undefined, { conversationId: 'empty' }, { status: 'error' });
  expect(texts('empty')).toEqual([]);
});

test('verify finds what was changed', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path);
  const ids = Array.from({ length: 5 }, (_, i) => put(tape, [user(`q${i}`), assistant('hm'), user('go on')], `answer ${i}`));
  await tape.flush();
  expect([...tape.verify()]).toEqual([]);
  const edit = (sql: string): void => {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    database.exec(sql);
    database.close();
  };
  edit(`UPDATE messages SET text = 'forged' WHERE text = 'answer 2'`);
  edit(`UPDATE calls SET model = 'forged' WHERE id = '${ids[3]}'`);
  edit(`UPDATE calls SET options = '{"temperature":2}' WHERE id = '${ids[4]}'`);
  expect([...tape.verify()].map(({ kind, id, problem }) => [kind, kind === 'call' ? id : '', problem])).toEqual([
    ['message', '', expect.stringContaining('its content has the hash')],
    ['call', ids[3], expect.stringContaining('its request has the key')],
    ['call', ids[4], expect.stringContaining('its request has the key')],
  ]);
});

test('a backup is a whole tape, and does not overwrite anything', async () => {
  const folder = temporaryFolder();
  await using tape = openTape(join(folder, 'tape.db'));
  const id = put(tape, 'a pelican', 'b');
  const copy = join(folder, 'copy.db');
  tape.backup(copy);
  await using again = openTape(copy);
  expect(again.call(id)).toEqual(tape.call(id));
  expect(again.search('pelican')).toHaveLength(1);
  expect([...again.verify()]).toEqual([]);
  expect(() => tape.backup(copy)).toThrow(/the file exists/);
  expect(() => tape.backup(join(folder, 'no/such/folder.db'))).toThrow(
    /Cannot back up the tape .*tape\.db to .*folder\.db: it cannot be opened/,
  );
  expect(existsSync(join(folder, 'no'))).toBe(false);
});

test('a backup that found no room leaves nothing behind', async ({ skip }) => {
  const folder = temporaryFolder();
  await using tape = openTape(join(folder, 'tape.db'));
  put(tape, 'word '.repeat(20_000), 'b');
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status !== 0) skip('needs the right to mount');
  try {
    expect(() => tape.backup(join(disk, 'copy.db'))).toThrow(/to .*copy\.db: the disk is full/);
    expect(readdirSync(disk)).toEqual([]);
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
});

test('the status counts what there is', async () => {
  await using tape: Tape = openTape(':memory:');
  put(tape, 'a', 'b', { startedAt: 5000 });
  put(tape, 'c', undefined, { startedAt: 6000 }, { status: 'error' });
  tape.start(callStart('d', { startedAt: 7000 }));
  expect(tape.status()).toMatchObject({
    path: ':memory:',
    schemaVersion: 2,
    calls: { ok: 1, error: 1, aborted: 0, started: 1, interrupted: 0 },
    conversations: 3,
    messages: 4,
    firstAt: 5000,
    lastAt: 7000,
    waiting: 0,
    lost: 0,
  });
});

test('a closed tape says that it is closed, and calls that go on do not notice', async () => {
  const tape = openTape(':memory:');
  const start = callStart('a');
  tape.start(start);
  await tape.close();
  tape.finish(start.id, callEnd('b'));
  await tape.flush();
  await tape.close();
  expect(() => tape.calls()).toThrow('The tape :memory: is closed. Open it again with openTape().');
});

test('the answer that a run has for a request; a call that has just ended can be put on disk at once', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path, { windowMs: 60_000 });
  const mine = put(tape, 'What?', 'first', { runId: 'a' });
  put(tape, 'What?', 'other run', { runId: 'b' });
  put(tape, 'Why?', undefined, { runId: 'a' }, { status: 'error' });
  const key = callStart('What?').requestKey;
  expect(tape.answerOf('a', key)).toBeUndefined();
  expect(tape.commitEnded()).toBe(true);
  await using reader = openTape(path, { readOnly: true });
  expect(reader.answerOf('a', key)?.id).toBe(mine);
  expect(reader.answerOf('c', key)).toBeUndefined();
  expect(reader.answerOf('a', callStart('Why?').requestKey)).toBeUndefined();
  expect([[...reader.answered('a')], [...reader.answered('c')]]).toEqual([[{ id: mine, requestKey: key }], []]);
});

test('what a run has answered is told page by page', async () => {
  await using tape = openTape(':memory:');
  const keys = Array.from({ length: 5000 }, (_, i) => {
    put(tape, `prompt ${i}`, 'answer', { runId: 'r', startedAt: 1_000 + i });
    return callStart(`prompt ${i}`).requestKey;
  });
  expect([...tape.answered('r')].map(({ requestKey }) => requestKey)).toEqual(keys);
});

test('costs are summed as far as they are known', async () => {
  await using tape = openTape(':memory:');
  put(tape, 'a', 'x', { runId: 'r' }, { costMicros: 1.5 });
  put(tape, 'b', 'x', { runId: 'r' }, { costMicros: 0 });
  put(tape, 'c', 'x', { runId: 'r' });
  put(tape, 'd', 'x', { runId: 's' }, { costMicros: 7 });
  expect(tape.cost({ runId: 'r' })).toEqual({ costMicros: 1.5, priced: 2, unpriced: 1 });
  expect(tape.cost()).toEqual({ costMicros: 8.5, priced: 3, unpriced: 1 });
  expect(tape.cost({ runId: 'none' })).toEqual({ costMicros: 0, priced: 0, unpriced: 0 });
  expect(tape.cost({ query: 'd' })).toEqual({ costMicros: 7, priced: 1, unpriced: 0 });
});
