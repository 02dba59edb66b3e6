/** One task's value for a metric, and what is needed to join it with others. */
export interface TaskValue {
  readonly value: number;
  /** Absent when it is not known. */
  readonly standardError?: number | undefined;
  /** Documents behind the value. */
  readonly size: number;
}

/** The value of a group of tasks. */
export interface GroupValue {
  readonly value: number;
  /** Absent unless every task has one. */
  readonly standardError?: number;
  readonly size: number;
}

/**
 * Joins the values of tasks into one: the mean, each task weighted by its documents or all alike, and the pooled standard error (weighted by
 * documents in either case). As groups of lm-evaluation-harness. `undefined` when there is no task.
 *
 * @example
 * ```ts
 * import { aggregateGroup } from 'lmdeck/scoring';
 *
 * const tasks = [{ value: 1, size: 2 }, { value: 0.25, size: 4 }];
 * console.log(aggregateGroup(tasks)?.value, aggregateGroup(tasks, { weightBySize: false })?.value); // 0.5 0.625
 * ```
 */
export function aggregateGroup(
  tasks: readonly TaskValue[],
  { weightBySize = true }: { readonly weightBySize?: boolean } = {},
): GroupValue | undefined {
  if (tasks.length === 0) return undefined;
  let sum = 0;
  let weights = 0;
  let size = 0;
  for (const task of tasks) {
    const weight = weightBySize ? task.size : 1;
    sum += task.value * weight;
    weights += weight;
    size += task.size;
  }
  const error = pooledStandardError(tasks);
  return { value: sum / weights, size, ...(error === undefined ? {} : { standardError: error }) };
}

/** √(Σ (n-1)·se²·n / (Σn - k) / Σn); `undefined` unless every task has a standard error. */
function pooledStandardError(tasks: readonly TaskValue[]): number | undefined {
  let squares = 0;
  let size = 0;
  for (const { standardError, size: n } of tasks) {
    if (standardError === undefined) return undefined;
    squares += (n - 1) * standardError ** 2 * n;
    size += n;
  }
  return Math.sqrt(squares / (size - tasks.length) / size);
}
