import { LmdeckError } from '../../core/index.ts';
import { numpySum, pythonExp, PythonFloat, pythonLength } from '../../python/index.ts';
import { chosen, countBytes, type Loglikelihood } from './loglikelihood-metrics.ts';
import type { DocumentMetrics, MetricItem } from './metric-item.ts';

/** A document with choices and what the model says of each. */
export interface MultipleChoice {
  /** The texts of the choices, without the delimiter before them. */
  readonly choices: readonly string[];
  /** The right one: its place or its text; a list when several are right. */
  readonly gold: unknown;
  /** One per choice; with `acc_mutual_info` another one per choice after them, scored without context. */
  readonly responses: readonly Loglikelihood[];
  /** The names of the metrics that are wanted. */
  readonly metrics: readonly string[];
}

/** The label of a gold answer that is none of the choices. */
const NO_CHOICE = -100;

/**
 * The items of a `multiple_choice` document, as lm-evaluation-harness computes them: `acc` by log-likelihood, `acc_norm` per character,
 * `acc_bytes` per byte, `acc_mutual_info` above the log-likelihood without context; of equal ones the first counts. A gold answer that is no
 * choice is warned of and scored as wrong.
 *
 * @throws LmdeckError `internal` when responses and choices do not match.
 *
 * @example
 * ```ts
 * import { multipleChoiceMetrics } from 'lmdeck/scoring';
 *
 * const responses = [-4, -5, -6].map((logprob) => ({ logprob, isGreedy: false }));
 * const { values } = multipleChoiceMetrics({ choices: ['a', 'abcd', 'abcdefgh'], gold: 2, responses, metrics: ['acc', 'acc_norm'] });
 * console.log(values); // { acc: 0, acc_norm: 1 }
 * ```
 */
export function multipleChoiceMetrics({ choices, gold, responses, metrics }: MultipleChoice): DocumentMetrics {
  const wantsMutualInfo = metrics.includes('acc_mutual_info');
  const expected = choices.length * (wantsMutualInfo ? 2 : 1);
  if (responses.length !== expected)
    throw new LmdeckError(
      'internal',
      `multiple choice: ${responses.length} log-likelihoods for ${choices.length} choices; there must be ${expected}.`,
    );
  const lls = responses.slice(0, choices.length).map(({ logprob }) => logprob);
  const labels = labelsOf(gold, choices);
  const isRight = (place: number): 0 | 1 => (labels.all.includes(place) ? 1 : 0);
  const best = argmax(lls);
  const values: Record<string, MetricItem> = {
    acc: isRight(best),
    f1: [labels.item, best],
    mcc: [labels.item, best],
    acc_norm: isRight(argmax(lls.map((ll, i) => ll / pythonLength(choices[i] ?? '')))),
    acc_bytes: isRight(argmax(lls.map((ll, i) => ll / countBytes(choices[i] ?? '')))),
    exact_match: labels.all.some((label) => label !== NO_CHOICE && responses.at(label)?.isGreedy === true) ? 1 : 0,
    brier_score: [labels.item, softmax(lls)],
    likelihood: [labels.item, lls],
  };
  if (wantsMutualInfo) {
    const unconditional = responses.slice(choices.length);
    values['acc_mutual_info'] = isRight(argmax(lls.map((ll, i) => ll - (unconditional[i]?.logprob ?? 0))));
  }
  return { values: chosen(values, metrics), warnings: labels.warnings };
}

/** e to each number, scaled to sum 1, as `softmax` of lm-evaluation-harness. */
export function softmax(values: readonly number[]): number[] {
  const largest = Math.max(...values);
  const powers = values.map((value) => pythonExp(value - largest));
  const sum = numpySum(powers);
  return powers.map((power) => power / sum);
}

/** The gold label as it goes into pairs, all right places, and a word on labels that are no choice. */
function labelsOf(
  gold: unknown,
  choices: readonly string[],
): { readonly item: MetricItem; readonly all: readonly number[]; readonly warnings: readonly string[] } {
  const answers: readonly unknown[] = Array.isArray(gold) ? gold : [gold];
  const all = answers.map((answer) => placeOf(answer, choices));
  const missing = answers.filter((_, i) => all[i] === NO_CHOICE);
  const warnings = missing.map((answer) => `The gold answer ${JSON.stringify(answer)} is none of the ${choices.length} choices.`);
  return { item: Array.isArray(gold) ? all : (all[0] ?? NO_CHOICE), all, warnings };
}

function placeOf(answer: unknown, choices: readonly string[]): number {
  if (typeof answer === 'string') {
    const place = choices.indexOf(answer);
    return place === -1 ? NO_CHOICE : place;
  }
  const place = answer instanceof PythonFloat ? answer.value : typeof answer === 'boolean' ? Number(answer) : answer;
  return typeof place === 'number' && Number.isInteger(place) && place < choices.length ? place : NO_CHOICE;
}

/** The place of the first largest number; NaN counts as the largest, as in numpy. */
function argmax(values: readonly number[]): number {
  const nan = values.findIndex((value) => Number.isNaN(value));
  return nan === -1 ? values.indexOf(Math.max(...values)) : nan;
}
