import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collate } from './collate.ts';
import type { EncodedPair } from './encode-pair.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const ofPairs = {
  context: ({ context }: EncodedPair) => context.join(),
  rest: ({ continuation }: EncodedPair) => continuation.join(),
  length: ({ context, continuation }: EncodedPair) => context.length + continuation.length,
};

/** The lengths of consecutive parts. */
function parts(lengths: readonly number[], size: number): readonly (readonly number[])[] {
  const step = size === 0 ? lengths.length : size;
  return range(0, Math.ceil(lengths.length / step)).map((i) => lengths.slice(i * step, (i + 1) * step));
}

// From tests/models/test_model_utils.py of EleutherAI/lm-evaluation-harness.
describe('the order of the harness', () => {
  test.each([
    [30, 17],
    [61, 8],
    [48, 12],
    [9, 0],
  ])('%d generations of two kinds in batches of %d', (count, batchSize) => {
    const half = Math.floor(count / 2);
    const texts = range(1, count + 1).map((length) => 'x'.repeat(length));
    const batches = collate(texts, {
      kind: (text) => (text.length <= half ? 'first' : 'second'),
      context: (text) => text,
      rest: () => '',
      length: (text) => text.length,
      batchSize,
    });
    const expected = [range(1, half + 1), range(half + 1, count + 1)].flatMap((lengths) => parts(lengths.reverse(), batchSize));
    expect(batches.map((batch) => batch.map(([text]) => text.length))).toEqual(expected);
  });

  test.each([
    [30, 17],
    [61, 8],
    [48, 12],
    [3, 0],
  ])('%d log-likelihoods in batches of %d', (count, batchSize) => {
    const requests = range(1, count + 1).map((length): EncodedPair => ({ context: range(0, length - 1), continuation: [length] }));
    const batches = collate(requests, { ...ofPairs, batchSize });
    expect(batches.map((batch) => batch.map(([pair]) => ofPairs.length(pair)))).toEqual(parts(range(1, count + 1).reverse(), batchSize));
  });

  test('equally long ones as they came', () => {
    const requests: EncodedPair[] = [
      { context: [5], continuation: [1] },
      { context: [9], continuation: [9] },
      { context: [1, 2], continuation: [3] },
      { context: [], continuation: [5, 0] },
    ];
    expect(collate(requests, { ...ofPairs, batchSize: 2 }).map((batch) => batch.map(([pair]) => requests.indexOf(pair)))).toEqual([
      [2, 0],
      [1, 3],
    ]);
  });

  test('one-token choices of a context are side by side, after its longer ones', () => {
    const context = [1, 2, 3, 4, 5];
    const requests: EncodedPair[] = [
      ...range(6, 15).map((token) => ({ context, continuation: [token] })),
      { context: range(20, 26), continuation: [1] },
      ...range(6, 9).map((token) => ({ context, continuation: [token, token + 1, token + 2] })),
    ];
    const [batch = []] = collate(requests, ofPairs);
    expect(batch.map(([pair]) => requests.indexOf(pair))).toEqual([10, 11, 12, ...range(0, 9), 9]);
  });
});

test('what is asked twice is one question', () => {
  const options = { context: (text: string) => text, rest: () => '', length: () => 1 };
  expect(collate(['a', 'b', 'a', 'c', 'b'], options)).toEqual([[['a', 'a'], ['b', 'b'], ['c']]]);
  expect(collate([], options)).toEqual([]);
});

test('every request once; batches are of one kind and as full as can be; contexts stay together, longest first', () => {
  const requests = fc.array(
    fc.record({ context: fc.array(fc.nat(2), { maxLength: 4 }), continuation: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(requests, fc.nat(7), fc.boolean(), (pairs, batchSize, kinds) => {
      const kind = ({ continuation }: EncodedPair): string => (kinds ? String(continuation[0]) : '');
      const batches = collate(pairs, { ...ofPairs, kind, batchSize });
      const questions = batches.flat();
      expect(
        questions
          .flat()
          .map((pair) => pairs.indexOf(pair))
          .sort((a, b) => a - b),
      ).toEqual([...pairs.keys()]);
      const key = (pair: EncodedPair): string => JSON.stringify([kind(pair), ofPairs.context(pair)]);
      for (const same of questions) expect(new Set(same.map((pair) => key(pair) + ofPairs.rest(pair))).size).toBe(1);
      expect(new Set(questions.map(([pair]) => key(pair) + ofPairs.rest(pair))).size).toBe(questions.length);
      const sizes = Map.groupBy(questions, ([pair]) => key(pair));
      for (const [i, batch] of batches.entries()) {
        expect(new Set(batch.map(([pair]) => kind(pair))).size).toBe(1);
        if (batchSize === 0) continue;
        expect(batch.length).toBeLessThanOrEqual(batchSize);
        const [first] = batch[0] ?? [];
        const [next] = batches[i + 1]?.[0] ?? [];
        if (next === undefined || first === undefined || kind(next) !== kind(first)) continue;
        // The next context would not have fitted in.
        expect(batch.length + (sizes.get(key(next))?.length ?? 0)).toBeGreaterThan(batchSize);
      }
      for (const [name, { length }] of sizes) {
        const holding = batches.filter((batch) => batch.some(([pair]) => key(pair) === name)).length;
        expect(holding).toBe(batchSize === 0 ? 1 : Math.ceil(length / batchSize));
      }
      const runs = questions.map(([pair]) => key(pair)).filter((each, i, all) => each !== all[i - 1]);
      expect(new Set(runs).size).toBe(runs.length);
      for (const [i, [pair]] of questions.entries()) {
        const before = questions[i - 1]?.[0];
        if (before !== undefined && kind(before) === kind(pair) && key(before) === key(pair))
          expect(ofPairs.length(before)).toBeGreaterThanOrEqual(ofPairs.length(pair));
      }
    }),
  );
});
