import type { LanguageModel, PromptInput, PromptOptions, Response } from '../../core/index.ts';
import type { Doc } from '../../datasets/index.ts';
import type { FilterPipelineDefinition } from '../filters/filter-pipeline.ts';
import type { Aggregation } from '../metrics/aggregation.ts';
import type { OutputType } from '../metrics/built-in-metrics.ts';
import type { DocumentMetrics } from '../metrics/metric-item.ts';
import type { PythonValue } from '../../python/index.ts';
import type { PromptTurn } from './prompt-turns.ts';

/** What stands before: text, or turns that the model's chat template renders. */
export type TaskContext = string | readonly PromptTurn[];

/** One question to the model. */
export type TaskRequest =
  | { readonly type: 'loglikelihood'; readonly context: TaskContext; readonly continuation: string }
  | { readonly type: 'loglikelihood_rolling'; readonly text: string }
  | { readonly type: 'generate_until'; readonly context: TaskContext; readonly generation: Readonly<Record<string, PythonValue>> };

/** How prompts are built. */
export interface PromptSettings {
  /** Stands before the task's own description. */
  readonly systemInstruction?: string | undefined;
  /** The prompt is turns of a chat and not text. */
  readonly asChat?: boolean | undefined;
  /** Examples are turns of the chat; false: all in one user message. Default: true. */
  readonly fewshotAsTurns?: boolean | undefined;
  /** Overrides the task's number of examples. */
  readonly numFewshot?: number | undefined;
  /** Overrides options of `generate_until` requests. */
  readonly generation?: Readonly<Record<string, PythonValue>> | undefined;
  /** Seed of the few-shot sampler. Default: 1234, as in lm-evaluation-harness. */
  readonly fewshotSeed?: number | undefined;
}

/** A document with all that is asked about it. */
export interface TaskItem {
  /** Its number among the task's documents, from 0. */
  readonly docId: number;
  readonly doc: Doc;
  /** The right answer, as results files show it. */
  readonly target: PythonValue;
  /** In the order in which {@link EvaluationTask.score} wants the responses. */
  readonly requests: readonly TaskRequest[];
}

/** A response to a request: log-likelihood and greediness, a log-likelihood, or a text. */
export type TaskResponse = readonly [logprob: number, isGreedy: boolean] | number | string;

/** What a metric has of the run that it is computed in. */
export interface MetricContext {
  /**
   * Asks another model (a judge). The call belongs to the run: it ends with it, is recorded under its id when the model records, is not made
   * again when the run is taken up, and the document's row names it.
   */
  ask(model: LanguageModel, input: PromptInput, options?: PromptOptions): Response;
}

/** A metric of a task. */
export interface TaskMetric {
  readonly aggregation: Aggregation;
  readonly higherIsBetter: boolean;
}

/** Something to evaluate models with: documents, what is asked about each, and what the answers are worth. */
export interface EvaluationTask {
  readonly name: string;
  readonly alias?: string | undefined;
  /** Of the task's definition; results of different versions cannot be compared. */
  readonly version?: PythonValue;
  readonly outputType: OutputType;
  readonly numFewshot: number;
  /** How often each request is answered. */
  readonly repeats: number;
  readonly filters: readonly FilterPipelineDefinition[];
  /** The definition as results files show it. */
  readonly config: Readonly<Record<string, PythonValue>>;
  /** How many documents there are. Reads them all when nobody knows. */
  size(): Promise<number>;
  /** The documents with their requests, in order, made as they are asked for. Only `wanted` ones, when given. */
  items(settings: PromptSettings, wanted?: (docId: number) => boolean): AsyncIterable<TaskItem>;
  /** What one document contributes to each metric. `responses`: what the filters left, one per request. */
  score(item: TaskItem, responses: readonly unknown[], context?: MetricContext): Promise<DocumentMetrics>;
  /** The metrics in their order. One that only `score` knows is a mean, and more is better. */
  readonly metrics: ReadonlyMap<string, TaskMetric>;
}
