import { user } from 'lmdeck/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llama, tinyModelPath, type LlamaLanguageModel } from './index.ts';
import { loadModel } from './loaded-model.ts';

let tiny: LlamaLanguageModel;
beforeAll(() => {
  tiny = llama({ model: 'tiny' });
});
afterAll(() => tiny.unload());

const TEXT = 'The capital of France is Paris.';

describe('hidden states', () => {
  test('are those whose mean is the embedding of the text', async () => {
    const loaded = await loadModel('pooled', tinyModelPath, { sequences: 1 });
    // The file says: pool by the mean.
    const context = await loaded.model.createEmbeddingContext({ contextSize: 256, threads: 1 });
    const { vector } = await context.getEmbeddingFor(loaded.model.tokenize(TEXT, true));
    const { data, shape, tokenIds = [] } = await states(TEXT);
    const [tokens, size] = shape;
    expect([shape, tokenIds.length, data.length]).toEqual([[tokenIds.length, 160], tokens, tokens * size]);
    for (const [d, expected] of vector.entries()) {
      let sum = 0;
      for (let i = 0; i < tokens; i++) sum += data[i * size + d] ?? Number.NaN;
      expect(sum / tokens).toBeCloseTo(expected, 4);
    }
    await loaded.close();
  });

  test('of a beginning are the beginning of those of the whole', async () => {
    const whole = await states(TEXT);
    const beginning = await states(whole.tokenIds?.slice(0, 4) ?? []);
    expect(beginning.shape).toEqual([4, 160]);
    expect(beginning.data).toEqual(whole.data.slice(0, 4 * 160));
  });

  test('of messages, after unloading, and not of what is too long', async () => {
    await tiny.unload();
    expect((await states([user('Hi')])).shape[0]).toBeGreaterThan(5);
    await expect(states(Array(2000).fill(32))).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(states([5_000_000])).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('can be aborted', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(tiny.hiddenStates?.(TEXT, { signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
  });
});

async function states(input: Parameters<NonNullable<LlamaLanguageModel['hiddenStates']>>[0]) {
  const found = await tiny.hiddenStates?.(input);
  if (found === undefined) throw new Error('no hidden states');
  return found;
}
