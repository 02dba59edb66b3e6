import { expect, test } from 'vitest';

import { expectBatches } from './endpoint-batches.ts';

test('what an endpoint says about jobs', () => {
  expect(expectBatches(false, ['batches'])).toBe(false);
  expect(expectBatches('mistral', ['batches'])).toEqual({ protocol: 'mistral' });
  expect(expectBatches({ priceShare: 0.5, maxRows: 10 }, ['batches'])).toEqual({
    protocol: 'openai',
    priceShare: 0.5,
    limits: { maxRows: 10 },
  });
  expect(() => expectBatches('vertex', ['batches'])).toThrow('openai');
  expect(() => expectBatches({ priceShare: 50 }, ['batches'])).toThrow('from 0 to 1');
  expect(() => expectBatches({ maxRow: 1 }, ['batches'])).toThrow('maxRow');
  expect(() => expectBatches(true, ['batches'])).toThrow();
});
