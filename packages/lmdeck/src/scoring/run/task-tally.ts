import { aggregate } from '../metrics/aggregation.ts';
import { aggregations, builtInMetrics } from '../metrics/built-in-metrics.ts';
import type { MetricItem } from '../metrics/metric-item.ts';
import { standardError } from '../metrics/standard-error.ts';
import type { EvaluationTask, TaskMetric } from '../tasks/evaluation-task.ts';
import { ofTask } from '../tasks/of-task.ts';
import type { EvaluationSample, MetricResult, TaskResult } from './evaluation-result.ts';

/** How many failures are kept as examples. */
const EXAMPLES = 20;

/** Adds up the samples of a task: of each document only what its metrics need stays in memory. */
export class TaskTally {
  readonly #task: EvaluationTask;
  readonly #items = new Map<string, { readonly filter: string; readonly metric: string; readonly items: MetricItem[] }>();
  readonly #failures: TaskResult['failures'][number][] = [];
  readonly #notes = new Map<string, number>();
  readonly #warnings = new Map<string, number>();
  #asked = 0;
  #failed = 0;
  #truncated = 0;

  constructor(task: EvaluationTask) {
    this.#task = task;
  }

  /** Documents so far. */
  get asked(): number {
    return this.#asked;
  }

  add(sample: EvaluationSample): void {
    this.#asked++;
    if (sample.error !== undefined) {
      this.#failed++;
      if (this.#failures.length < EXAMPLES) this.#failures.push({ docId: sample.docId, error: sample.error });
      return;
    }
    for (const answered of sample.answers.flat()) {
      this.#truncated += answered.truncatedTokens;
      for (const note of answered.notes) count(this.#notes, note.replace(/^\d+ /, ''));
    }
    for (const [filter, { metrics, warnings }] of sample.filtered) {
      for (const warning of warnings) count(this.#warnings, warning);
      for (const [metric, item] of Object.entries(metrics)) {
        const key = `${metric},${filter}`;
        let known = this.#items.get(key);
        if (known === undefined) this.#items.set(key, (known = { filter, metric, items: [] }));
        known.items.push(item);
      }
    }
  }

  /** @param all documents of the task, asked about or not. */
  result(all: number, bootstrapIterations: number): TaskResult {
    const metrics: MetricResult[] = [];
    for (const { filter, metric, items } of this.#items.values()) {
      const { aggregation, higherIsBetter } = this.#metric(metric);
      try {
        const value = aggregate(aggregation, items);
        if (value === undefined) continue;
        const error = standardError(aggregation, items, { bootstrapIterations });
        metrics.push({ metric, filter, value, standardError: error, higherIsBetter, size: items.length });
      } catch (error) {
        throw ofTask(error, `task ${this.#task.name}, metric ${metric}`);
      }
    }
    const documents = { all, asked: this.#asked, answered: this.#asked - this.#failed, failed: this.#failed };
    return {
      task: this.#task,
      metrics,
      documents,
      failures: this.#failures,
      notes: this.#notes,
      truncatedTokens: this.#truncated,
      warnings: this.#warnings,
    };
  }

  /** One that only the task's own function knows is a mean. */
  #metric(name: string): TaskMetric {
    return this.#task.metrics.get(name) ?? { aggregation: aggregations.mean, higherIsBetter: builtInMetrics[name]?.higherIsBetter ?? true };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
