import { expect, test } from 'vitest';
import { type CallStore, languageModel, type FinishReason, LmdeckError, type Model, type ModelEvent } from '../core/index.ts';
import { openTape } from '../tape/index.ts';
import { cache } from './cache.ts';
import { record } from './record.ts';

interface Counting extends Model {
  asked: number;
}

/** Answers with the number of times it was asked, after `gate`. */
function counting(reason: FinishReason | undefined = 'stop', gate: () => Promise<void> = async () => {}): Counting {
  const model: Counting = {
    id: 'counting',
    capabilities: { streaming: true, samples: true },
    asked: 0,
    async *generate(request): AsyncGenerator<ModelEvent> {
      const number = ++model.asked;
      for (let sample = 0; sample < (request.samples ?? 1); sample++) {
        yield { type: 'text-delta', text: `ans`, sample };
        await gate();
        yield { type: 'text-delta', text: `wer ${number}`, sample };
        if (reason !== undefined) yield { type: 'finish', reason, sample };
      }
      yield { type: 'usage', usage: { inputTokens: 1 } };
    },
  };
  return model;
}

test('an equal request is answered from the tape; a different one is not', async () => {
  await using tape = openTape(':memory:');
  const model = counting();
  const cached = languageModel(model, cache(tape));
  expect(await cached.prompt('Hi').text()).toBe('answer 1');
  expect(await cached.prompt('Hi').text()).toBe('answer 1');
  await tape.flush();
  const again = cached.prompt('Hi');
  expect(await again.text()).toBe('answer 1');
  expect(await again.usage()).toEqual({ inputTokens: 1 });
  expect(await again.finish()).toEqual({ reason: 'stop' });
  expect(await cached.prompt('Hi', { options: { temperature: 1 } }).text()).toBe('answer 2');
  expect(await cached.prompt('Hi', { sample: 1 }).text()).toBe('answer 3');
  expect(
    await languageModel({ ...counting(), endpoint: 'http://other' }, cache(tape))
      .prompt('Hi')
      .text(),
  ).toBe('answer 1');
  expect(model.asked).toBe(3);
});

test('all samples come back', async () => {
  await using tape = openTape(':memory:');
  const cached = languageModel(counting(), cache(tape));
  const first = await cached.prompt('Hi', { samples: 3 }).samples();
  expect(await cached.prompt('Hi', { samples: 3 }).samples()).toEqual(first);
  expect(first).toHaveLength(3);
});

test('errors and answers that were cut off, filtered or ended without a reason are not kept', async () => {
  for (const reason of ['length', 'content-filter', 'error', undefined] as const) {
    await using tape = openTape(':memory:');
    const cached = languageModel(reason === undefined ? withoutFinish() : counting(reason), cache(tape));
    expect(await cached.prompt('Hi').text()).toBe('answer 1');
    expect(await cached.prompt('Hi').text(), reason).toBe('answer 2');
  }
  await using tape = openTape(':memory:');
  let asked = 0;
  const failing = languageModel(
    {
      id: 'failing',
      capabilities: {},
      async *generate() {
        asked++;
        yield { type: 'text-delta', text: 'x' };
        throw new LmdeckError('server', 'down');
      },
    },
    cache(tape),
  );
  await expect(failing.prompt('Hi').text()).rejects.toThrow('down');
  await expect(failing.prompt('Hi').text()).rejects.toThrow('down');
  expect(asked).toBe(2);
});

function withoutFinish(): Model {
  const model = counting();
  return {
    ...model,
    async *generate(request, context) {
      for await (const item of model.generate(request, context)) if (!('type' in item) || item.type !== 'finish') yield item;
    },
  };
}

test('inside a record every use is a call of its own that names the original', async () => {
  await using tape = openTape(':memory:');
  const cached = languageModel(counting(), record(tape, { price: () => 100 }), cache(tape));
  const first = cached.prompt('Hi');
  await first.text();
  for (let i = 0; i < 3; i++) await cached.prompt('Hi').text();
  expect(tape.calls({ order: 'oldest' }).map((call) => [call.cachedFrom, call.costMicros, call.attempts])).toEqual([
    [undefined, 100, 1],
    [first.callId, 0, 0],
    [first.callId, 0, 0],
    [first.callId, 0, 0],
  ]);
  expect(tape.status().messages).toBe(2);
});

test('read: false asks anew, write: false does not write', async () => {
  await using tape = openTape(':memory:');
  const model = counting();
  expect(
    await languageModel(model, cache(tape, { write: false }))
      .prompt('Hi')
      .text(),
  ).toBe('answer 1');
  expect(tape.count()).toBe(0);
  const refreshing = languageModel(model, cache(tape, { read: false }));
  expect(await refreshing.prompt('Hi').text()).toBe('answer 2');
  expect(await refreshing.prompt('Hi').text()).toBe('answer 3');
  expect(await languageModel(model, cache(tape)).prompt('Hi').text()).toBe('answer 3');
});

test('equal requests at the same time are one call', async () => {
  await using tape = openTape(':memory:');
  const model = counting();
  const cached = languageModel(model, record(tape), cache(tape));
  const responses = Array.from({ length: 20 }, () => cached.prompt('Hi'));
  expect(new Set(await Promise.all(responses.map((response) => response.text())))).toEqual(new Set(['answer 1']));
  expect(model.asked).toBe(1);
  const sources = tape.calls().map((call) => call.cachedFrom);
  expect(sources.filter((source) => source === undefined)).toHaveLength(1);
  expect(new Set(sources.filter((source) => source !== undefined))).toEqual(new Set([responses[0]?.callId]));
});

test('those who wait make their own calls when the one they wait for fails or is not kept', async () => {
  await using tape = openTape(':memory:');
  const model = counting('length');
  const cached = languageModel(model, cache(tape));
  const texts = await Promise.all(Array.from({ length: 3 }, () => cached.prompt('Hi').text()));
  expect(texts.toSorted()).toEqual(['answer 1', 'answer 2', 'answer 3']);
});

test('whoever leaves or aborts does not take the answer from the others', async () => {
  await using tape = openTape(':memory:');
  const gate = Promise.withResolvers<void>();
  const model = counting('stop', () => gate.promise);
  const cached = languageModel(model, cache(tape));
  const leader = cached.prompt('Hi');
  const reading = (async () => {
    for await (const _text of leader) leader.abort('never mind');
  })();
  const followers = [cached.prompt('Hi').text(), cached.prompt('Hi').text()];
  await expect(reading).rejects.toThrow('never mind');
  gate.resolve();
  expect(await Promise.all(followers)).toEqual(['answer 2', 'answer 2']);

  const slow = Promise.withResolvers<void>();
  const other = counting('stop', () => slow.promise);
  const waiting = languageModel(other, cache(tape));
  const first = waiting.prompt('Wait').text();
  const controller = new AbortController();
  const second = waiting.prompt('Wait', { signal: controller.signal }).text();
  controller.abort();
  await expect(second).rejects.toMatchObject({ code: 'aborted' });
  slow.resolve();
  expect(await first).toBe('answer 1');
});

test('a model that ignores an abort does not keep the others waiting', async () => {
  await using tape = openTape(':memory:');
  let asked = 0;
  const model: Model = {
    id: 'deaf',
    capabilities: {},
    async *generate() {
      if (++asked === 1) await new Promise(() => {});
      yield { type: 'text-delta', text: 'second' };
      yield { type: 'finish', reason: 'stop' };
    },
  };
  const cached = languageModel(model, cache(tape));
  const controller = new AbortController();
  const first = cached.prompt('Hi', { signal: controller.signal }).text();
  const second = cached.prompt('Hi').text();
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'aborted' });
  expect(await second).toBe('second');
});

test('a reader that stands still does not hold up those who wait', async () => {
  await using tape = openTape(':memory:');
  const cached = languageModel(counting(), cache(tape));
  for await (const _text of cached.prompt('Hi')) {
    expect(await cached.prompt('Hi').text()).toBe('answer 1');
  }
});

test('a store that cannot be read is an empty one', async () => {
  const fail = (): never => {
    throw new Error('the store is broken');
  };
  const store: CallStore = { start: fail, checkpoint: fail, finish: fail, find: fail, closest: fail, flush: fail };
  expect(await languageModel(counting(), cache(store)).prompt('Hi').text()).toBe('answer 1');
});
