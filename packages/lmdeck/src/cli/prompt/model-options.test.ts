import { expect, test } from 'vitest';

import { defineOptions } from '../../core/index.ts';
import { modelOptions } from './model-options.ts';

const model = {
  options: defineOptions({
    maxTokens: { type: 'integer', description: '' },
    top_k: { type: 'integer', description: '' },
    stop: { type: 'strings', description: '' },
    user: { type: 'string', description: '' },
  }),
};

test('snake_case and kebab-case names stand for camelCase ones, unless the model knows them as they are', () => {
  expect(
    modelOptions(
      [
        ['max_tokens', '5'],
        ['top_k', '3'],
        ['max-tokens', '7'],
      ],
      model,
    ),
  ).toEqual({ maxTokens: '7', top_k: '3' });
});

test('a list can be given as JSON or one by one', () => {
  expect(
    modelOptions(
      [
        ['stop', 'a'],
        ['stop', 'b'],
      ],
      model,
    ),
  ).toEqual({ stop: ['a', 'b'] });
  expect(modelOptions([['stop', '["a","b"]']], model)).toEqual({ stop: ['a', 'b'] });
});

test('a text stays a text, whatever it looks like', () => {
  expect(modelOptions([['user', '42']], model)).toEqual({ user: '42' });
});

test('without a description JSON counts as JSON', () => {
  expect(
    modelOptions(
      [
        ['logit_bias', '{"1":2}'],
        ['seed', '7'],
        ['style', 'loud'],
      ],
      {},
    ),
  ).toEqual({ logitBias: { 1: 2 }, seed: 7, style: 'loud' });
});
