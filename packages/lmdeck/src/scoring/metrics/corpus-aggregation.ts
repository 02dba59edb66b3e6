import type { Aggregation, Statistic } from './aggregation.ts';
import { isList, wrong, type MetricItem } from './metric-item.ts';

/** An answer and what it is compared with. */
export interface CorpusDocument {
  readonly answer: string;
  readonly references: readonly string[];
}

/** A metric over a corpus of answers that is a function of sums over its documents. */
export interface CorpusMetric {
  readonly name: string;
  /** How many numbers a document contributes. */
  readonly width: number;
  /** What one document contributes. */
  statistics(answer: string, references: readonly string[]): ArrayLike<number>;
  /** The value from the sums over all documents. */
  score(sums: Float64Array): number;
}

/** The value over a corpus, with all references of every document. */
export function corpusScore(metric: CorpusMetric, corpus: Iterable<CorpusDocument>): number {
  const sums = new Float64Array(metric.width);
  for (const { answer, references } of corpus) addTo(sums, metric.statistics(answer, references));
  return metric.score(sums);
}

/**
 * BLEU and its like as an aggregation. Items: the reference (or a list of references) and the answer. When documents have different numbers of
 * references, only as many are used as every one of the selected documents has, which is how lm-evaluation-harness calls sacrebleu.
 */
export function corpusAggregation(metric: CorpusMetric): Aggregation {
  return {
    name: metric.name,
    standardError: 'bootstrap',
    maxBootstrapIterations: 100,
    prepare: (items) =>
      statisticOf(
        metric,
        items.map((item, i) => documentOf(metric.name, item, i)),
      ),
  };
}

function statisticOf(metric: CorpusMetric, documents: readonly CorpusDocument[]): Statistic {
  /** What each document contributes with so many references; made when first asked for. */
  const byReferences = new Map<number, (ArrayLike<number> | undefined)[]>();
  return (selection) => {
    let used = Infinity;
    for (const place of selection) used = Math.min(used, documents[place]?.references.length ?? Infinity);
    let known = byReferences.get(used);
    if (known === undefined) byReferences.set(used, (known = []));
    const sums = new Float64Array(metric.width);
    for (const place of selection) {
      const document = documents[place];
      if (document === undefined) continue;
      addTo(sums, (known[place] ??= metric.statistics(document.answer, document.references.slice(0, used))));
    }
    return metric.score(sums);
  };
}

function addTo(sums: Float64Array, statistics: ArrayLike<number>): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (statistics[i] ?? 0);
}

function documentOf(name: string, item: MetricItem, index: number): CorpusDocument {
  const wanted = 'pairs of reference (or references) and answer';
  const [gold, result] = isList(item) ? item : [];
  const references = isList(gold) ? gold : [gold];
  const [answer] = isList(result) && result.length === 1 ? result : [result];
  if (typeof answer !== 'string' || references.length === 0 || !references.every((reference) => typeof reference === 'string'))
    return wrong(name, wanted, item, index);
  return { answer, references };
}
