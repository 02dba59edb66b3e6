import { pythonExp, pythonLog, pythonRstrip, pythonSplit } from '../../python/index.ts';
import { corpusAggregation, corpusScore, type CorpusDocument, type CorpusMetric } from './corpus-aggregation.ts';
import { wordNgrams } from './word-ngrams.ts';

/** The longest n-grams that are compared. */
const ORDER = 4;

/** What sacrebleu takes for the logarithm of zero. */
const LOG_ZERO = -9999999999;

/**
 * Corpus BLEU, 0 to 100, as sacrebleu 2.6 with its defaults: tokenizer 13a, exponential smoothing, mixed case, order 4.
 * `references` are those of one answer.
 *
 * @example
 * ```ts
 * import { bleu } from 'lmdeck/scoring';
 *
 * const score = bleu([{ answer: 'The dog bit the man.', references: ['The dog had bit the man.'] }]);
 * console.log(score.toFixed(2)); // 51.15
 * ```
 */
export function bleu(corpus: Iterable<CorpusDocument>): number {
  return corpusScore(bleuMetric, corpus);
}

/** Length of the answer, of the closest reference, matching n-grams per order, n-grams per order. */
const bleuMetric: CorpusMetric = { name: 'bleu', width: 2 + 2 * ORDER, statistics: bleuStatistics, score: bleuScore };

/** {@link bleu} over the documents of a task. */
export const bleuAggregation = corpusAggregation(bleuMetric);

function bleuStatistics(answer: string, references: readonly string[]): Float64Array {
  const words = tokenize13a(pythonRstrip(answer));
  const ngrams = wordNgrams(words, ORDER);
  const tokenized = references.map((reference) => tokenize13a(pythonRstrip(reference)));
  const allowed = mostOf(tokenized.map((reference) => wordNgrams(reference, ORDER)));
  const statistics = new Float64Array(2 + 2 * ORDER);
  statistics[0] = words.length;
  statistics[1] = closestLength(
    words.length,
    tokenized.map((reference) => reference.length),
  );
  for (const [order, counts] of ngrams.entries()) {
    let matches = 0;
    let total = 0;
    for (const [ngram, count] of counts) {
      total += count;
      matches += Math.min(count, allowed[order]?.get(ngram) ?? 0);
    }
    statistics[2 + order] = matches;
    statistics[2 + ORDER + order] = total;
  }
  return statistics;
}

function bleuScore(sums: Float64Array): number {
  const [answerLength = 0, referenceLength = 0] = sums;
  const matches = sums.subarray(2, 2 + ORDER);
  const totals = sums.subarray(2 + ORDER);
  if (matches.every((count) => count === 0)) return 0;
  const brevity = answerLength < referenceLength ? (answerLength > 0 ? pythonExp(1 - referenceLength / answerLength) : 0) : 1;
  let smoothing = 1;
  let logs = 0;
  let counting = true;
  for (let order = 0; order < ORDER; order++) {
    const total = totals[order] ?? 0;
    // From the first order without n-grams on, all precisions are zero.
    counting &&= total !== 0;
    let precision = 0;
    if (counting) {
      const count = matches[order] ?? 0;
      if (count === 0) smoothing *= 2;
      precision = count === 0 ? 100 / (smoothing * total) : (100 * count) / total;
    }
    logs += precision === 0 ? LOG_ZERO : pythonLog(precision);
  }
  return brevity * pythonExp(logs / ORDER);
}

/** Of several references the highest count of each n-gram. */
function mostOf(references: readonly (readonly Map<string, number>[])[]): Map<string, number>[] {
  const [first = [], ...others] = references;
  const most = first.map((counts) => new Map(counts));
  for (const other of others)
    for (const [order, counts] of other.entries())
      for (const [ngram, count] of counts) most[order]?.set(ngram, Math.max(most[order].get(ngram) ?? 0, count));
  return most;
}

/** The length nearest to the answer's; of two the shorter. */
function closestLength(length: number, references: readonly number[]): number {
  let closest = -1;
  for (const reference of references) {
    const difference = Math.abs(length - reference) - Math.abs(length - closest);
    if (closest === -1 || difference < 0 || (difference === 0 && reference < closest)) closest = reference;
  }
  return closest;
}

/** The words of a text as the script mteval-v13a of the WMT evaluations finds them. */
export function tokenize13a(text: string): string[] {
  let line = text.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  line = line.replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  line = ` ${line} `
    .replaceAll(/[{-~[-` -&(-+:-@/]/g, ' $& ')
    // Full stop and comma belong to a number only between digits; a dash after a digit stands alone.
    .replaceAll(/([^0-9])([.,])/gu, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/gu, ' $1 $2')
    .replaceAll(/([0-9])(-)/g, '$1 $2 ');
  return pythonSplit(line);
}
