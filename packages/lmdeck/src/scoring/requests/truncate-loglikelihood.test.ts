import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LmdeckError } from '../../core/index.ts';
import { truncateLoglikelihood } from './truncate-loglikelihood.ts';

// As batch_loglikelihood_requests of EleutherAI/lm-evaluation-harness (0.4.13) cuts.
test('the context loses its beginning', () => {
  expect(truncateLoglikelihood({ context: [1, 2, 3, 4], continuation: [5, 6, 7] }, { maxLength: 5 })).toEqual({
    tokens: [3, 4, 5, 6, 7],
    contextLength: 2,
    truncated: 2,
  });
});

test('or its end, or what is between', () => {
  const pair = { context: [1, 2, 3, 4, 5], continuation: [6, 7] };
  expect(truncateLoglikelihood(pair, { maxLength: 5, side: 'right' })).toEqual({ tokens: [1, 2, 3, 6, 7], contextLength: 3, truncated: 2 });
  expect(truncateLoglikelihood(pair, { maxLength: 5, side: 'middle' })).toEqual({
    tokens: [1, 4, 5, 6, 7],
    contextLength: 3,
    truncated: 2,
  });
});

test.each([
  [[1, 2], [3, 4, 5, 6, 7, 8], 5],
  [[1, 2], [3, 4, 5], 3],
  [[], [3], 5],
])('no context token is left of %j before %j within %d', (context, continuation, maxLength) => {
  expect(truncateLoglikelihood({ context, continuation }, { maxLength })).toMatchObject({
    code: 'invalid-request',
    data: { contextTokens: context.length, continuationTokens: continuation.length, maxLength },
  });
});

test('what comes back fits, ends with the whole continuation and begins with at least one token of the context', () => {
  const tokens = fc.array(fc.nat(9), { maxLength: 12 });
  fc.assert(
    fc.property(
      tokens,
      tokens,
      fc.integer({ min: -1, max: 25 }),
      fc.constantFrom('left', 'right', 'middle'),
      (context, continuation, maxLength, side) => {
        const input = truncateLoglikelihood({ context, continuation }, { maxLength, side });
        if (LmdeckError.isInstance(input)) {
          expect(context.length === 0 || continuation.length >= maxLength).toBe(true);
          return;
        }
        const { contextLength, truncated } = input;
        expect(contextLength).toBeGreaterThanOrEqual(1);
        expect(contextLength + truncated).toBe(context.length);
        expect(input.tokens.length).toBeLessThanOrEqual(maxLength);
        expect(truncated === 0 || input.tokens.length === maxLength).toBe(true);
        expect(input.tokens.slice(contextLength)).toEqual(continuation);
        // The harness cuts context and continuation as one.
        if (side === 'left') expect(input.tokens).toEqual([...context, ...continuation].slice(-maxLength));
      },
    ),
  );
});
