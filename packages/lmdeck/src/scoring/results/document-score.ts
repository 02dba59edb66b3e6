import { isPythonList, type PythonValue } from '../../python/index.ts';
import { numberOf } from './stored-results.ts';

/** Metrics of a log-likelihood and what it is spread over. */
const SPREAD = new Set(['word_perplexity', 'byte_perplexity', 'bits_per_byte', 'weighted_perplexity']);

/**
 * What one document contributes to a metric, as one number: a number or truth value as it is; a log-likelihood with what it is spread over
 * (words, bytes) as the log-likelihood of one of them. Nothing where a document alone has no score: labels for F1, texts for BLEU.
 */
export function documentScore(metric: string, value: PythonValue): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  const number = numberOf(value);
  if (number !== undefined) return number;
  if (!SPREAD.has(metric) || !isPythonList(value)) return undefined;
  const [sum, weight] = value.map(numberOf);
  return sum === undefined || weight === undefined || weight <= 0 ? undefined : sum / weight;
}

/** What {@link documentScore} gives for a metric, for people. */
export function scoreName(metric: string): string {
  return SPREAD.has(metric) || metric === 'perplexity' ? `log-likelihood behind ${metric}` : metric;
}

/** True when more is better for a document's score: log-likelihoods are the other way round than the perplexities made of them. */
export function isHigherBetter(metric: string, higherIsBetter: boolean): boolean {
  return SPREAD.has(metric) || metric === 'perplexity' ? true : higherIsBetter;
}

/** `Array.isArray` that also narrows read-only arrays. */
