import { expect, test } from 'vitest';
import { didYouMean, nearNames } from './near-names.ts';

test('finds typing errors, swaps and parts, nearest first', () => {
  expect(nearNames('temprature', ['temperature', 'topP', 'maxTokens'])).toEqual(['temperature']);
  expect(nearNames('gtp-4o', ['gpt-4o', 'gpt-5', 'claude'])[0]).toBe('gpt-4o');
  expect(nearNames('luna', ['openai/gpt-5.6-luna', 'llama/tiny'])).toContain('openai/gpt-5.6-luna');
});

test('stays silent when nothing is near', () => {
  expect(didYouMean('zzz', ['temperature'])).toBe('');
  expect(didYouMean('modles', ['models', 'keys'])).toBe(' Did you mean models?');
});
