import { expect, test } from 'vitest';
import { documentScore, isHigherBetter } from './document-score.ts';
import { verdictOf } from './verdict.ts';

test('the score of a document: numbers, truth values, log-likelihoods per word or byte; nothing for labels and texts', () => {
  expect(documentScore('acc', 1)).toBe(1);
  expect(documentScore('passed', true)).toBe(1);
  expect(documentScore('perplexity', -2.5)).toBe(-2.5);
  expect(documentScore('word_perplexity', [-10, 4])).toBe(-2.5);
  expect(documentScore('byte_perplexity', [-10, 0])).toBeUndefined();
  expect(documentScore('f1', [0, 1])).toBeUndefined();
  expect(documentScore('bleu', ['a', 'b'])).toBeUndefined();
});

test('of log-likelihoods more is better, of the perplexities made of them less', () => {
  expect(isHigherBetter('word_perplexity', false)).toBe(true);
  expect(isHigherBetter('perplexity', false)).toBe(true);
  expect(isHigherBetter('ter', false)).toBe(false);
});

test('the first metric that judges says whether a document is right', () => {
  expect(verdictOf({ metrics: { acc: 0, acc_norm: 1 }, error: undefined })).toBe('wrong');
  expect(verdictOf({ metrics: { bleu: ['a', 'b'], exact_match: 1 }, error: undefined })).toBe('right');
  expect(verdictOf({ metrics: { solved: 0 }, error: undefined })).toBe('wrong');
  expect(verdictOf({ metrics: { word_perplexity: [-10, 4] }, error: undefined })).toBe('unjudged');
  expect(verdictOf({ metrics: {}, error: { code: 'server', message: 'x' } })).toBe('failed');
});
