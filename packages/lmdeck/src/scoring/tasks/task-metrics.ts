import { didYouMean, LmdeckError } from '../../core/index.ts';
import { exactMatch } from '../metrics/exact-match.ts';
import type { Aggregation } from '../metrics/aggregation.ts';
import { customAggregation } from '../metrics/aggregation.ts';
import type { GenerationMetric, MetricInput } from '../metrics/generation-metrics.ts';
import type { MetricItem } from '../metrics/metric-item.ts';
import { aggregations, defaultMetrics, builtInMetrics as knownMetrics } from '../metrics/built-in-metrics.ts';
import type { TaskMetric } from './evaluation-task.ts';
import type { TaskFields } from './task-file.ts';
import type { MetricConfig, TaskConfig } from './task-config.ts';
import { TaskFunction } from './task-function.ts';

/** The metrics of a task: how they are aggregated, and for generated text how they are computed. */
export interface TaskMetrics {
  readonly byName: ReadonlyMap<string, TaskMetric>;
  readonly ofGenerations: readonly GenerationMetric[];
}

type Callback = (...args: readonly unknown[]) => unknown;

/** @throws LmdeckError `config` for a metric or aggregation that does not exist, or does not fit the task. */
export async function taskMetrics(config: TaskConfig): Promise<TaskMetrics> {
  const byName = new Map<string, TaskMetric>();
  const ofGenerations: GenerationMetric[] = [];
  const given =
    config.metrics ??
    defaultMetrics[config.outputType].map((metric): MetricConfig => ({
      metric,
      aggregation: undefined,
      higherIsBetter: undefined,
      options: {},
    }));
  for (const entry of given) {
    const callback =
      entry.metric instanceof TaskFunction ? await entry.metric.load() : typeof entry.metric === 'function' ? entry.metric : undefined;
    const name = typeof entry.metric === 'string' ? entry.metric : nameOf(entry.metric);
    const known = knownMetrics[name];
    // With process_results the task computes its metrics itself, whatever they are called.
    if (known === undefined && callback === undefined && config.processResults === undefined)
      throw new LmdeckError('config', `task ${config.task}: there is no metric "${name}".${didYouMean(name, Object.keys(knownMetrics))}`);
    const aggregation = await aggregationOf(config.task, entry, known?.aggregation ?? 'mean');
    byName.set(name, { aggregation, higherIsBetter: entry.higherIsBetter ?? known?.higherIsBetter ?? true });
    if (config.outputType === 'generate_until' && config.processResults === undefined)
      ofGenerations.push(
        callback === undefined ? generationMetric(config.task, name, entry.options) : ownMetric(name, callback, entry.options, byName),
      );
  }
  return { byName, ofGenerations };
}

async function aggregationOf(task: string, { aggregation }: MetricConfig, otherwise: keyof typeof aggregations): Promise<Aggregation> {
  if (aggregation === undefined) return aggregations[otherwise];
  if (typeof aggregation === 'string') {
    const known: Readonly<Record<string, Aggregation>> = aggregations;
    const found = Object.hasOwn(known, aggregation) ? known[aggregation] : undefined;
    if (found !== undefined) return found;
    throw new LmdeckError(
      'config',
      `task ${task}: there is no aggregation "${aggregation}".${didYouMean(aggregation, Object.keys(known))}`,
    );
  }
  const callback = aggregation instanceof TaskFunction ? await aggregation.load() : aggregation;
  return customAggregation(nameOf(aggregation), (items) => Number(callback(items)));
}

/** A function may give several values by name: they are aggregated like the metric that it is. */
function ownMetric(name: string, callback: Callback, options: TaskFields, byName: Map<string, TaskMetric>): GenerationMetric {
  const metric = byName.get(name);
  const score = (input: MetricInput): ReturnType<typeof asItems> => {
    const items = asItems(callback({ ...input, ...options }));
    if (isSeveral(items) && metric !== undefined) for (const each of Object.keys(items)) if (!byName.has(each)) byName.set(each, metric);
    return items;
  };
  return { name, score };
}

function isSeveral(items: ReturnType<typeof asItems>): items is Readonly<Record<string, MetricItem>> {
  return typeof items === 'object' && items !== null && !Array.isArray(items);
}

function generationMetric(task: string, name: string, options: TaskFields): GenerationMetric {
  switch (name) {
    case 'exact_match':
      return { name, match: exactMatch(exactMatchOptions(task, options)) };
    case 'bypass':
      return { name, bypass: true };
    case 'bleu':
    case 'chrf':
    case 'ter':
      return { name, corpus: true };
    default:
      throw new LmdeckError('config', `task ${task}: the metric "${name}" is not for generated text.`);
  }
}

function exactMatchOptions(task: string, options: TaskFields): Parameters<typeof exactMatch>[0] {
  const {
    regexes_to_ignore: regexes,
    ignore_case: ignoreCase,
    ignore_punctuation: ignorePunctuation,
    ignore_numbers: ignoreNumbers,
    ...rest
  } = options;
  const unknown = Object.keys(rest);
  if (unknown.length > 0)
    throw new LmdeckError(
      'config',
      `task ${task}: exact_match has no option ${unknown.join(', ')}; it has regexes_to_ignore, ignore_case, ignore_punctuation, ignore_numbers.`,
    );
  return {
    regexesToIgnore: Array.isArray(regexes) ? regexes.filter((each) => typeof each === 'string') : [],
    ignoreCase: ignoreCase === true,
    ignorePunctuation: ignorePunctuation === true,
    ignoreNumbers: ignoreNumbers === true,
  };
}

/** What a function of a task gave as a metric's value: a number, or several by name. */
export function asItems(value: unknown): MetricItem | Readonly<Record<string, MetricItem>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, asItem(item)]))
    : asItem(value);
}

function asItem(value: unknown): MetricItem {
  if (Array.isArray(value)) return value.map(asItem);
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function nameOf(callback: TaskFunction | Callback): string {
  return callback instanceof TaskFunction ? (callback.toString().split('.').at(-1) ?? 'metric') : callback.name;
}
