import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import {
  type CallContext,
  type CallStart,
  type CallStore,
  decodeChunks,
  languageModel,
  LmdeckError,
  messageText,
  type Model,
  type ModelEvent,
  requestKey,
  type StoredCall,
  type Wrapper,
} from '../core/index.ts';
import { openTape, type Tape } from '../tape/index.ts';
import { record } from './record.ts';

const ANSWER: readonly (ModelEvent | readonly ModelEvent[])[] = [
  [
    { type: 'metadata', responseId: 'resp-1', resolvedModel: 'test-2026' },
    { type: 'reasoning-delta', text: 'Hm.' },
  ],
  { type: 'text-delta', text: 'Hel' },
  [
    { type: 'text-delta', text: 'lo' },
    { type: 'logprobs', tokens: [{ token: 'lo', logprob: -1 }] },
  ],
  { type: 'finish', reason: 'stop', raw: 'end_turn' },
  { type: 'usage', usage: { inputTokens: 3, outputTokens: 2, raw: { prompt: 3 } } },
];

function testModel(events: readonly (ModelEvent | readonly ModelEvent[])[], failure?: unknown): Model {
  return {
    id: 'test/model',
    endpoint: 'http://127.0.0.1:1/v1',
    revision: 'r1',
    capabilities: { streaming: true },
    async *generate() {
      yield* events;
      if (failure !== undefined) throw failure;
    },
  };
}

function only(tape: Tape): StoredCall {
  const calls = tape.calls();
  expect(calls).toHaveLength(1);
  const [call] = calls;
  if (call === undefined) throw new Error('no call');
  return call;
}

test('a call is recorded with everything that is known of it', async () => {
  await using tape = openTape(':memory:');
  const model = languageModel(testModel(ANSWER), record(tape, { runId: 'run', price: ({ usage }) => usage.inputTokens }));
  const response = model.prompt('Hi', { system: 'Be brief.', options: { temperature: 0 }, parentCallId: 'p', metadata: { row: 7 } });
  const pieces = [];
  for await (const text of response) pieces.push(text);
  expect(pieces).toEqual(['Hel', 'lo']);
  const call = only(tape);
  expect(call).toMatchObject({
    id: response.callId,
    conversationId: response.callId,
    status: 'ok',
    model: 'test/model',
    endpoint: 'http://127.0.0.1:1/v1',
    revision: 'r1',
    requestKey: requestKey({ id: 'test/model', endpoint: 'http://127.0.0.1:1/v1', revision: 'r1' }, response.prompt),
    request: response.prompt,
    stream: true,
    runId: 'run',
    parentCallId: 'p',
    metadata: { row: 7 },
    attempts: 1,
    responseId: 'resp-1',
    resolvedModel: 'test-2026',
    usage: { inputTokens: 3, outputTokens: 2, raw: { prompt: 3 } },
    costMicros: 3,
    samples: await response.samples(),
  });
  expect(call.firstTokenMs).toBeGreaterThanOrEqual(0);
  expect(call.durationMs).toBeGreaterThanOrEqual(call.firstTokenMs ?? NaN);
  expect(decodeChunks(call.chunks ?? '')?.map(({ kind, length }) => `${kind} ${length}`)).toEqual([
    'reasoning 3',
    'text 3',
    'text 2',
    'logprobs 1',
  ]);
  expect([...tape.verify()]).toEqual([]);
});

test('an answer asked for in one piece has no pieces', async () => {
  await using tape = openTape(':memory:');
  await languageModel(testModel(ANSWER), record(tape)).prompt('Hi').text();
  expect(only(tape)).toMatchObject({ status: 'ok', stream: false });
  expect(only(tape).chunks).toBeUndefined();
});

test('events pass untouched', async () => {
  await using tape = openTape(':memory:');
  const seen = [];
  for await (const event of languageModel(testModel(ANSWER), record(tape)).prompt('Hi').events()) seen.push(event);
  expect(seen).toEqual(ANSWER.flat());
});

test('a failed call keeps what had come and why it failed', async () => {
  await using tape = openTape(':memory:');
  const failure = new LmdeckError('server', 'overloaded', { status: 503, data: { region: 'x' } });
  const response = languageModel(testModel(ANSWER.slice(0, 2), failure), record(tape)).prompt('Hi');
  await expect(response.text()).rejects.toBe(failure);
  expect(only(tape)).toMatchObject({
    status: 'error',
    error: { code: 'server', message: 'overloaded', status: 503, retryable: true, data: { region: 'x' } },
  });
  expect(only(tape).samples.map(({ message }) => messageText(message))).toEqual(['Hel']);
  expect(tape.latestConversation()?.messages.map(messageText)).toEqual(['Hi', 'Hel']);
});

test('a model that fails before its first event is recorded', async () => {
  await using tape = openTape(':memory:');
  const model: Model = {
    id: 'broken',
    capabilities: {},
    generate: () => {
      throw new Error('no such thing');
    },
  };
  await expect(languageModel(model, record(tape)).prompt('Hi').text()).rejects.toThrow('no such thing');
  expect(only(tape)).toMatchObject({ status: 'error', samples: [] });
});

test('a reader that leaves early, and an abort, leave an aborted call with what had come', async () => {
  await using tape = openTape(':memory:');
  const left = languageModel(testModel(ANSWER), record(tape)).prompt('Left');
  for await (const _text of left) break;
  const aborted = languageModel(
    {
      id: 'slow',
      capabilities: { streaming: true },
      async *generate() {
        yield { type: 'text-delta', text: 'one' };
        await new Promise(() => {});
      },
    },
    record(tape),
  ).prompt('Aborted');
  const reading = (async () => {
    for await (const _text of aborted) aborted.abort('enough');
  })();
  await expect(reading).rejects.toThrow('enough');
  expect(tape.calls().map((call) => [call.status, call.error?.code, ...call.samples.map(({ message }) => messageText(message))])).toEqual([
    ['aborted', 'aborted', 'one'],
    ['aborted', 'aborted', 'Hel'],
  ]);
});

test('a reader that leaves after the end of the answer leaves it whole', async () => {
  await using tape = openTape(':memory:');
  const events = languageModel(testModel(ANSWER), record(tape)).prompt('Hi').events();
  for await (const event of events) if (event.type === 'finish') break;
  expect(only(tape).status).toBe('ok');
});

test('nothing is recorded before the first read, nor with log: false', async () => {
  await using tape = openTape(':memory:');
  const model = languageModel(testModel(ANSWER), record(tape));
  model.prompt('never read');
  await model.prompt('off the record', { log: false }).text();
  expect(tape.count()).toBe(0);
});

test('two records of one tape write a call once', async () => {
  await using tape = openTape(':memory:');
  await languageModel(languageModel(testModel(ANSWER), record(tape)), record(tape))
    .prompt('Hi')
    .text();
  expect(only(tape).status).toBe('ok');
});

test('a store that fails does not disturb the call', async () => {
  const fail = (): never => {
    throw new Error('the store is broken');
  };
  const store: CallStore = { start: fail, checkpoint: fail, finish: fail, find: fail, closest: fail, flush: fail };
  expect(await languageModel(testModel(ANSWER), record(store)).prompt('Hi').text()).toBe('Hello');
  const halfBroken: CallStore = { ...store, start: () => {} };
  expect(await languageModel(testModel(ANSWER), record(halfBroken)).prompt('Hi').text()).toBe('Hello');
});

test('turns of a conversation share its id and its messages', async () => {
  await using tape = openTape(':memory:');
  const conversation = languageModel(testModel(ANSWER), record(tape)).conversation();
  await conversation.prompt('One').text();
  await conversation.prompt('Two').text();
  expect(tape.conversations()).toMatchObject([{ id: conversation.id, name: 'One', calls: 2 }]);
  expect(tape.status().messages).toBe(4);
  expect(tape.latestConversation()?.messages).toEqual(await conversation.messages());
});

test('what a stalled stream has brought is checkpointed without a further event', async () => {
  const kept: string[] = [];
  const store: CallStore = {
    start: () => {},
    checkpoint: (_id, samples) => void kept.push(samples.map(({ message }) => messageText(message)).join()),
    finish: () => {},
    find: () => undefined,
    closest: () => ({ calls: [], compared: 0, complete: true }),
    flush: async () => {},
  };
  const stalled: Model = {
    id: 'stalled',
    capabilities: { streaming: true },
    async *generate() {
      yield { type: 'text-delta', text: 'half an ans' };
      await new Promise(() => {});
    },
  };
  const response = languageModel(stalled, record(store)).prompt('hi');
  const reading = (async () => {
    for await (const _text of response);
  })();
  await vi.waitFor(() => expect(kept).toEqual(['half an ans']), { timeout: 10_000 });
  response.abort();
  await expect(reading).rejects.toMatchObject({ code: 'aborted' });
});

test('what a store keeps of a call does not keep the running call in memory', async () => {
  const starts: CallStart[] = [];
  const store: CallStore = {
    start: (call) => void starts.push(call),
    checkpoint: () => {},
    finish: () => {},
    find: () => undefined,
    closest: () => ({ calls: [], compared: 0, complete: true }),
    flush: async () => {},
  };
  const seen: WeakRef<CallContext>[] = [];
  const look: Wrapper = (request, context, next) => {
    seen.push(new WeakRef(context));
    return next(request, context);
  };
  const model = languageModel(testModel(ANSWER), record(store), look);
  for (let i = 0; i < 3; i++) await model.prompt(`Hi ${i}`).text();
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  await new Promise((resolve) => setImmediate(resolve));
  if (typeof collect === 'function') collect();
  expect(seen.map((each) => each.deref())).toEqual([undefined, undefined, undefined]);
  expect(new Set(starts.map((each) => each.requestKey)).size).toBe(3);
});
