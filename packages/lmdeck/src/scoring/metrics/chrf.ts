import { pythonSplit } from '../../python/index.ts';
import { corpusAggregation, corpusScore, type CorpusDocument, type CorpusMetric } from './corpus-aggregation.ts';
import { characterNgrams } from './word-ngrams.ts';

/** The longest n-grams of characters that are compared. */
const ORDER = 6;

/** Recall counts this much more than precision, squared. */
const FACTOR = 4;

/**
 * Corpus chrF2, 0 to 100, as sacrebleu 2.6 with its defaults: characters to order 6, no words, beta 2, white space removed, effective order.
 * `references` are those of one answer; the best of them counts.
 */
export function chrf(corpus: Iterable<CorpusDocument>): number {
  return corpusScore(chrfMetric, corpus);
}

/** Per order: n-grams of the answer, of the reference, of both. */
const chrfMetric: CorpusMetric = { name: 'chrf', width: 3 * ORDER, statistics: chrfStatistics, score: chrfScore };

/** {@link chrf} over the documents of a task. */
export const chrfAggregation = corpusAggregation(chrfMetric);

function chrfStatistics(answer: string, references: readonly string[]): Float64Array {
  const ngrams = characterNgrams(pythonSplit(answer).join(''), ORDER);
  let best = new Float64Array(3 * ORDER);
  let bestScore = -1;
  for (const reference of references) {
    const statistics = matchesOf(ngrams, characterNgrams(pythonSplit(reference).join(''), ORDER));
    const score = chrfScore(statistics);
    if (score <= bestScore) continue;
    best = statistics;
    bestScore = score;
  }
  return best;
}

function matchesOf(answer: readonly Map<string, number>[], reference: readonly Map<string, number>[]): Float64Array<ArrayBuffer> {
  const statistics = new Float64Array(3 * ORDER);
  for (const [order, counts] of answer.entries()) {
    const wanted = reference[order] ?? new Map<string, number>();
    let total = 0;
    let matches = 0;
    for (const [ngram, count] of counts) {
      total += count;
      matches += Math.min(count, wanted.get(ngram) ?? 0);
    }
    // An order that the reference has not is not counted against the answer.
    statistics[3 * order] = wanted.size === 0 ? 0 : total;
    statistics[3 * order + 1] = wanted.values().reduce((sum, count) => sum + count, 0);
    statistics[3 * order + 2] = matches;
  }
  return statistics;
}

function chrfScore(sums: Float64Array): number {
  let precision = 0;
  let recall = 0;
  let orders = 0;
  for (let i = 0; i < sums.length; i += 3) {
    const [answered = 0, wanted = 0, matches = 0] = sums.subarray(i, i + 3);
    if (answered === 0 || wanted === 0) continue;
    precision += matches / answered;
    recall += matches / wanted;
    orders += 1;
  }
  if (orders === 0 || precision + recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (((1 + FACTOR) * precision * recall) / (FACTOR * precision + recall));
}
