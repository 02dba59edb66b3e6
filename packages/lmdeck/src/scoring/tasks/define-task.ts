import type { Doc } from '../../datasets/index.ts';
import type { FilterPipelineDefinition } from '../filters/filter-pipeline.ts';
import type { OutputType } from '../metrics/built-in-metrics.ts';
import type { PythonValue } from '../../python/index.ts';
import { openTask } from './configured-task.ts';
import { judgeMetric, type JudgedMetric } from './judge-metric.ts';
import type { EvaluationTask, MetricContext } from './evaluation-task.ts';
import { taskConfig } from './task-config.ts';
import type { TaskFields, TaskValue } from './task-file.ts';

/** What a metric in code gets: the document, its right answer, and what the model said. */
export interface MetricCall<D> extends MetricContext {
  readonly doc: D;
  readonly target: PythonValue;
  /** What the filters left of the answer. */
  readonly answer: string;
}

/** A metric in code: a number per document, aggregated by its mean. May ask other models by `ask`. */
export interface ScoredMetric<D> {
  readonly name: string;
  readonly higherIsBetter?: boolean;
  score(call: MetricCall<D>): number | Promise<number>;
}

/** A metric in code: a function, or a model as a judge. */
export type TaskMetricDefinition<D> = ScoredMetric<D> | JudgedMetric<D>;

/** A task in code. */
export interface TaskDefinition<D extends object> {
  readonly name: string;
  readonly version?: number | string;
  readonly outputType: OutputType;
  /** The documents, or how to get them. */
  readonly docs: readonly D[] | (() => readonly D[] | Promise<readonly D[]>);
  /** Examples to put before a document. */
  readonly fewshotDocs?: readonly D[];
  readonly numFewshot?: number;
  /** The question. */
  readonly prompt: (doc: D) => string;
  /** The right answer: its text, or the number of a choice. */
  readonly target: (doc: D) => string | number | readonly string[];
  readonly choices?: (doc: D) => readonly string[];
  readonly description?: string;
  readonly generation?: Readonly<Record<string, PythonValue>>;
  readonly repeats?: number;
  readonly filters?: readonly FilterPipelineDefinition[];
  /** Names of built-in metrics, and metrics of your own (for `generate_until`). Absent: those usual for the output type. */
  readonly metrics?: readonly (string | TaskMetricDefinition<D>)[];
}

/**
 * A task in code, typed by its documents. It is evaluated, reported and resumed like one from a file.
 *
 * @throws LmdeckError `config` for a metric or filter that does not exist.
 *
 * @example
 * ```ts
 * import { defineTask } from 'lmdeck/scoring';
 *
 * const task = await defineTask({
 *   name: 'capitals',
 *   outputType: 'multiple_choice',
 *   docs: [{ country: 'France', cities: ['Rome', 'Paris'], right: 1 }],
 *   prompt: (doc) => `The capital of ${doc.country} is`,
 *   choices: (doc) => doc.cities,
 *   target: (doc) => doc.right,
 * });
 * console.log(task.name, await task.size()); // capitals 1
 * ```
 */
export async function defineTask<D extends object>(definition: TaskDefinition<D>): Promise<EvaluationTask> {
  const { docs, prompt, target, choices, filters, fewshotDocs, generation, metrics } = definition;
  // Every document that the task meets is one of these.
  const known = new WeakMap<object, D>();
  const docOf = (row: unknown): D => {
    const doc = typeof row === 'object' && row !== null ? known.get(row) : undefined;
    if (doc === undefined) throw new TypeError(`task ${definition.name}: an unknown document`);
    return doc;
  };
  const rowOf = (doc: D): Doc => {
    const row: Doc = Object.fromEntries(Object.entries(doc));
    known.set(row, doc);
    return row;
  };
  const own = (metrics ?? []).flatMap((metric) => (typeof metric === 'string' ? [] : 'judge' in metric ? judgeMetric(metric) : metric));
  const config = taskConfig(
    {
      task: definition.name,
      output_type: definition.outputType,
      test_split: 'test',
      doc_to_text: 'prompt',
      doc_to_target: 'target',
      ...(definition.numFewshot === undefined ? {} : { num_fewshot: definition.numFewshot }),
      ...(definition.repeats === undefined ? {} : { repeats: definition.repeats }),
      ...(definition.description === undefined ? {} : { description: definition.description }),
      ...(generation === undefined ? {} : { generation_kwargs: { ...generation } }),
      metadata: { version: definition.version ?? 0 },
    },
    `task ${definition.name}`,
    process.cwd(),
  );
  const rows = async (): Promise<readonly Doc[]> => (typeof docs === 'function' ? await docs() : docs).map(rowOf);
  const named = metrics?.filter((metric) => typeof metric === 'string');
  const callbacks = {
    docToText: (row: unknown) => prompt(docOf(row)),
    docToTarget: (row: unknown) => target(docOf(row)),
    docToChoice: choices === undefined ? undefined : (row: unknown) => choices(docOf(row)),
  };
  const samples = fewshotDocs === undefined ? undefined : () => fewshotDocs.map(rowOf);
  const ownMetrics = own.map((metric) => ({
    name: metric.name,
    higherIsBetter: metric.higherIsBetter ?? true,
    score: (row: Doc, [answer]: readonly unknown[], context: MetricContext) =>
      metric.score({ doc: docOf(row), target: target(docOf(row)), answer: String(answer), ...context }),
  }));
  return openTask(
    {
      ...config,
      ...callbacks,
      customDataset: async () => ({ test: await rows() }),
      fewshot: { ...config.fewshot, ...callbacks, samples },
      metrics: named?.map((metric) => ({ metric, aggregation: undefined, higherIsBetter: undefined, options: {} })),
      filters: filters?.map(({ name, filter }) => ({
        name,
        filter: filter.map((step) => (typeof step === 'function' ? step : fieldsOf(step))),
      })),
    },
    { ownMetrics },
  );
}

/** The settings of a filter as a task file would have them. */
function fieldsOf(step: Readonly<Record<string, unknown>>): TaskFields {
  const fields: Record<string, TaskValue> = {};
  for (const [name, value] of Object.entries(step)) if (isTaskValue(value)) fields[name] = value;
  return fields;
}

function isTaskValue(value: unknown): value is TaskValue {
  return typeof value !== 'symbol' && typeof value !== 'function';
}
