import { bleuAggregation } from './bleu.ts';
import { chrfAggregation } from './chrf.ts';
import { brierScore, f1, matthewsCorrelation } from './label-aggregations.ts';
import { bitsPerByte, bypass, mean, median, nanmean, perplexity, weightedPerplexity } from './mean-aggregations.ts';
import { terAggregation } from './ter.ts';

/** What a task asks of the model. */
export type OutputType = 'loglikelihood' | 'loglikelihood_rolling' | 'multiple_choice' | 'generate_until';

/** The aggregations by their names in task files. */
export const aggregations = {
  bits_per_byte: bitsPerByte,
  bleu: bleuAggregation,
  brier_score: brierScore,
  bypass,
  chrf: chrfAggregation,
  f1,
  matthews_corrcoef: matthewsCorrelation,
  mean,
  median,
  nanmean,
  perplexity,
  ter: terAggregation,
  weighted_perplexity: weightedPerplexity,
} as const;

/** The name of an aggregation. */
export type AggregationName = keyof typeof aggregations;

/** What is known of a metric. */
export interface MetricInfo {
  readonly name: string;
  readonly higherIsBetter: boolean;
  /** How the documents' items become one value unless the task says otherwise. */
  readonly aggregation: AggregationName;
  readonly outputTypes: readonly OutputType[];
}

const scored: readonly OutputType[] = ['loglikelihood', 'multiple_choice'];
const choice: readonly OutputType[] = ['multiple_choice'];
const generation: readonly OutputType[] = ['generate_until'];
const rolling: readonly OutputType[] = ['loglikelihood_rolling'];

/** The metrics by their names in task files, with the directions and aggregations of lm-evaluation-harness. */
export const builtInMetrics: Readonly<Record<string, MetricInfo>> = Object.fromEntries(
  (
    [
      ['acc', true, 'mean', scored],
      ['acc_bytes', true, 'mean', choice],
      ['acc_mutual_info', true, 'mean', choice],
      ['acc_norm', true, 'mean', choice],
      ['bits_per_byte', false, 'bits_per_byte', rolling],
      ['bleu', true, 'bleu', generation],
      ['brier_score', false, 'brier_score', choice],
      ['bypass', true, 'bypass', [...scored, ...generation]],
      ['byte_perplexity', false, 'weighted_perplexity', rolling],
      ['chrf', true, 'chrf', generation],
      ['exact_match', true, 'mean', [...generation, ...choice]],
      ['f1', true, 'f1', choice],
      ['likelihood', true, 'mean', choice],
      ['mcc', true, 'matthews_corrcoef', choice],
      ['perplexity', false, 'perplexity', ['loglikelihood']],
      ['ter', false, 'ter', generation],
      ['word_perplexity', false, 'weighted_perplexity', rolling],
    ] satisfies [string, boolean, AggregationName, readonly OutputType[]][]
  ).map(([name, higherIsBetter, aggregation, outputTypes]) => [name, { name, higherIsBetter, aggregation, outputTypes }]),
);

/** The metrics of a task that names none. */
export const defaultMetrics: Readonly<Record<OutputType, readonly string[]>> = {
  loglikelihood: ['perplexity', 'acc'],
  loglikelihood_rolling: ['word_perplexity', 'byte_perplexity', 'bits_per_byte'],
  multiple_choice: ['acc', 'acc_norm'],
  generate_until: ['exact_match'],
};
