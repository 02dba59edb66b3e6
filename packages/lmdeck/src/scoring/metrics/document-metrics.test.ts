import { describe, expect, test } from 'vitest';
import { pythonFloat } from '../../python/index.ts';
import { exactMatch } from './exact-match.ts';
import { generationMetrics, type GenerationMetric } from './generation-metrics.ts';
import { loglikelihoodMetrics, rollingMetrics } from './loglikelihood-metrics.ts';
import { multipleChoiceMetrics, softmax, type MultipleChoice } from './multiple-choice-metrics.ts';

describe('loglikelihood', () => {
  test('the likelihood and whether it is the likeliest', () => {
    expect(loglikelihoodMetrics({ logprob: -2, isGreedy: true }, ['perplexity', 'acc'])).toEqual({ perplexity: -2, acc: 1 });
    expect(loglikelihoodMetrics({ logprob: -2, isGreedy: false }, ['acc'])).toEqual({ acc: 0 });
  });
});

describe('loglikelihood_rolling', () => {
  const all = ['word_perplexity', 'byte_perplexity', 'bits_per_byte'];
  test.each([
    ['a b  c\n', 4, 7],
    ['é a', 2, 4],
    ['', 1, 0],
    [' a', 2, 2],
    ['a\u001cb\ufeffc', 2, 7],
  ])('%j has %d words and %d bytes', (text, words, bytes) => {
    expect(rollingMetrics(-3, text, all)).toEqual({
      word_perplexity: [-3, words],
      byte_perplexity: [-3, bytes],
      bits_per_byte: [-3, bytes],
    });
  });
});

function choose(
  lls: readonly number[],
  rest: Partial<MultipleChoice>,
  greedy: readonly boolean[] = [],
): ReturnType<typeof multipleChoiceMetrics> {
  const responses = lls.map((logprob, i) => ({ logprob, isGreedy: greedy[i] ?? false }));
  return multipleChoiceMetrics({ choices: ['a', 'abcd', 'abcdefgh'], gold: 0, responses, metrics: ['acc'], ...rest });
}

// Vectors of process_results of EleutherAI/lm-evaluation-harness (0.4.13) and tests/test_metrics.py.
describe('multiple_choice', () => {
  test('by likelihood, per character, per byte', () => {
    const metrics = ['acc', 'acc_norm', 'acc_bytes'];
    expect(choose([-4, -5, -6], { gold: 0, metrics }).values).toEqual({ acc: 1, acc_norm: 0, acc_bytes: 0 });
    expect(choose([-4, -5, -6], { gold: 2, metrics }).values).toEqual({ acc: 0, acc_norm: 1, acc_bytes: 1 });
    // Three characters, two of which take four bytes each.
    expect(choose([-4, -5], { choices: ['ab', 'a😀😀'], gold: 1, metrics }).values).toEqual({ acc: 0, acc_norm: 1, acc_bytes: 1 });
    expect(choose([-4, -7], { choices: ['ab', 'a😀😀'], gold: 1, metrics }).values).toEqual({ acc: 0, acc_norm: 0, acc_bytes: 1 });
  });

  test('of equal ones the first counts', () => {
    expect(choose([-5, -5, -6], { gold: 0 }).values).toEqual({ acc: 1 });
    expect(choose([-6, -5, -5], { gold: 2 }).values).toEqual({ acc: 0 });
  });

  test('labels, likelihoods and probabilities for metrics over all documents', () => {
    const { values } = choose([-1, -2, -3], { gold: 1, metrics: ['f1', 'mcc', 'brier_score', 'likelihood'] });
    const probabilities = [0.6652409557748218, 0.24472847105479764, 0.09003057317038046];
    expect(values).toEqual({ f1: [1, 0], mcc: [1, 0], brier_score: [1, probabilities], likelihood: [1, [-1, -2, -3]] });
    expect(softmax([-1, -2, -3])).toEqual(probabilities);
  });

  test('exact_match is whether the right choice was the likeliest text', () => {
    expect(choose([-1, -2, -3], { gold: 1, metrics: ['exact_match'] }, [false, true, false]).values).toEqual({ exact_match: 1 });
    expect(choose([-1, -2, -3], { gold: 0, metrics: ['exact_match'] }, [false, true, false]).values).toEqual({ exact_match: 0 });
  });

  test.each([
    [[-2, -1, -3, -2.5, -2, -2.5], { acc: 1, acc_mutual_info: 1 }],
    [[-1, -2, -3, -0.5, -2, -3], { acc: 0, acc_mutual_info: 1 }],
  ])('mutual information from %j', (lls, expected) => {
    expect(choose(lls, { gold: 1, metrics: ['acc', 'acc_mutual_info'] }).values).toEqual(expected);
  });

  test('the right answer as its text, as one of several, as a float of a data set', () => {
    expect(choose([-1, -2, -3], { gold: 'a' }).values).toEqual({ acc: 1 });
    expect(choose([-1, -2, -3], { gold: [2, 0], metrics: ['acc', 'acc_norm'] }).values).toEqual({ acc: 1, acc_norm: 1 });
    expect(choose([-1, -2, -3], { gold: [1, 2], metrics: ['acc', 'exact_match'] }, [true, false, true]).values).toEqual({
      acc: 0,
      exact_match: 1,
    });
    expect(choose([-1, -2, -3], { gold: pythonFloat(0) }).values).toEqual({ acc: 1 });
  });

  test.each([
    [7, 'The gold answer 7 is none of the 3 choices.'],
    ['zzz', 'The gold answer "zzz" is none of the 3 choices.'],
    [null, 'The gold answer null is none of the 3 choices.'],
  ])('the right answer %j is none of the choices: wrong, and said', (gold, warning) => {
    const { values, warnings } = choose([-1, -2, -3], { gold, metrics: ['acc', 'exact_match', 'f1'] }, [true, true, true]);
    expect(values).toEqual({ acc: 0, exact_match: 0, f1: [-100, 0] });
    expect(warnings).toEqual([warning]);
  });

  test('an empty choice wins per character unless it is certain; then it is not a number, which wins too', () => {
    expect(choose([-1, -2], { choices: ['', 'a'], gold: 1, metrics: ['acc_norm'] }).values).toEqual({ acc_norm: 1 });
    expect(choose([-1, 0], { choices: ['a', ''], gold: 1, metrics: ['acc_norm'] }).values).toEqual({ acc_norm: 1 });
  });

  test('likelihoods that do not match the choices are a defect', () => {
    expect(() => choose([-1, -2], {})).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => choose([-1, -2, -3], { metrics: ['acc_mutual_info'] })).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('exact_match', () => {
  test.each([
    [{}, 'A', 'a', 0],
    [{ ignoreCase: true }, 'A', 'a', 1],
    [{ ignorePunctuation: true }, 'a, "b"!', 'a b', 1],
    [{ ignorePunctuation: true }, 'a。', 'a', 0],
    [{ ignoreNumbers: true }, 'a1b23', 'ab', 1],
    [{ regexesToIgnore: [',', String.raw`\$`, '(?s).*#### ', String.raw`\.$`] }, 'so\n#### $1,234.', '1234', 1],
    // Patterns come before the case is dropped.
    [{ regexesToIgnore: ['X'], ignoreCase: true }, 'aXx', 'ax', 1],
    [{}, 4, '4', 0],
    [{}, 4, pythonFloat(4), 1],
    [{}, ['N', 'V'], ['N', 'D'], 0.5],
    [{}, ['N'], ['N', 'D'], 0],
  ])('with %j: %j against %j', (options, answer, reference, value) => {
    expect(exactMatch(options)(answer, reference)).toBe(value);
  });
});

describe('generate_until', () => {
  const match: GenerationMetric = { name: 'exact_match', match: exactMatch() };
  const bleu: GenerationMetric = { name: 'bleu', corpus: true };

  test('the right answer is turned into the type of the result', () => {
    expect(generationMetrics({ gold: 4, result: '4', metrics: [match] })).toEqual({ exact_match: 1 });
    expect(generationMetrics({ gold: pythonFloat(4), result: '4', metrics: [match] })).toEqual({ exact_match: 0 });
    expect(generationMetrics({ gold: true, result: 'True', metrics: [match] })).toEqual({ exact_match: 1 });
    expect(generationMetrics({ gold: '4', result: 4, metrics: [match] })).toEqual({ exact_match: 1 });
    expect(generationMetrics({ gold: ['N'], result: ['N'], metrics: [match] })).toEqual({ exact_match: 1 });
  });

  test('with choices the right answer is a place among them', () => {
    expect(generationMetrics({ gold: 1, choices: ['yes', 'no'], result: 'no', metrics: [match] })).toEqual({ exact_match: 1 });
    for (const gold of [2, 'no'])
      expect(() => generationMetrics({ gold, choices: ['yes', 'no'], result: 'no', metrics: [match] })).toThrow(
        expect.objectContaining({ code: 'config' }),
      );
  });

  test('of several right answers one is enough', () => {
    const some = { gold: ['four', '4'], multipleTargets: true, metrics: [match] };
    expect(generationMetrics({ ...some, result: '4' })).toEqual({ exact_match: 1 });
    expect(generationMetrics({ ...some, result: 'five' })).toEqual({ exact_match: 0 });
    expect(generationMetrics({ ...some, gold: '4', result: '4' })).toEqual({ exact_match: 1 });
    // Right answers are taken as they are: a number is not the text of it.
    expect(generationMetrics({ ...some, gold: [4], result: '4' })).toEqual({ exact_match: 0 });
  });

  test('metrics over the corpus keep reference and answer', () => {
    expect(generationMetrics({ gold: 'a b', result: 'a', metrics: [bleu, match] })).toEqual({ bleu: ['a b', 'a'], exact_match: 0 });
    expect(generationMetrics({ gold: ['a', 'b'], result: 'a', multipleTargets: true, metrics: [bleu] })).toEqual({
      bleu: [['a', 'b'], 'a'],
    });
  });

  test('metrics of a task: a value, several values, true for any right answer', () => {
    const overlap: GenerationMetric = {
      name: 'overlap',
      score: ({ references, predictions }) => (predictions.includes(references[0]) ? 1 : 0),
    };
    const passAtK: GenerationMetric = { name: 'pass_at_k', score: () => ({ 'pass@1': 1, 'pass@3': 0.5 }) };
    expect(generationMetrics({ gold: 'a', result: 'a', metrics: [overlap, passAtK] })).toEqual({
      overlap: 1,
      'pass@1': 1,
      'pass@3': 0.5,
    });
    expect(generationMetrics({ gold: ['x', 'b'], result: 'b', multipleTargets: true, metrics: [overlap] })).toEqual({ overlap: 1 });
    expect(generationMetrics({ gold: ['x', 'y'], result: 'b', multipleTargets: true, metrics: [overlap] })).toEqual({ overlap: 0 });
  });

  test('bypass computes nothing and leaves the right answer as it is', () => {
    expect(generationMetrics({ gold: 4, result: '4', metrics: [{ name: 'bypass', bypass: true }, match] })).toEqual({
      bypass: null,
      exact_match: 0,
    });
  });
});
