import type { BatchItem, EvaluationPriority, Token } from 'node-llama-cpp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchStrategy, LANES, sequencesPerContext } from './batching.ts';

const item = (evaluationPriority: EvaluationPriority, length: number): BatchItem => ({
  tokens: Array.from<Token>({ length }),
  logits: [],
  evaluationPriority,
});

test('single tokens go together, in the order of their sequences', () => {
  const items = [item(4, 1), item(1, 1), item(3, 1)];
  const batch = batchStrategy()({ items, size: 512 });
  expect(batch.map(({ item, processAmount }) => [item.evaluationPriority, processAmount])).toEqual([
    [1, 1],
    [3, 1],
    [4, 1],
  ]);
});

test('a prompt goes alone, no more of it than the batch holds', () => {
  const items = [item(2, 700), item(1, 30)];
  expect(batchStrategy()({ items, size: 512 })).toEqual([{ item: items[0], processAmount: 512 }]);
});

test('prompts and single tokens take turns, and the kinds never mix', () => {
  const lengths = fc.array(fc.tuple(fc.constantFrom(...LANES), fc.constantFrom(1, 1, 2, 40)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(lengths, { maxLength: 10 }), (rounds) => {
      const strategy = batchStrategy();
      let kinds: string[] = [];
      for (const round of rounds) {
        const items = round.map(([lane, length]) => item(lane, length));
        const batch = strategy({ items, size: 16 });
        const prompts = batch.filter((each) => each.item.tokens.length > 1);
        expect(batch.length).toBeGreaterThan(0);
        if (prompts.length > 0) expect(batch).toHaveLength(1);
        const both = new Set(items.map((each) => each.tokens.length > 1)).size === 2;
        kinds = both ? [...kinds, prompts.length > 0 ? 'prompt' : 'token'] : [];
        expect(kinds.at(-1) === undefined || kinds.at(-1) !== kinds.at(-2)).toBe(true);
      }
    }),
  );
});

test('every sequence has a lane of its own in its context', () => {
  expect(sequencesPerContext(1)).toEqual([1]);
  expect(sequencesPerContext(5)).toEqual([5]);
  expect(sequencesPerContext(8)).toEqual([4, 4]);
  expect(sequencesPerContext(11)).toEqual([3, 4, 4]);
});
