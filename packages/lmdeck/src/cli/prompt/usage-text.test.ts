import { expect, test } from 'vitest';

import { usageText } from './usage-text.ts';

test('tells what is known, and nothing else', () => {
  expect(
    usageText({
      inputTokens: 1203,
      outputTokens: 101,
      cachedInputTokens: 1024,
      reasoningTokens: 64,
      firstTokenMs: 412.4,
      durationMs: 2412.4,
      costMicros: 1234,
    }),
  ).toBe('1,203 input (1,024 cached), 101 output (64 reasoning), first token 412 ms, 51 tokens/s, 2.4 s in all, $0.001234');
  expect(usageText({ inputTokens: 5 })).toBe('5 input');
  expect(usageText({})).toBe('tokens unknown');
  expect(usageText({ inputTokens: 0, outputTokens: 1, costMicros: 2_500_000 })).toBe('0 input, 1 output, $2.50');
});
