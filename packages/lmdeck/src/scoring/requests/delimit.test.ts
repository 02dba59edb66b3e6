import { expect, test } from 'vitest';
import { maybeDelimit } from './delimit.ts';

// From tests/test_prompt.py of EleutherAI/lm-evaluation-harness.
test.each([
  ['hello', 'world', undefined, 'hello world'],
  ['hello ', 'world', undefined, 'hello world'],
  ['hello', 'world', '-', 'hello-world'],
  ['prefix ', ' suffix', undefined, 'prefix  suffix'],
  ['prefix', '\nsuffix', undefined, 'prefix\nsuffix'],
  [undefined, 'b', undefined, 'b'],
  ['a', undefined, undefined, 'a'],
  ['', 'b', undefined, 'b'],
  [undefined, undefined, undefined, ''],
])('%j and %j with %j', (before, after, delimiter, joined) => {
  expect(maybeDelimit(before, after, delimiter)).toBe(joined);
});
