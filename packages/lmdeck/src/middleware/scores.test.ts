import { afterEach, describe, expect, test } from 'vitest';
import { languageModel, LmdeckError, user } from '../core/index.ts';
import { mock } from '../models/index.ts';
import { openTape, type Tape } from '../tape/index.ts';
import { cache } from './cache.ts';
import { rateLimiter } from './limits/rate-limiter.ts';
import { record } from './record.ts';
import { replay } from './replay.ts';
import { retry } from './retry.ts';
import { timeout } from './timeout.ts';

const tapes: Tape[] = [];

afterEach(async () => {
  for (const tape of tapes.splice(0)) await tape.close();
});

function tapeInMemory(): Tape {
  const tape = openTape(':memory:');
  tapes.push(tape);
  return tape;
}

const paris = { context: 'The capital of France is', continuation: ' Paris' };
const rome = { context: 'The capital of France is', continuation: ' Rome' };

describe('scores pass the wrappers like any call', () => {
  test('they are recorded with their tokens', async () => {
    const tape = tapeInMemory();
    const model = languageModel(mock({ scores: [-0.5] }), record(tape), retry(), timeout());
    const { callId } = await model.score(paris, { runId: 'run-1', metadata: { doc: 17 } });
    await tape.flush();
    expect(tape.calls()).toMatchObject([
      {
        id: callId,
        status: 'ok',
        runId: 'run-1',
        metadata: { doc: 17 },
        request: { continuation: ' Paris' },
        samples: [{ logprobs: [{ token: ' Paris', logprob: -0.5, isGreedy: true }], finish: { reason: 'stop' } }],
        usage: { outputTokens: 1 },
      },
    ]);
  });

  test('the cache answers them, each continuation for itself', async () => {
    const tape = tapeInMemory();
    const asked = mock({ scores: [-0.5, -4] });
    const model = languageModel(asked, record(tape), cache(tape));
    const first = await model.score([paris, rome]);
    const again = await model.score([rome, paris]);
    expect(again.map(({ logprob }) => logprob)).toEqual([-4, -0.5]);
    expect(again[1]?.tokens).toEqual(first[0]?.tokens);
    expect(asked.requests).toHaveLength(2);
  });

  test('a score is not an answer to the same prompt, nor the other way round', async () => {
    const tape = tapeInMemory();
    const asked = mock({ outputs: ['Paris'], scores: [-0.5] });
    const model = languageModel(asked, record(tape), cache(tape));
    await model.score({ context: [user('Capital of France?')], continuation: 'Paris' });
    expect(await model.prompt('Capital of France?').text()).toBe('Paris');
    expect(asked.requests).toHaveLength(2);
  });

  test('a replay gives them without a model', async () => {
    const tape = tapeInMemory();
    await languageModel(mock({ scores: [-0.5] }), record(tape)).score(paris);
    await tape.flush();
    const model = languageModel(mock({ scores: [new LmdeckError('internal', 'asked')] }), replay(tape));
    expect((await model.score(paris)).logprob).toBe(-0.5);
    await expect(model.score(rome)).rejects.toMatchObject({ code: 'replay-miss' });
  });

  test('what fails is repeated, and recorded as one call', async () => {
    const tape = tapeInMemory();
    const asked = mock({ scores: [new LmdeckError('server', 'down', { status: 503 }), -0.5] });
    const model = languageModel(asked, record(tape), retry({ baseMs: 1 }), timeout());
    expect((await model.score(paris)).logprob).toBe(-0.5);
    await tape.flush();
    expect(tape.calls().map(({ status, attempts }) => [status, attempts])).toEqual([['ok', 2]]);
  });

  test('a limit counts those that go together as one request', async () => {
    const batches: number[] = [];
    const gates: (() => void)[] = [];
    const model = languageModel(
      {
        id: 'test',
        capabilities: { score: { contexts: ['text'], batch: 4 } },
        async *generate() {
          yield { type: 'finish', reason: 'stop' };
        },
        scoreBatch: async (requests) => {
          batches.push(requests.length);
          await new Promise<void>((resolve) => gates.push(resolve));
          return requests.map(({ continuation }) => ({ tokens: [{ token: String(continuation), logprob: -1 }] }));
        },
      },
      rateLimiter({ concurrency: 2 }).wrapper,
    );
    const scores = model.score(Array.from({ length: 10 }, (_, i) => ({ context: 'a', continuation: `${i}` })));
    await expect.poll(() => batches.length).toBe(2);
    expect(batches).toEqual([4, 4]);
    gates.shift()?.();
    await expect.poll(() => batches.length).toBe(3);
    for (const open of gates.splice(0)) open();
    expect(await scores).toHaveLength(10);
    expect(batches).toEqual([4, 4, 2]);
  });
});
