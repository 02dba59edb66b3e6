import { PYTHON_PUNCTUATION, PythonFloat, pythonRegex } from '../../python/index.ts';

/** What does not count when answers are compared. */
export interface ExactMatchOptions {
  /** Python patterns; what they match is left out, one after the other. */
  readonly regexesToIgnore?: readonly string[];
  readonly ignoreCase?: boolean;
  /** Leaves out ASCII punctuation. */
  readonly ignorePunctuation?: boolean;
  /** Leaves out the digits 0 to 9. */
  readonly ignoreNumbers?: boolean;
}

/** Whether an answer is right, 0 to 1 (lists are compared item by item). */
export type Matcher = (answer: unknown, reference: unknown) => number;

const punctuation = new RegExp(`[${PYTHON_PUNCTUATION.replaceAll(/[\]\\^-]/g, String.raw`\$&`)}]`, 'g');

/**
 * Compares answers with references as the metric `exact_match` of lm-evaluation-harness does: in the order patterns, case, punctuation,
 * digits. Values that are no text are equal as they are; text never equals a number.
 *
 * @example
 * ```ts
 * import { exactMatch } from 'lmdeck/scoring';
 *
 * const match = exactMatch({ ignoreCase: true, regexesToIgnore: [',', String.raw`\.$`] });
 * console.log(match('1,234.', '1234')); // 1
 * ```
 */
export function exactMatch(options: ExactMatchOptions = {}): Matcher {
  const ignored = (options.regexesToIgnore ?? []).map((pattern) => pythonRegex(pattern));
  const simplify = (value: unknown): unknown => {
    if (typeof value !== 'string') return value instanceof PythonFloat ? value.value : value;
    let text = ignored.reduce((rest, regex) => regex.sub('', rest), value);
    if (options.ignoreCase === true) text = text.toLowerCase();
    if (options.ignorePunctuation === true) text = text.replaceAll(punctuation, '');
    if (options.ignoreNumbers === true) text = text.replaceAll(/[0-9]/g, '');
    return text;
  };
  const match: Matcher = (answer, reference) => {
    if (!Array.isArray(answer) || !Array.isArray(reference)) return simplify(answer) === simplify(reference) ? 1 : 0;
    if (answer.length !== reference.length || answer.length === 0) return 0;
    return answer.reduce((sum: number, item, i) => sum + match(item, reference[i]), 0) / answer.length;
  };
  return match;
}
