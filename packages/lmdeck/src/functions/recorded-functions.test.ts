import { expect, test } from 'vitest';
import { z } from 'zod';
import { languageModel } from '../core/index.ts';
import { record, replay } from '../middleware/index.ts';
import { mock } from '../models/index.ts';
import { openTape } from '../tape/index.ts';
import { llmFunction } from './llm-function.ts';

const double = llmFunction({ name: 'double', input: z.int(), output: z.int() });
const outputs = ['{"result": 2}', 'four', '{"result": 4}', '{"result": 6}'];

test('each call is on the tape, repairs below the first; a replay needs no model', async () => {
  await using tape = openTape(':memory:');
  const recording = double(languageModel(mock({ outputs }), record(tape)));
  const first = await Array.fromAsync(recording.map([1, 2, 3], { concurrency: 1, runId: 'run' }));
  await tape.flush();
  const calls = tape.calls({ order: 'oldest' });
  expect(calls.map(({ runId, metadata }) => [runId, metadata])).toEqual(outputs.map(() => ['run', { function: 'double' }]));
  expect(calls.map(({ parentCallId }) => parentCallId)).toEqual([undefined, undefined, calls[1]?.id, undefined]);

  const silent = mock({ outputs: [() => Promise.reject(new Error('nobody may ask'))] });
  const replaying = double(languageModel(silent, replay(tape, { on: 'fail' })));
  const again = await Array.fromAsync(replaying.map([1, 2, 3]));
  const told = first.map((outcome) => ({ ...outcome, callIds: expect.any(Array) }));
  expect(again).toEqual(told);
  expect(again).toMatchObject([{ value: 2 }, { value: 4, attempts: 2 }, { value: 6 }]);
  expect(await replaying(5).catch((error: unknown) => error)).toMatchObject({ code: 'replay-miss' });
});
