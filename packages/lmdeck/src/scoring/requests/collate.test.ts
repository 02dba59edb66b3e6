import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byLengthAndTokens, chunks, collate } from './collate.ts';
import { groupByContext } from './context-groups.ts';
import type { EncodedPair } from './encode-pair.ts';
import { uniqueRequests } from './unique-requests.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

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
    const { batches } = collate(texts, {
      compare: (a, b) => b.length - a.length,
      groupBy: (text) => (text.length <= half ? 'first' : 'second'),
      batchSize,
    });
    const lengths = batches.map((batch) => batch.map(({ item }) => item.length));
    expect(lengths.flat()).toEqual([...range(1, half + 1).reverse(), ...range(half + 1, count + 1).reverse()]);
    expect(lengths).toEqual([range(1, half + 1), range(half + 1, count + 1)].flatMap((group) => [...chunks(group.reverse(), batchSize)]));
  });

  test('log-likelihoods: longest first, equal ones as they came', () => {
    const requests: EncodedPair[] = [
      { context: [5], continuation: [1] },
      { context: [5], continuation: [1] },
      { context: [9], continuation: [9] },
      { context: [1, 2], continuation: [3] },
      { context: [], continuation: [5, 0] },
    ];
    const { batches } = collate(requests, { compare: byLengthAndTokens, batchSize: 2 });
    expect(batches.map((batch) => batch.map(({ index }) => index))).toEqual([[3, 4], [0, 1], [2]]);
  });

  test('requests that differ in their last token only are one; the longest continuation speaks for them', () => {
    const context = [1, 2, 3, 4, 5];
    const requests: EncodedPair[] = [
      ...range(6, 15).map((token) => ({ context, continuation: [token] })),
      ...range(6, 9).map((token) => ({ context, continuation: [token, token + 1, token + 2] })),
      { context: [1, 2], continuation: [3, 4, 5, 6] },
    ];
    const groups = groupByContext(requests);
    expect(groups).toEqual([
      { members: [...range(0, 9), 12], representative: 12 },
      { members: [9], representative: 9 },
      { members: [10], representative: 10 },
      { members: [11], representative: 11 },
    ]);
  });
});

const pairs = fc.array(
  fc.record({ context: fc.array(fc.nat(2), { maxLength: 4 }), continuation: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }) }),
  { maxLength: 60 },
);

test('collating is a permutation in ordered groups, and restoring undoes it', () => {
  fc.assert(
    fc.property(pairs, fc.nat(7), fc.boolean(), (requests, batchSize, grouped) => {
      const groupBy = (request: EncodedPair): string => String(request.continuation[0]);
      const { batches, restore } = collate(requests, { compare: byLengthAndTokens, batchSize, ...(grouped ? { groupBy } : {}) });
      const sent = batches.flat();
      expect(sent.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...requests.keys()]);
      expect(restore(sent.map(({ item }) => item))).toEqual(requests);
      for (const batch of batches) {
        if (batchSize > 0) expect(batch.length).toBeLessThanOrEqual(batchSize);
        if (grouped) expect(new Set(batch.map(({ item }) => groupBy(item))).size).toBe(1);
        for (let i = 1; i < batch.length; i++) {
          const [before, after] = [batch[i - 1], batch[i]];
          if (before === undefined || after === undefined) continue;
          const order = byLengthAndTokens(before.item, after.item);
          expect(order < 0 || (order === 0 && before.index < after.index)).toBe(true);
        }
      }
    }),
  );
});

test('results that are too few or too many are refused', () => {
  const { restore } = collate([1, 2, 3]);
  expect(() => restore([1, 2])).toThrow(expect.objectContaining({ code: 'internal' }));
  expect(() => restore([1, 2, 3, 4])).toThrow(expect.objectContaining({ code: 'internal' }));
});

test('context groups have every request once, and share all tokens but the last', () => {
  fc.assert(
    fc.property(pairs, (requests) => {
      const groups = groupByContext(requests);
      expect(groups.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual([...requests.keys()]);
      const shared = groups.map(({ members }) =>
        members.map((member) => [...(requests[member]?.context ?? []), ...(requests[member]?.continuation ?? [])].slice(0, -1).join()),
      );
      for (const texts of shared) expect(new Set(texts).size).toBe(1);
      expect(new Set(shared.map(([text]) => text)).size).toBe(groups.length);
      for (const { members, representative } of groups)
        for (const member of members)
          expect(requests[member]?.continuation.length ?? 0).toBeLessThanOrEqual(requests[representative]?.continuation.length ?? 0);
    }),
  );
});

test('contexts with the same hash are still told apart', () => {
  // The hash is FNV-1a: for any other first token there is a second one that leads to the same hash.
  const step = (hash: number, token: number): number => Math.imul(hash ^ token, 0x01000193);
  const [one, other] = [step(0x811c9dc5, 1), step(0x811c9dc5, 3)];
  const contexts = [
    [1, 2],
    [3, one ^ 2 ^ other],
  ];
  expect(groupByContext(contexts.map((context) => ({ context, continuation: [9] })))).toHaveLength(2);
});

test('chunks of a size, of a size by position, all in one', () => {
  expect([...chunks(range(0, 7), 3)]).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  expect([...chunks(range(0, 7), (position) => (position < 4 ? 2 : 1))]).toEqual([[0, 1], [2, 3], [4], [5], [6]]);
  expect([...chunks(range(0, 3))]).toEqual([[0, 1, 2]]);
  expect([...chunks([], 2)]).toEqual([]);
});

test('what is asked twice is sent once and answered twice', () => {
  const { unique, places, spread } = uniqueRequests(['a', 'b', 'a', 'c', 'b'], (text) => text);
  expect([unique, [...places]]).toEqual([
    ['a', 'b', 'c'],
    [0, 1, 0, 2, 1],
  ]);
  expect(spread([1, 2, 3])).toEqual([1, 2, 1, 3, 2]);
  expect(() => spread([1, 2])).toThrow(expect.objectContaining({ code: 'internal' }));
});
