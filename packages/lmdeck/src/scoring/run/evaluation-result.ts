import type { ErrorInfo } from '../../core/index.ts';
import type { Doc } from '../../datasets/index.ts';
import type { MetricItem } from '../metrics/metric-item.ts';
import type { PythonValue } from '../../python/index.ts';
import type { EvaluationTask, TaskRequest } from '../tasks/evaluation-task.ts';
import type { Answered } from './request-plan.ts';

/** A document with its answers and what they are worth. */
export interface EvaluationSample {
  readonly task: EvaluationTask;
  readonly docId: number;
  readonly doc: Doc;
  readonly target: PythonValue;
  readonly requests: readonly TaskRequest[];
  /** One list per request: its answers, one per repeat. Empty when the document failed. */
  readonly answers: readonly (readonly Answered[])[];
  /** By filter: what it left of the answers, one per request, and the metrics of that. */
  readonly filtered: ReadonlyMap<string, FilteredSample>;
  /** Why there are no answers. Such a document has no part in the metrics. */
  readonly error?: ErrorInfo;
}

export interface FilteredSample {
  readonly responses: readonly unknown[];
  readonly metrics: Readonly<Record<string, MetricItem>>;
  readonly warnings: readonly string[];
  /** ULIDs of the calls that metrics made. */
  readonly calls: readonly string[];
}

/** A metric's value over the documents of a task. */
export interface MetricResult {
  readonly metric: string;
  readonly filter: string;
  readonly value: number;
  /** Absent where nothing is known of it. */
  readonly standardError?: number | undefined;
  readonly higherIsBetter: boolean;
  /** Documents behind the value. */
  readonly size: number;
}

/** A task's part of a run. */
export interface TaskResult {
  readonly task: EvaluationTask;
  readonly metrics: readonly MetricResult[];
  /** Documents of the task, asked about, answered, failed. */
  readonly documents: { readonly all: number; readonly asked: number; readonly answered: number; readonly failed: number };
  /** The first failures, as examples. */
  readonly failures: readonly { readonly docId: number; readonly error: ErrorInfo }[];
  /** Answers with something odd about them, counted by what it is. */
  readonly notes: ReadonlyMap<string, number>;
  readonly truncatedTokens: number;
  /** Warnings of metrics, counted. */
  readonly warnings: ReadonlyMap<string, number>;
}

/** A group's value of a metric over its tasks. */
export interface GroupResult {
  readonly name: string;
  readonly alias?: string | undefined;
  /** As text; `null` where the file says none. */
  readonly version: string | null;
  /** Names of the tasks and groups below it. */
  readonly members: readonly string[];
  /** Documents behind it, whatever metrics their tasks have; `undefined` for a group that joins nothing. */
  readonly answered: number | undefined;
  /** Examples before each document, where all tasks right below it have the same number. */
  readonly numFewshot: number | undefined;
  /** Of the metrics of the tasks right below it; `null` where these do not agree. */
  readonly higherIsBetter: ReadonlyMap<string, boolean | null>;
  readonly metrics: readonly MetricResult[];
}

/** What an evaluation came to. */
export interface EvaluationResult {
  readonly runId: string;
  /** Id of the model. */
  readonly model: string;
  readonly tasks: readonly TaskResult[];
  readonly groups: readonly GroupResult[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
}
