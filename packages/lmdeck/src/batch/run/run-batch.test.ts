import { expect, test } from 'vitest';
import { languageModel, LmdeckError } from '../../core/index.ts';
import { mock } from '../../models/index.ts';
import { BatchFolder } from '../test-support/batch-folder.ts';
import { runBatch } from './run-batch.ts';

async function outcomes(rows: Parameters<typeof runBatch>[0], ...rest: [Parameters<typeof runBatch>[1], Parameters<typeof runBatch>[2]?]) {
  const found = [];
  for await (const outcome of runBatch(rows, ...rest)) found.push(outcome);
  return found;
}

test('rows of a list, models that rows name, models that are not there', async () => {
  const other = languageModel(mock({ id: 'other', outputs: ['from other'] }));
  const models = async (name: string) => {
    if (name === 'other') return other;
    throw new LmdeckError('unknown-model', `there is no model ${name}`);
  };
  const model = mock({ id: 'main', outputs: ['from main'] });
  const rows = ['a', { prompt: 'b', model: 'other' }, { prompt: 'c', model: 'nobody' }];
  const found = await outcomes(rows, model, { models });
  expect(found.map(({ status, model: asked }) => [status, asked])).toEqual([
    ['ok', 'main'],
    ['ok', 'other'],
    ['error', undefined],
  ]);
  expect(found[2]).toMatchObject({ error: { code: 'unknown-model' }, callIds: [], attempts: 0 });
  expect((await outcomes(['a'], undefined))[0]).toMatchObject({
    error: { code: 'usage', message: expect.stringContaining('names no model') },
  });
});

test('a server that gives fewer samples than were asked for is not believed', async () => {
  const one = languageModel({
    id: 'one',
    capabilities: { samples: true },
    async *generate() {
      yield { type: 'text-delta', text: 'only one' };
      yield { type: 'finish', reason: 'stop' };
    },
  });
  const [outcome] = await outcomes(['a'], one, { samples: 2 });
  expect(outcome).toMatchObject({
    status: 'error',
    error: { code: 'invalid-response', message: expect.stringContaining('refuses: [n]') },
    samples: [{}],
  });
});

test('a model that draws several samples together is asked once', async () => {
  const model = mock({ outputs: ['x', 'y'] });
  const [outcome] = await outcomes(['a'], model, { samples: 2 });
  expect(outcome).toMatchObject({ status: 'ok', samples: [{}, {}], callIds: [expect.any(String)] });
  expect(model.requests.length).toBe(1);
});

test('what a run has on the tape is given out again', async () => {
  await using folder = new BatchFolder();
  const run = { tape: folder.tape, runId: 'r' };
  const first = await outcomes(['a', 'a', 'b'], folder.model, run);
  const second = await outcomes(['a', 'a', 'b', 'c'], folder.model, run);
  expect(folder.asked).toEqual(['a', 'a', 'b', 'c']);
  expect(second.slice(0, 3).map(({ callIds, attempts, recorded, costMicros }) => [callIds, attempts, recorded, costMicros])).toEqual(
    first.map(({ callIds }) => [callIds, 0, true, 20]),
  );
  // Another run asks for itself.
  await outcomes(['a'], folder.model, { ...run, runId: 's' });
  expect(folder.asked.length).toBe(5);
});

test('the signal ends it at once: every row that has begun is cancelled or done', async () => {
  const abort = new AbortController();
  const model = mock({ outputs: ['first', { text: 'never', delayMs: 60_000 }] });
  const found = [];
  for await (const outcome of runBatch(['a', 'b', 'c', 'd'], model, { signal: abort.signal, concurrency: 2 })) {
    found.push(outcome.status);
    abort.abort();
  }
  expect(found[0]).toBe('ok');
  expect(new Set(found.slice(1))).toEqual(new Set(['cancelled']));
});

test('whoever leaves the loop ends the run after what is under way', async () => {
  const model = mock({ outputs: ['x'] });
  for await (const outcome of runBatch(
    Array.from({ length: 1000 }, (_, i) => `row ${i}`),
    model,
    { concurrency: 4, window: 8 },
  )) {
    expect(outcome.index).toBe(0);
    break;
  }
  expect(model.requests.length).toBeLessThan(20);
});

test('a model that says how many calls it answers side by side is kept busy, not flooded', async () => {
  let [open, most] = [0, 0];
  const inner = mock({ outputs: ['x'] });
  const model = languageModel({
    ...inner,
    capabilities: { ...inner.capabilities, concurrency: 2 },
    async *generate(request, context) {
      most = Math.max(most, ++open);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      yield* inner.generate(request, context);
      open--;
    },
  });
  const rows = Array.from({ length: 50 }, (_, i) => `row ${i}`);
  expect((await outcomes(rows, model)).every(({ status }) => status === 'ok')).toBe(true);
  expect(most).toBe(8);
});
