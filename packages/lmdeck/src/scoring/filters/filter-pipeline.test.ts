import { describe, expect, test } from 'vitest';
import { filterPipeline, type FilterPipelineDefinition } from './filter-pipeline.ts';
import type { Document } from './filter.ts';

type Steps = FilterPipelineDefinition['filter'];

function filtered(filter: Steps, answers: readonly unknown[], documents: readonly Document[] = [{}]): unknown {
  return filterPipeline({ name: 'test', filter }).apply([answers], documents)[0];
}

const gsm8k = 'She has 3 left.\nSo 1,000 + 234 makes $1,234.50\n#### 1,234';

// Patterns and names from lm_eval/tasks/gsm8k; values by lm_eval/filters of EleutherAI/lm-evaluation-harness (0.4.13).
describe('regex', () => {
  test('the line of the answer', () => {
    expect(filtered([{ function: 'regex', regex_pattern: String.raw`#### (\-?[0-9\.\,]+)` }, { function: 'take_first' }], [gsm8k])).toBe(
      '1,234',
    );
    expect(filtered([{ function: 'regex' }], [gsm8k, 'no line', 42])).toEqual(['1,234', '[invalid]', '[invalid]']);
  });

  test('the last number anywhere', () => {
    const flexible = { function: 'regex', regex_pattern: '(-?[$0-9.,]{2,})|(-?[0-9]+)', group_select: -1 };
    expect(filtered([flexible], ['It is 5 or $12.50.', 'about 7 apples', 'none'])).toEqual(['$12.50.', '7', '[invalid]']);
  });

  test('a text of its own for no match; a match that is not there is none', () => {
    expect(filtered([{ function: 'regex', regex_pattern: 'a', fallback: 'nothing', group_select: 1 }], ['aa', 'a', 'b'])).toEqual([
      'a',
      'nothing',
      'nothing',
    ]);
  });

  test('empty groups are no match, an empty match is one', () => {
    expect(filtered([{ function: 'regex', regex_pattern: '(x?)(y?)' }], ['a'])).toEqual(['[invalid]']);
    expect(filtered([{ function: 'regex', regex_pattern: ' *' }], ['a'])).toEqual(['']);
  });
});

test('regex_pos', () => {
  expect(filtered([{ function: 'regex_pos' }], ["[('The', 'DET'), ('cat', 'NOUN')]", 'no pairs'])).toEqual([['DET', 'NOUN'], ['invalid']]);
  expect(filtered([{ function: 'regex_pos', fallback: ['?'] }], [''])).toEqual([['?']]);
});

describe('multi_choice_regex', () => {
  const choices = ['Alpha one', 'Beta, two', 'Beta'];

  test('by the pattern, by a choice, by a letter after a colon, in this order', () => {
    const step = { function: 'multi_choice_regex', regex_pattern: String.raw`(\([A-Z]\))` };
    expect(
      filtered([step], ['It is (B), not Alpha one.', 'I say Beta, two.', 'Answer: C', 'Answer: Z', 'alpha one', 5], [{ choices }]),
    ).toEqual(['(B)', '(B)', '(C)', '[invalid]', '[invalid]', '[invalid]']);
  });

  test('without case, punctuation and what patterns match', () => {
    const step = { function: 'multi_choice_regex', ignore_case: true, ignore_punctuation: true, regexes_to_ignore: ['[Tt]he '] };
    expect(filtered([step], ['the beta two!', 'ALPHA the One'], [{ choices }])).toEqual(['(B)', '(A)']);
  });

  // From tests/test_filters.py of the same.
  test('a pattern whose groups are all empty falls back to the choice, then to the letter', () => {
    const step = { function: 'multi_choice_regex', regex_pattern: '()()' };
    expect(filtered([{ ...step, ignore_case: true, ignore_punctuation: true }], ['alpha'], [{ choices: ['alpha', 'beta'] }])).toEqual([
      '(A)',
    ]);
    expect(filtered([step], [': B'], [{ choices: ['alpha', 'beta'] }])).toEqual(['(B)']);
  });

  test('of equal choices the last counts', () => {
    expect(filtered([{ function: 'multi_choice_regex' }], ['same'], [{ choices: ['same', 'same'] }])).toEqual(['(B)']);
  });

  test('documents without choices are told of', () => {
    expect(() => filtered([{ function: 'multi_choice_regex' }], ['a'], [{ choices: 'abc' }])).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringContaining('document 0') }),
    );
  });
});

// The first from tests/test_filters.py of the same.
test.each([
  ['ORGANIZATION: Shell Company $ LOCATION: Country Club $ PERSON: George', 'org: shell company $ loc: country club $ per: george'],
  ['Person: Ann, Bob$$Time : none\nPlaces: Kenya, NONE', 'per: ann $ per: bob $ loc: kenya'],
  ['Counties: Kent$$$', 'loc: kent'],
  ['nothing', ''],
])('format_span of %j', (answer, expected) => {
  expect(filtered([{ function: 'format_span' }], [answer])).toEqual([expected]);
});

test('white space and case', () => {
  expect(filtered([{ function: 'remove_whitespace' }], [' \u3000a b\n'])).toEqual(['a b']);
  expect(filtered([{ function: 'lowercase' }], ['ÄB'])).toEqual(['äb']);
  expect(filtered([{ function: 'uppercase' }], ['äß'])).toEqual(['ÄSS']);
});

test('map', () => {
  const step = { function: 'map', mapping_dict: { yes: 1, no: 0 }, default_value: -1 };
  expect(filtered([step], ['yes', 'no', 'perhaps', 1])).toEqual([1, 0, -1, -1]);
  expect(filtered([{ function: 'map', mapping_dict: new Map([[1, 'one']]) }], [1, '1'])).toEqual(['one', null]);
  expect(filtered([{ function: 'map' }], ['a'])).toEqual([null]);
});

test('the vote of the first k answers: the most frequent, of equals the first', () => {
  const vote: Steps = [{ function: 'take_first_k', k: 5 }, { function: 'majority_vote' }, { function: 'take_first' }];
  expect(filtered(vote, ['b', 'a', 'a', 'c', 'b', 'c', 'c'])).toBe('b');
  expect(filtered([{ function: 'majority_vote' }], [['x'], 'x', ['x']])).toEqual([['x']]);
  expect(() => filtered(vote, ['a'])).toThrow(expect.objectContaining({ code: 'config', message: expect.stringContaining('repeats') }));
});

test('functions are filters', () => {
  const double = (answers: readonly (readonly unknown[])[]): readonly unknown[] =>
    answers.map((list) => list.map((answer) => `${String(answer)}!`));
  expect(filtered([double, { function: 'custom', filter_fn: double }, { function: 'take_first' }], ['a'])).toBe('a!!');
});

test.each<[string, Steps, string]>([
  ['a filter that is not there', [{ function: 'take_frist' }], 'take_first'],
  ['a setting that is not there', [{ function: 'regex', regexp: 'a' }], 'regexp'],
  ['a setting of the wrong kind', [{ function: 'regex', group_select: 'last' }], 'group_select'],
  ['a k that is missing', [{ function: 'take_first_k' }], 'k must be a whole number'],
  ['a pattern that is wrong', [{ function: 'regex', regex_pattern: '(' }], 'unterminated'],
  ['a custom filter without a function', [{ function: 'custom', filter_fn: 'f' }], 'filter_fn'],
])('%s is refused', (_, filter, message) => {
  expect(() => filterPipeline({ name: 'test', filter })).toThrow(
    expect.objectContaining({ code: 'config', message: expect.stringContaining(message) }),
  );
});

test('a filter of lists after one that left single answers is refused', () => {
  expect(() => filtered([{ function: 'take_first' }, { function: 'lowercase' }], ['A'])).toThrow(
    expect.objectContaining({ code: 'config', message: expect.stringContaining('lowercase takes lists of answers') }),
  );
});

test('an answer that is no text is refused where text is needed', () => {
  expect(() => filtered([{ function: 'map', mapping_dict: {} }, { function: 'lowercase' }], ['A'])).toThrow(
    expect.objectContaining({ code: 'config', message: expect.stringContaining('filter lowercase') }),
  );
});
