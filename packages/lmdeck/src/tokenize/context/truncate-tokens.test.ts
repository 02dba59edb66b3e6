import { describe, expect, test } from 'vitest';
import { maybeTruncate, truncateTokens, type GenerationRoom } from './truncate-tokens.ts';

const first = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** From the tests of lm-evaluation-harness (tests/models/test_model_utils.py) and its functions run in Python. */
describe('as in lm-evaluation-harness:', () => {
  test.each([
    [5, 3, 'left', [3, 4, 5]],
    [5, 3, 'right', [1, 2, 3]],
    [5, 3, 'middle', [1, 4, 5]],
    [6, 4, 'middle', [1, 2, 5, 6]],
    [3, 5, 'left', [1, 2, 3]],
    [3, 0, 'left', [1, 2, 3]],
    [3, 1, 'middle', [3]],
  ] as const)('of %i tokens %i stay, cut %s', (count, length, side, expected) => {
    expect(truncateTokens(first(count), length, side)).toEqual(expected);
  });

  test.each<readonly [count: number, room: GenerationRoom, tokens: readonly number[], genTokens: number]>([
    [5, { maxGenTokens: 5, maxModelLength: 10 }, first(5), 5],
    [5, { maxGenTokens: 5, maxModelLength: 10, shrinkGenTokens: true }, first(5), 5],
    [10, { maxGenTokens: 5, maxModelLength: 6 }, [10], 5],
    [8, { maxGenTokens: 3, maxModelLength: 8 }, [4, 5, 6, 7, 8], 3],
    [5, { maxGenTokens: 10, maxModelLength: 8, shrinkGenTokens: true }, first(5), 3],
    [10, { maxGenTokens: 5, maxModelLength: 6, minGenTokens: 2, side: 'left', shrinkGenTokens: true }, [7, 8, 9, 10], 2],
    [10, { maxGenTokens: 5, maxModelLength: 6, minGenTokens: 2, side: 'right', shrinkGenTokens: true }, [1, 2, 3, 4], 2],
    [10, { maxGenTokens: 5, maxModelLength: 6, minGenTokens: 2, side: 'middle', shrinkGenTokens: true }, [1, 2, 9, 10], 2],
    [10, { maxGenTokens: 5, maxModelLength: 10, minGenTokens: 0, shrinkGenTokens: true }, first(10), 0],
    [10, { maxGenTokens: 5, maxModelLength: 8, minGenTokens: 0, shrinkGenTokens: true }, [3, 4, 5, 6, 7, 8, 9, 10], 0],
  ])('%i tokens into %j', (count, room, tokens, genTokens) => {
    expect(maybeTruncate(first(count), room)).toEqual({ tokens, genTokens });
  });

  test('no room for a prompt', () => {
    expect(() => maybeTruncate(first(5), { maxGenTokens: 5, maxModelLength: 2, minGenTokens: 3, shrinkGenTokens: true })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('Lower minGenTokens') }),
    );
    expect(() => maybeTruncate(first(5), { maxGenTokens: 8, maxModelLength: 8 })).toThrow('Lower maxGenTokens');
  });
});

test('what fits is not copied, and both ends are never the same tokens', () => {
  const tokens = first(3);
  expect(truncateTokens(tokens, 5, 'middle')).toBe(tokens);
  expect(truncateTokens(tokens, 0, 'right')).toEqual([]);
});
