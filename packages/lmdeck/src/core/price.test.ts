import { describe, expect, it } from 'vitest';

import { costMicros } from './price.ts';

describe('what a call costs', () => {
  it('counts each kind of token at its own price', () => {
    const usage = { inputTokens: 1000, cachedInputTokens: 600, cacheWriteTokens: 100, outputTokens: 50 };
    // 300 · 2 + 600 · 0.2 + 100 · 2.5 + 50 · 8
    expect(costMicros(usage, { input: 2, output: 8, cachedInput: 0.2, cacheWrite: 2.5 })).toBe(1370);
    expect(costMicros(usage, { input: 2, output: 8 })).toBe(2400);
  });

  it('takes the share of a batch', () => {
    expect(costMicros({ inputTokens: 10, outputTokens: 10 }, { input: 1, output: 3 }, 0.5)).toBe(20);
  });

  it('is unknown when a count is unknown, and never zero for it', () => {
    expect(costMicros({ outputTokens: 10 }, { input: 1, output: 3 })).toBeUndefined();
    expect(costMicros({ inputTokens: 10 }, { input: 1, output: 3 })).toBeUndefined();
    expect(costMicros({ inputTokens: 10 }, { input: 1, output: 0 })).toBe(10);
    expect(costMicros({}, { input: 0, output: 0 })).toBe(0);
  });
});
