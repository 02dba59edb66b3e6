import { pythonRegex, type PythonRegex, pythonStrip } from '../../python/index.ts';
import { eachAnswer, type Filter, type FilterItem } from './filter.ts';

export interface RegexFilterOptions {
  /** Python syntax. Default: the answer line of GSM8K. */
  readonly pattern?: string;
  /** Which match counts: 0 is the first, -1 the last. */
  readonly groupSelect?: number;
  /** What an answer without a match becomes. Default: `[invalid]`. */
  readonly fallback?: string;
}

export const defaultPattern = String.raw`#### (\-?[0-9\.\,]+)`;
export const defaultFallback = '[invalid]';

/**
 * The text that a pattern finds in each answer: its group, or with several groups the first that is not empty, without white space around
 * it. As the filter `regex` of lm-evaluation-harness, except that a match which is not there by `groupSelect` is the fallback and not a crash.
 */
export function regexFilter(options: RegexFilterOptions = {}): Filter {
  const { pattern = defaultPattern, groupSelect = 0, fallback = defaultFallback } = options;
  const regex = pythonRegex(pattern);
  return eachAnswer((answer) => selectMatch(regex, answer, groupSelect) ?? fallback);
}

/**
 * The selected match of an answer, stripped; `undefined` when there is none or when several groups are all empty. An answer that is no
 * text has no match.
 */
export function selectMatch(regex: PythonRegex, answer: FilterItem, groupSelect: number): string | undefined {
  const match = regex.findall(typeof answer === 'string' ? answer : '').at(groupSelect);
  const text = typeof match === 'string' ? match : match?.find((group) => group !== '');
  return text === undefined ? undefined : pythonStrip(text);
}

/**
 * The second parts of pairs written as `('word', 'TAG')`: the part-of-speech tags. As the filter `regex_pos` of lm-evaluation-harness, whose
 * own pattern settings have no effect.
 */
export function regexPosFilter(fallback: FilterItem = ['invalid']): Filter {
  const pairs = pythonRegex(String.raw`\('([^']*)', '([^']*)'\)`);
  return eachAnswer((answer) => {
    if (typeof answer !== 'string') return fallback;
    const tags = pairs.findall(answer).flatMap((pair) => (typeof pair === 'string' ? [] : pair.slice(1)));
    return tags.length === 0 ? fallback : tags;
  });
}
