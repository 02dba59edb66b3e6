import { expect, test } from 'vitest';
import { answerJson, bareWord } from './answer-json.ts';
import { parsedAnswer } from './parsed-answer.ts';

test('bare words for numbers become texts, those in texts stay', () => {
  expect(answerJson('{"a": NaN, "b": [-Infinity, Infinity, -1], "NaN": "x: NaN, \\"Infinity"}')).toEqual({
    a: 'NaN',
    b: ['-Infinity', 'Infinity', -1],
    NaN: 'x: NaN, "Infinity',
  });
  expect(() => answerJson('{"a": NaN')).toThrow(SyntaxError);
  expect(() => answerJson('{"a": nope}')).toThrow(SyntaxError);
});

test('the first of them is found, with what stands before it', () => {
  expect(bareWord('{"text": "NaN", "logprob": NaN, "b": -Infinity}')).toBe('NaN (…{"text": "NaN", "logprob": NaN)');
  expect(bareWord('{"text": NaN')).toBeUndefined();
  expect(bareWord('{"text": "NaN"}')).toBeUndefined();
});

test('an answer with one says so, and where', () => {
  expect(() => parsedAnswer('{"choices": [{"logprobs": {"content": [{"token": "a", "logprob": NaN}]}}]}', 'here')).toThrow(
    'here: the answer has NaN (… {"content": [{"token": "a", "logprob": NaN), which is no JSON: the computation of the model has gone wrong',
  );
});
