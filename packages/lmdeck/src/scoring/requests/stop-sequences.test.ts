import { expect, test } from 'vitest';
import { answerText, handleStopSequences } from './stop-sequences.ts';

// Values that handle_stop_sequences of EleutherAI/lm-evaluation-harness (0.4.13) gave.
test.each([
  [null, undefined, []],
  ['a', undefined, ['a']],
  [['a'], '</s>', ['a', '</s>']],
  [['</s>'], '</s>', ['</s>']],
  [null, '</s>', ['</s>']],
  [['a', null], undefined, ['a']],
])('stop sequences of %j with the end token %s', (until, endToken, expected) => {
  expect(handleStopSequences(until, endToken)).toEqual(expected);
});

test('stop sequences that are no text are refused', () => {
  expect(() => handleStopSequences(7)).toThrow(expect.objectContaining({ code: 'config' }));
  expect(() => handleStopSequences(['a', 7])).toThrow(expect.objectContaining({ code: 'config' }));
});

// From tests/models of the same, and values that postprocess_generated_text gave.
test.each([
  ['abc\n\ndef', ['\n\n'], undefined, 'abc'],
  ['<think>x\n\n</think>  ans\n\nmore', ['\n\n'], '</think>', 'ans'],
  ['a</s>b', ['</s>'], undefined, 'a'],
  ['x', [''], undefined, 'x'],
  ['no think', [], '</think>', 'no think'],
  ['a</think>b</think> c', [], '</think>', 'c'],
  ['<think>reasoning</think> final answer', [], undefined, '<think>reasoning</think> final answer'],
  ['<think>reasoning</think>  final answer', [], '</think>', 'final answer'],
  ['first</think> draft</think> final answer', [], '</think>', 'final answer'],
  ['one two three', ['three', 'two'], undefined, 'one '],
])('the answer in %j up to %j after %s', (generated, stops, thinkEnd, expected) => {
  expect(answerText(generated, stops, thinkEnd)).toBe(expected);
});
