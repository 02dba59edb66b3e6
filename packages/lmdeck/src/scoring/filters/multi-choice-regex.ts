import { LmdeckError } from '../../core/index.ts';
import { pythonRegex, pythonRegexEscape, pythonStrip } from '../../python/index.ts';
import type { Document, Filter, FilterItem } from './filter.ts';
import { defaultFallback, defaultPattern, selectMatch, type RegexFilterOptions } from './regex-filter.ts';

export interface MultiChoiceRegexOptions extends RegexFilterOptions {
  /** Compares choices in lower case. */
  readonly ignoreCase?: boolean;
  /** Compares choices without Unicode punctuation. */
  readonly ignorePunctuation?: boolean;
  /** Python patterns; what they match is left out before choices are compared. */
  readonly regexesToIgnore?: readonly string[];
}

/**
 * The letter of a choice, `(A)`, from a free answer: by the pattern; else by the text of one of the document's `choices`; else by a letter
 * after a colon. As the filter `multi_choice_regex` of lm-evaluation-harness.
 */
export function multiChoiceRegexFilter(options: MultiChoiceRegexOptions = {}): Filter {
  const { pattern = defaultPattern, groupSelect = 0, fallback = defaultFallback } = options;
  const regex = pythonRegex(pattern);
  const simplify = simplification(options);
  return (answers, documents) =>
    answers.map((list, i) => {
      const choices = choicesOf(documents[i], i).map((choice) => simplify(pythonStrip(choice)));
      const letters = choices.map((_, place) => letterOf(place));
      const byChoice = pythonRegex(choices.map((choice) => pythonRegexEscape(choice)).join('|'));
      const byLetter = pythonRegex(String.raw`:[\s]*(${letters.join('|')})`);
      return list.map((answer) => {
        const own = selectMatch(regex, answer, groupSelect);
        if (own !== undefined && own !== '') return own;
        const choice = selectMatch(byChoice, simplify(asText(answer)), groupSelect);
        // Equal choices: the last one's letter, as a dict keeps it.
        if (choice !== undefined && choice !== '') return bracketed(letters[choices.lastIndexOf(choice)]) ?? choice;
        const letter = selectMatch(byLetter, answer, groupSelect);
        return letter === undefined || letter === '' ? fallback : (bracketed(letters.includes(letter) ? letter : undefined) ?? letter);
      });
    });
}

function simplification({ ignoreCase, ignorePunctuation, regexesToIgnore = [] }: MultiChoiceRegexOptions): (text: string) => string {
  const ignored = regexesToIgnore.map((pattern) => pythonRegex(pattern));
  return (text) => {
    let simple = ignored.reduce((rest, regex) => regex.sub('', rest), text);
    if (ignoreCase === true) simple = simple.toLowerCase();
    return ignorePunctuation === true ? simple.replaceAll(/\p{P}/gu, '') : simple;
  };
}

function letterOf(place: number): string {
  return String.fromCodePoint(65 + place);
}

function bracketed(letter: string | undefined): string | undefined {
  return letter === undefined ? undefined : `(${letter})`;
}

function asText(answer: FilterItem): string {
  return typeof answer === 'string' ? answer : '';
}

function choicesOf(document: Document | undefined, index: number): readonly string[] {
  const choices: unknown = document?.['choices'];
  if (Array.isArray(choices) && choices.every((choice) => typeof choice === 'string')) return choices;
  throw new LmdeckError('config', `filter multi_choice_regex: document ${index} has no list of texts named "choices".`);
}
