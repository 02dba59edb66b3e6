import { expect, test } from 'vitest';
import { defineOptions } from './options-schema.ts';

const schema = defineOptions({
  temperature: { type: 'number', description: 'Randomness.', minimum: 0, maximum: 2 },
  maxTokens: { type: 'integer', description: 'Longest answer.', minimum: 1 },
  stop: { type: 'strings', description: 'Stop sequences.' },
  effort: { type: 'string', description: 'Effort.', choices: ['low', 'high'] },
  logprobs: { type: 'boolean', description: 'Log-probabilities.' },
  extraBody: { type: 'json', description: 'More fields.' },
});
const validate = schema['~standard'].validate;

test('takes values of their type, and the strings that a command line gives', () => {
  expect(
    validate({ temperature: '0.5', maxTokens: '10', stop: '["a","b"]', logprobs: 'true', extraBody: '{"x":[1]}', effort: 'low' }),
  ).toEqual({
    value: { temperature: 0.5, maxTokens: 10, stop: ['a', 'b'], logprobs: true, extraBody: { x: [1] }, effort: 'low' },
  });
  expect(validate({ stop: 'END', temperature: undefined })).toEqual({ value: { stop: ['END'] } });
});

test.each([
  [{ temperature: 'warm' }, 'must be a number, not "warm"'],
  [{ temperature: '' }, 'must be a number, not ""'],
  [{ temperature: 3 }, 'must be at most 2, not 3'],
  [{ maxTokens: 1.5 }, 'must be a whole number, not 1.5'],
  [{ maxTokens: 0 }, 'must be at least 1, not 0'],
  [{ effort: 'mid' }, 'must be one of low, high'],
  [{ logprobs: 'yes' }, 'must be true or false, not "yes"'],
  [{ stop: [1] }, 'must be a string or a list of strings'],
  [{ nope: 1 }, 'unknown option "nope"'],
  [{ constructor: 1 }, 'unknown option "constructor"'],
])('refuses %o', (options, message) => {
  expect(validate(options)).toEqual({ issues: [{ message, path: Object.keys(options) }] });
});

test('says where JSON is wrong', () => {
  expect(validate({ extraBody: '{' }).issues?.[0]?.message).toMatch(/^must be JSON: /);
});
