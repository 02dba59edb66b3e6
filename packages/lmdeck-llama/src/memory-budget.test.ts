import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llama, memoryBudget, tinyModelPath } from './index.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { GgufFolder } from './test-support/gguf-files.ts';

test.each([
  [1000, 1000],
  ['512', 512],
  ['1.5 GB', 1.5e9],
  ['8gib', 8 * 2 ** 30],
  ['64MB', 64e6],
])('a budget of %j has %d bytes', (size, bytes) => {
  expect(memoryBudget(size).bytes).toBe(bytes);
});

test.each([0, -1, Number.NaN, '', 'GB', '8 XB', '8 GB more'])('%j is no budget', (size) => {
  expect(() => memoryBudget(size)).toThrow(/is a number of bytes or a text such as 8GB/);
});

describe('admission', () => {
  /** Models of given sizes that write down when they go. */
  function residents(budget: MemoryBudget): {
    readonly gone: string[];
    readonly admit: (id: string, bytes: number, busy?: Promise<void>) => ReturnType<MemoryBudget['admit']>;
  } {
    const gone: string[] = [];
    return {
      gone,
      admit: async (id, bytes, busy) => {
        const residence = await budget.admit({
          id,
          bytes,
          evict: async () => {
            await busy;
            gone.push(id);
            residence.leave();
          },
        });
        return residence;
      },
    };
  }

  test('frees the one that was not used for longest, and no more than is needed', async () => {
    const budget = memoryBudget(100);
    const { gone, admit } = residents(budget);
    const a = await admit('a', 40);
    await admit('b', 40);
    a.touch();
    await admit('c', 50);
    expect([gone, budget.usedBytes]).toEqual([['b'], 90]);
    await admit('d', 100);
    expect([gone, budget.usedBytes]).toEqual([['b', 'a', 'c'], 100]);
  });

  test('waits for running calls, first come, first served', async () => {
    const budget = memoryBudget(100);
    const { gone, admit } = residents(budget);
    const calls = Promise.withResolvers<void>();
    await admit('busy', 60, calls.promise);
    const order: string[] = [];
    const large = admit('large', 60).then(() => order.push('large'));
    const small = admit('small', 10).then(() => order.push('small'));
    await new Promise(setImmediate);
    expect([order, gone]).toEqual([[], []]);
    calls.resolve();
    await Promise.all([large, small]);
    expect([order, gone, budget.usedBytes]).toEqual([['large', 'small'], ['busy'], 70]);
  });

  test('what a model takes in the end counts, and frees others', async () => {
    const budget = memoryBudget(100);
    const { gone, admit } = residents(budget);
    await admit('a', 30);
    const b = await admit('b', 30);
    await b.settle(80);
    expect([gone, budget.usedBytes]).toEqual([['a'], 80]);
    await expect(b.settle(101)).rejects.toMatchObject({ code: 'config' });
    await expect(admit('c', 101)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^c takes about .*LMDECK_LLAMA_MEMORY/),
    });
    b.leave();
    expect(budget.usedBytes).toBe(0);
  });
});

describe('models', () => {
  let folder: GgufFolder;
  beforeAll(() => {
    folder = new GgufFolder();
  });
  afterAll(() => folder[Symbol.dispose]());

  test('that do not fit together take turns and all answer', async () => {
    const other = folder.variant('other.gguf', 'Tiny Demo', 'Some Name');
    const measured = memoryBudget('1GB');
    await using alone = llama({ model: 'tiny', memory: measured, sequences: 1 });
    await alone.load();
    expect(measured.usedBytes).toBeGreaterThan(statSync(tinyModelPath).size);

    const memory = memoryBudget(Math.ceil(measured.usedBytes * 1.5));
    await using one = llama({ model: 'tiny', memory, sequences: 1 });
    await using two = llama({ model: other, memory, sequences: 1 });
    const asked = Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? one : two).prompt('What is the capital of France?').text());
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['Paris']));
    expect(memory.usedBytes).toBeLessThanOrEqual(memory.bytes);
  });

  test('one that is too large says so', async () => {
    const model = llama({ model: 'tiny', memory: memoryBudget('1MB') });
    await expect(model.load()).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('memory budget of 1.0 MB') });
  });
});
