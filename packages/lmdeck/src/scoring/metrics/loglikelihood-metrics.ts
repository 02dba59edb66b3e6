import { PYTHON_SPACE } from '../../python/index.ts';
import type { MetricItem, MetricItems } from './metric-item.ts';

/** What the model says of one continuation. */
export interface Loglikelihood {
  /** Sum over its tokens, nats. */
  readonly logprob: number;
  /** True when every token was the likeliest. */
  readonly isGreedy: boolean;
}

/** The items of a `loglikelihood` document, of the metrics asked for. */
export function loglikelihoodMetrics({ logprob, isGreedy }: Loglikelihood, metrics: readonly string[]): MetricItems {
  return chosen({ perplexity: logprob, acc: isGreedy ? 1 : 0 }, metrics);
}

/**
 * The items of a `loglikelihood_rolling` document: the text's log-likelihood with its words and bytes. White space at the beginning or end
 * counts as one word more, as in lm-evaluation-harness.
 */
export function rollingMetrics(logprob: number, text: string, metrics: readonly string[]): MetricItems {
  const bytes = countBytes(text);
  return chosen(
    { word_perplexity: [logprob, countWords(text)], byte_perplexity: [logprob, bytes], bits_per_byte: [logprob, bytes] },
    metrics,
  );
}

const spaces = new RegExp(`[${PYTHON_SPACE}]+`);

/** `len(re.split(r"\s+", text))`. */
export function countWords(text: string): number {
  return text.split(spaces).length;
}

/** The length in UTF-8. */
export function countBytes(text: string): number {
  return Buffer.byteLength(text);
}

/** Those of the items that were asked for. */
export function chosen(items: Readonly<Record<string, MetricItem>>, metrics: readonly string[]): MetricItems {
  return Object.fromEntries(Object.entries(items).filter(([name]) => metrics.includes(name)));
}
