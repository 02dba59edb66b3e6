import { LmdeckError } from '../../core/index.ts';
import { isPythonList, PythonFloat, pythonStr, type PythonValue } from '../../python/index.ts';
import type { Matcher } from './exact-match.ts';
import { isList, type MetricItem, type MetricItems } from './metric-item.ts';

/** What a metric of a task in code gets: lists, because lm-evaluation-harness calls its metrics so; here they have one item. */
export interface MetricInput {
  readonly references: readonly PythonValue[];
  readonly predictions: readonly unknown[];
}

/** A metric over one answer; several values at once come as an object, one metric each. */
export type GenerationScorer = (input: MetricInput) => MetricItem | Readonly<Record<string, MetricItem>>;

/** How one metric of a `generate_until` task is computed. */
export type GenerationMetric =
  /** `exact_match` with its options. */
  | { readonly name: string; readonly match: Matcher }
  /** `bleu`, `chrf`, `ter`: reference and answer are kept for the whole corpus. */
  | { readonly name: string; readonly corpus: true }
  /** Not computed. */
  | { readonly name: string; readonly bypass: true }
  | { readonly name: string; readonly score: GenerationScorer };

/** A document with an answer. */
export interface Generation {
  /** The right answer; with `choices` its place among them; with `multipleTargets` all right answers. */
  readonly gold: PythonValue;
  /** What the filters left of the model's answer. */
  readonly result: unknown;
  readonly choices?: readonly string[];
  readonly multipleTargets?: boolean;
  readonly metrics: readonly GenerationMetric[];
}

/**
 * The items of a `generate_until` document, as lm-evaluation-harness computes them: the right answer is turned into the type of the result;
 * with several right answers one that fits is enough (corpus metrics get all of them as references).
 *
 * @throws LmdeckError `config` when the right answer is no place among the choices.
 */
export function generationMetrics(document: Generation): MetricItems {
  const { result, metrics, multipleTargets = false } = document;
  const gold = goldOf(document);
  const golds = multipleTargets && isPythonList(gold) ? gold : [gold];
  const items: Record<string, MetricItem> = {};
  for (const metric of metrics) {
    if ('bypass' in metric) items[metric.name] = null;
    else if ('corpus' in metric) items[metric.name] = [multipleTargets ? golds.map(asItem) : asItem(gold), asItem(result)];
    else if ('match' in metric) {
      const matches = golds.map((reference) => metric.match(result, reference));
      items[metric.name] = multipleTargets ? Number(matches.some((match) => match > 0)) : (matches[0] ?? 0);
    } else Object.assign(items, multipleTargets ? anyOf(metric, golds, result) : scoreOf(metric, gold, result));
  }
  return items;
}

function scoreOf(metric: Extract<GenerationMetric, { score: unknown }>, gold: PythonValue, result: unknown): MetricItems {
  const score = metric.score({ references: [gold], predictions: [result] });
  return isItem(score) ? { [metric.name]: score } : score;
}

/** 1 when the metric is true, not zero or not empty for one of the right answers. */
function anyOf(metric: Extract<GenerationMetric, { score: unknown }>, golds: readonly PythonValue[], result: unknown): MetricItems {
  const hit = golds.some((gold) => {
    const value = scoreOf(metric, gold, result)[metric.name];
    return isList(value) ? value.length > 0 : Boolean(value);
  });
  return { [metric.name]: Number(hit) };
}

function goldOf({ gold, result, choices, multipleTargets, metrics }: Generation): PythonValue {
  if (choices !== undefined) {
    const text = typeof gold === 'number' ? choices.at(gold) : undefined;
    if (text !== undefined) return text;
    throw new LmdeckError('config', `the target ${pythonStr(gold)} is no place among the ${choices.length} choices of the document.`);
  }
  if (multipleTargets === true || Array.isArray(result) || metrics.some((metric) => 'bypass' in metric)) return gold;
  if (typeof result === 'string') return pythonStr(gold);
  return typeof result === 'number' && typeof gold === 'string' && gold.trim() !== '' && !Number.isNaN(Number(gold)) ? Number(gold) : gold;
}

function asItem(value: unknown): MetricItem {
  if (value instanceof PythonFloat) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(asItem);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function isItem(value: MetricItem | Readonly<Record<string, MetricItem>>): value is MetricItem {
  return typeof value !== 'object' || value === null || Array.isArray(value);
}
