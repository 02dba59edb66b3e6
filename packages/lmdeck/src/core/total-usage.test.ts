import { expect, test } from 'vitest';
import { totalUsage } from './total-usage.ts';

test('tokens of calls add up; what one of them did not report is unknown in the sum', () => {
  expect(totalUsage([{ inputTokens: 3, outputTokens: 4 }, { inputTokens: 10 }])).toEqual({ inputTokens: 13 });
  expect(totalUsage([{ inputTokens: 3 }, undefined])).toBeUndefined();
  expect(totalUsage([{ inputTokens: 3 }, {}])).toBeUndefined();
});

test('those of a single call stay as they are', () => {
  const usage = { inputTokens: 3, raw: { prompt_tokens: 3 } };
  expect(totalUsage([usage])).toBe(usage);
  expect(totalUsage([])).toBeUndefined();
});
