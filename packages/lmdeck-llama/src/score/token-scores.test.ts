import type { ControlledEvaluateIndexOutput, Token } from 'node-llama-cpp';
import { describe, expect, test } from 'vitest';
import { tokenScores } from './token-scores.ts';

type Next = ControlledEvaluateIndexOutput['next'];

/** What the engine says of a place where these are the logits, by token id; `best` is what greedy sampling takes. */
function place(logits: readonly number[], best: number, told = logits.keys().toArray()): Next {
  const greatest = Math.max(...logits);
  const totalLogitWeight = logits.reduce((sum, logit) => sum + Math.exp(logit - greatest), 0);
  return { token: token(best), totalLogitWeight, logits: new Map(told.map((id) => [token(id), logits[id] ?? Number.NaN])) };
}

function token(id: number): Token {
  const isToken = (each: number): each is Token => each >= 0;
  if (isToken(id)) return id;
  throw new Error(`${id} is no token`);
}

const scoresOf = (next: Next, ids: readonly number[]) => [...tokenScores(next, ids.map(token)).values()];

describe('scores from logits', () => {
  test('are the logarithm of the softmax', () => {
    const logits = [0.5, 3, -2, 1];
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    expect(scoresOf(place(logits, 1), [0, 1, 2, 3])).toEqual(
      logits.map((logit, id) => ({ logprob: expect.closeTo(logit - Math.log(total), 12), isGreedy: id === 1 })),
    );
  });

  test('need no others than those that are asked for and the likeliest', () => {
    const logits = [0.5, 3, -2, 1];
    expect(scoresOf(place(logits, 1, [1, 3]), [3])).toEqual(scoresOf(place(logits, 1), [3]));
  });

  test('of what is next to impossible are finite, where its probability is zero as a 32-bit float', () => {
    expect(scoresOf(place([0, -500], 0), [1])).toEqual([{ logprob: -500, isGreedy: false }]);
  });

  test('of what is impossible are -9999, as servers write it', () => {
    expect(scoresOf(place([0, Number.NEGATIVE_INFINITY], 0), [1])).toEqual([{ logprob: -9999, isGreedy: false }]);
  });

  test('of equals are equal, and one of them is what greedy sampling takes', () => {
    const half = expect.closeTo(Math.log(0.5), 12);
    expect(scoresOf(place([4, 4], 0), [0, 1])).toEqual([
      { logprob: half, isGreedy: true },
      { logprob: half, isGreedy: false },
    ]);
  });

  test.each<[string, Next]>([
    ['the sum', { token: token(1), logits: new Map([0, 1].map((id) => [token(id), id])) }],
    ['the likeliest token', { ...place([0, 1], 1), token: null }],
    ['the logit of the likeliest', place([0, 1], 1, [0])],
    ['the logit that is asked for', place([0, 1], 1, [1])],
    ['everything', {}],
    ['a number: it computed none', place([Number.NaN, Number.NaN], 0)],
  ])('are an error where the engine left out %s', (_, next) => {
    expect(() => scoresOf(next, [0])).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

test('scores from probabilities are their logarithms; the likeliest stands first', () => {
  const probabilities = new Map([2, 0, 1].map((id, i) => [token(id), [0.75, 0.25, 0][i] ?? 0]));
  expect(scoresOf({ probabilities }, [0, 1, 2])).toEqual([
    { logprob: Math.log(0.25), isGreedy: false },
    { logprob: -9999, isGreedy: false },
    { logprob: Math.log(0.75), isGreedy: true },
  ]);
});
