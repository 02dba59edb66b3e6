import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../core/index.ts';
import { pickFromIds } from './pick-continuation.ts';
import { echoedTokens, promptTokens } from './served-tokens.ts';

/** A choice as in lm-evaluation-harness's own tests of its parser: three tokens of the prompt, one that was generated. */
function choice(tops: readonly (JsonObject | null)[]): JsonObject {
  return { logprobs: { tokens: ['x', 'a', 'b', 'c'], token_logprobs: [null, -1, -2, -0.5], top_logprobs: [...tops] } };
}

function score(raw: JsonObject, contextTokens: number): readonly [number, boolean] {
  const prompt = { tokens: echoedTokens(raw, 1)?.tokens ?? [] };
  const tokens = pickFromIds(
    contextTokens,
    Array.from({ length: prompt.tokens.length - contextTokens }, (_, i) => i),
    prompt,
    'm',
  );
  return [tokens.reduce((sum, token) => sum + token.logprob, 0), tokens.every((token) => token.isGreedy === true)];
}

describe('echoed log-probabilities, as lm-evaluation-harness reads them', () => {
  const likeliest = [null, { a: -1 }, { b: -2 }, { c: -0.5 }];

  test('the sum over the continuation, without the generated token', () => {
    expect(score(choice(likeliest), 2)).toEqual([-2, true]);
    expect(score(choice(likeliest), 1)).toEqual([-3, true]);
  });

  test('greedy only when no listed token is likelier', () => {
    expect(score(choice([null, { a: -1 }, { b: -2, z: -0.1 }, { c: -0.5 }]), 2)).toEqual([-2, false]);
    expect(score(choice([null, { a: -1 }, { b: -2, z: -3 }, { c: -0.5 }]), 2)).toEqual([-2, true]);
    // Several servers list the likeliest one alone.
    expect(score(choice([null, { a: -1 }, { z: -0.1 }, { c: -0.5 }]), 2)).toEqual([-2, false]);
  });

  test('alternatives may be a list', () => {
    const raw = {
      logprobs: {
        tokens: ['a', 'b'],
        token_logprobs: [-1, -2],
        top_logprobs: [[{ token: 'a', logprob: -1 }], [{ token: 'z', logprob: -0.5 }]],
      },
    };
    expect(echoedTokens(raw)?.tokens.map((token) => token.isGreedy)).toEqual([true, false]);
  });

  test.each([
    ['no log-probabilities', {}],
    ['null', { logprobs: null }],
    ['the format of chats', { logprobs: { content: [] } }],
    ['lists of different lengths', { logprobs: { tokens: ['a'], token_logprobs: [] } }],
  ])('%s are none', (_, raw) => {
    expect(echoedTokens(raw)).toBeUndefined();
  });
});

describe("vLLM's prompt_logprobs", () => {
  test('are read by rank, because JSON objects do not keep the order of numeric keys', () => {
    const list = JSON.parse(
      '[null, {"9": {"logprob": -3, "rank": 7, "decoded_token": " a"}, "5": {"logprob": -0.1, "rank": 1, "decoded_token": " b"}}, {"5": {"logprob": -0.2, "rank": 1, "decoded_token": " b"}}]',
    );
    expect(promptTokens(list)?.tokens).toEqual([
      { text: undefined, logprob: undefined, isGreedy: undefined },
      { text: ' a', logprob: -3, isGreedy: false, tokenId: 9 },
      { text: ' b', logprob: -0.2, isGreedy: true, tokenId: 5 },
    ]);
  });

  test.each([
    ['null', null],
    ['an object', {}],
    ['numbers', [1]],
    ['too many alternatives to tell which it is', [{ 1: { rank: 1 }, 2: { rank: 2 }, 3: { rank: 3 } }]],
  ])('%s are none', (_, list) => {
    expect(promptTokens(list)).toBeUndefined();
  });
});
