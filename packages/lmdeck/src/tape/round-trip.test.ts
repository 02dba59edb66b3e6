import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  assistant,
  type CallEnd,
  type CallStart,
  createRequest,
  type JsonObject,
  messageText,
  type ModelRequest,
  raw,
  type Sample,
  user,
} from '../core/index.ts';
import { openTape } from './index.ts';
import { end, jsonObject, request, text } from './test-support/arbitraries.ts';
import { callEnd, type CallFacts, callStart, put } from './test-support/calls.ts';
import { temporaryFolder } from './test-support/temporary-folder.ts';

const call = fc.record(
  {
    request,
    end,
    metadata: jsonObject,
    endpoint: text,
    revision: text,
    runId: text,
    parentCallId: text,
    stream: fc.boolean(),
    splits: fc.boolean(),
  },
  { requiredKeys: ['request', 'end', 'stream', 'splits'], noNullPrototype: true },
);

interface GeneratedCall {
  readonly request: ModelRequest;
  readonly end: CallEnd;
  readonly stream: boolean;
  readonly splits: boolean;
  readonly metadata?: JsonObject;
}

test('what goes onto a tape comes off it again, from the same process and from the file', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const written: { readonly start: ReturnType<typeof callStart>; readonly given: GeneratedCall }[] = [];
  const tape = openTape(path);
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 3 }), async (calls) => {
      for (const given of calls) {
        const { end: _end, splits: _splits, ...facts } = given;
        const start = callStart([], facts);
        tape.start(start);
        // Some are written when they start and completed later, others at once.
        if (given.splits) await tape.flush();
        tape.finish(start.id, given.end);
        expect(tape.call(start.id)).toEqual(expected(start, given.end));
        written.push({ start, given });
      }
    }),
    { numRuns: 150 },
  );
  expect([...tape.verify()]).toEqual([]);
  await tape.close();

  await using again = openTape(path, { readOnly: true });
  expect(written.length).toBeGreaterThan(150);
  for (const { start, given } of written) expect(again.call(start.id)).toEqual(expected(start, given.end));
  expect(again.count()).toBe(written.length);
});

function expected(start: ReturnType<typeof callStart>, ended: CallEnd): unknown {
  const { messageHashes: _hashes, ...rest } = start;
  return JSON.parse(JSON.stringify({ ...rest, ...ended, conversationId: start.conversationId ?? start.id }));
}

test('a waiting call is found by its key before it is written, and reads the same after', async () => {
  await using tape = openTape(':memory:');
  const start = callStart('What is 2+2?', { conversationId: 'c', runId: 'r' });
  tape.start(start);
  tape.finish(start.id, { status: 'ok', samples: [{ message: assistant('4'), finish: { reason: 'stop' } }], durationMs: 2, attempts: 1 });
  const before = { ...tape.find(start.requestKey) };
  await tape.flush();
  expect({ ...tape.find(start.requestKey) }).toEqual(before);
  expect(before.samples?.map(({ message }) => messageText(message))).toEqual(['4']);
});

test('find gives the newest or the oldest call that ended ok', async () => {
  await using tape = openTape(':memory:');
  const first = put(tape, 'again', 'one', { startedAt: 1000 });
  put(tape, 'again', undefined, { startedAt: 2000 }, { status: 'error' });
  const last = put(tape, 'again', 'two', { startedAt: 3000 });
  put(tape, 'again', undefined, { startedAt: 4000 }, { status: 'aborted' });
  await tape.flush();
  const { requestKey } = callStart('again');
  expect(tape.find(requestKey)?.id).toBe(last);
  expect(tape.find(requestKey, 'oldest')?.id).toBe(first);
  expect(tape.find(callStart('never asked').requestKey)).toBeUndefined();
});

test('a long conversation costs space in proportion to its turns', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path);
  const history = [];
  for (let turn = 0; turn < 200; turn++) {
    history.push(user(`Question ${turn}: ${'why '.repeat(100)}`));
    put(tape, [...history], `Answer ${turn}: ${'because '.repeat(100)}`, { conversationId: 'long' });
    history.push(assistant(`Answer ${turn}: ${'because '.repeat(100)}`));
  }
  await tape.flush();
  const status = tape.status();
  expect(status.messages).toBe(400);
  expect(status.conversations).toBe(1);
  expect(tape.conversation('long')?.messages).toEqual(history);
});

test('equal messages are stored once, whoever wrote them and when', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  for (let i = 0; i < 3; i++) {
    await using tape = openTape(path);
    for (let k = 0; k < 2; k++) {
      put(tape, 'Hi', 'Hello');
      await tape.flush();
      put(
        tape,
        [user('Hi'), assistant('Hello'), user('More')],
        'Enough',
        {},
        { samples: ['Enough', 'Enough', 'Too much'].map((text) => ({ message: assistant(text) })) },
      );
      await tape.flush();
    }
    expect(tape.status().messages).toBe(5);
    expect(tape.calls({ limit: 1 })[0]?.samples.map(({ message }) => messageText(message))).toEqual(['Enough', 'Enough', 'Too much']);
  }
});

test('an attachment is stored once, and comes back to the character', async () => {
  const data = Buffer.alloc(200_000, 'image').toString('base64');
  const ask = (question: string) => [user(question, [{ type: 'attachment', mediaType: 'image/png', data }])];
  const path = join(temporaryFolder(), 'tape.db');
  await using tape = openTape(path);
  const ids = ['What is it?', 'Who made it?', 'Where?'].map((question) => put(tape, ask(question), 'A picture.'));
  await tape.flush();
  expect(tape.status().bytes).toBeLessThan(2 * 200_000 + 400_000);
  for (const id of ids) expect(tape.call(id)?.request.messages[0]?.parts[1]).toEqual({ type: 'attachment', mediaType: 'image/png', data });
});

test('the answer of a score is the text that was scored: kept once, given back, and found by search', async () => {
  const path = join(temporaryFolder(), 'tape.db');
  const tokens = [{ token: ' Paris', logprob: -0.25, isGreedy: true }];
  const scored = (continuation: string | readonly number[], facts: CallFacts = {}): CallStart =>
    callStart('', { ...facts, request: createRequest({ messages: [raw('The capital is')], continuation }) });
  const end = (text: string, facts: Partial<Sample> = {}): CallEnd =>
    callEnd(undefined, { samples: [{ message: assistant(text), finish: { reason: 'stop' }, logprobs: tokens, ...facts }] });
  // Written when it starts, completed later.
  const early = scored(' Rome', { startedAt: 1_000 });
  const cases: [CallStart, CallEnd][] = [
    [scored(' Paris'), end(' Paris')],
    [early, end(' Rome')],
    // These have an answer of their own.
    [scored(' Bern'), end(' Berne')],
    [scored(' Oslo'), { ...end(' Oslo'), samples: [{ message: assistant(' Oslo') }] }],
    [scored([5, 6]), end(' Paris')],
    [scored(' Bonn'), end(' Bonn', { message: { ...assistant(' Bonn'), providerMetadata: { x: { y: 1 } } } })],
  ];
  const tape = openTape(path);
  for (const [start] of cases) tape.start(start);
  tape.checkpoint(early.id, []);
  await tape.flush();
  for (const [start, ended] of cases) tape.finish(start.id, ended);
  const failed = scored(' Rom');
  tape.start(failed);
  tape.finish(failed.id, { status: 'error', samples: [], durationMs: 1, attempts: 1 });
  await tape.close();

  await using again = openTape(path);
  for (const [start, { samples }] of cases) {
    expect(again.call(start.id)?.samples).toEqual(samples);
    expect(again.find(start.requestKey)?.samples).toEqual(samples);
  }
  expect(again.call(failed.id)?.samples).toEqual([]);
  // The context, and the answers of those that have one of their own.
  expect(again.status().messages).toBe(1 + 4);
  expect(again.search('rome').map(({ id }) => id)).toEqual([early.id]);
  expect([...again.verify()]).toEqual([]);
});

test('what looks like a key does not get onto the tape with an error', async () => {
  await using tape = openTape(':memory:');
  const message = 'Incorrect API key provided: sk-proj-abcdefgh12345678. Authorization: Bearer abcdefghijklmnop';
  const id = put(tape, 'hi', undefined, {}, { status: 'error', error: { code: 'authentication', message, retryable: false } });
  const stored = JSON.stringify(tape.call(id));
  expect(stored).not.toContain('abcdefgh');
  expect(tape.call(id)?.error?.message).toBe('Incorrect API key provided: sk-***. Authorization: Bearer ***');
});
