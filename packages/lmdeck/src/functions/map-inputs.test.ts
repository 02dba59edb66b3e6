import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { languageModel, messageText } from '../core/index.ts';
import { record } from '../middleware/index.ts';
import { mock } from '../models/index.ts';
import { openTape } from '../tape/index.ts';
import type { FunctionOutcome } from './function-outcome.ts';
import { llmFunction } from './llm-function.ts';

const double = llmFunction({ name: 'double', input: z.int(), output: z.int() });

/** Answers with twice the number asked for, when it is let; not to 13. */
function doubling(wait: (n: number) => Promise<void> = () => Promise.resolve()) {
  return mock({
    outputs: [
      async ({ messages }) => {
        const [last] = messages.slice(-1);
        const n = Number(last === undefined ? '' : messageText(last));
        await wait(n);
        return n === 13 ? 'no' : `{"result": ${2 * n}}`;
      },
    ],
  });
}

async function all<T>(outcomes: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(outcomes);
}

test('there is an outcome for every input, in order, whatever became of it', async () => {
  const slow = Promise.withResolvers<void>();
  const model = doubling((n) => (n === 1 ? slow.promise : Promise.resolve(n === 4 ? slow.resolve() : undefined)));
  const outcomes = await all(double(model, { attempts: 1 }).map([1, 13, 3, 4], { concurrency: 4 }));
  expectTypeOf(outcomes).toEqualTypeOf<FunctionOutcome<number, number>[]>();
  expect(outcomes).toMatchObject([
    { status: 'ok', index: 0, input: 1, value: 2, attempts: 1 },
    { status: 'error', index: 1, input: 13, error: { code: 'invalid-response' } },
    { status: 'ok', index: 2, value: 6 },
    { status: 'ok', index: 3, value: 8 },
  ]);
});

test('no more than so many at a time, and a source is read no faster than outcomes are', async () => {
  let [running, most, read] = [0, 0, 0];
  const model = doubling(async () => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
  });
  function* numbers() {
    for (;;) yield read++;
  }
  for await (const { index } of double(model).map(numbers(), { concurrency: 3 })) if (index === 20) break;
  expect(most).toBe(3);
  expect(read).toBeLessThan(21 + 3 * 9);
});

test('after an abort the others are cancelled, not missing', async () => {
  const controller = new AbortController();
  const model = doubling(async (n) => {
    if (n === 2) controller.abort();
    await Promise.resolve();
  });
  const outcomes = await all(double(model).map([1, 2, 3, 4], { concurrency: 1, signal: controller.signal }));
  expect(outcomes.map(({ status, index }) => [status, index])).toEqual([
    ['ok', 0],
    ['cancelled', 1],
    ['cancelled', 2],
    ['cancelled', 3],
  ]);
  expect(model.requests).toHaveLength(2);
});

test('a source that fails has its outcomes told first', async () => {
  function* numbers() {
    yield 1;
    yield 2;
    throw new Error('disk full');
  }
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { index } of double(doubling()).map(numbers())) seen.push(index);
  })();
  await expect(reading).rejects.toThrow('disk full');
  expect(seen).toEqual([0, 1]);
});

test('a wrong concurrency is told', async () => {
  await expect(all(double(mock()).map([1], { concurrency: 0 }))).rejects.toMatchObject({ code: 'usage' });
});

test('a run goes on where it stopped; equal inputs are draws of their own', async () => {
  await using tape = openTape(':memory:');
  const counting = mock({ outputs: [({ sample = 0 }) => `{"result": ${sample}}`] });
  const model = languageModel(counting, record(tape));
  const map = (inputs: readonly number[]) => double(model).map(inputs, { runId: '01m8kx6dvhwfxnj22pcz3hbp3z', tape, concurrency: 1 });
  const first = await all(map([1, 1]));
  await tape.flush();
  const second = await all(map([1, 1, 2, 1]));
  expect(second.map((outcome) => (outcome.status === 'ok' ? outcome.value : outcome.status))).toEqual([0, 1, 0, 2]);
  const ids = (outcomes: typeof first) => outcomes.map((outcome) => (outcome.status === 'ok' ? outcome.callIds : []));
  expect(ids(second).slice(0, 2)).toEqual(ids(first));
  expect(counting.requests).toHaveLength(4);
  await tape.flush();
  expect(tape.count()).toBe(4);
});
