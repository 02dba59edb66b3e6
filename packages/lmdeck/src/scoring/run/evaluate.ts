import { languageModel, LmdeckError, ulid, type LanguageModel, type Tokenizer } from '../../core/index.ts';
import { compareCodePoints, pythonStr, type PythonValue } from '../../python/index.ts';
import { aggregateGroup } from '../metrics/group-aggregation.ts';
import type { EvaluationTask, PromptSettings } from '../tasks/evaluation-task.ts';
import type { GroupMetric } from '../tasks/task-catalog.ts';
import type { EvaluationResult, EvaluationSample, GroupResult, MetricResult, TaskResult } from './evaluation-result.ts';
import { EvaluationRun } from './evaluation-run.ts';
import type { AskOptions } from './request-planner.ts';
import { resume, type RunRecord } from './resume.ts';

/** Tasks that are reported together. */
export interface EvaluationGroup {
  readonly name: string;
  readonly alias?: string | undefined;
  readonly version?: PythonValue;
  readonly members: readonly (EvaluationTask | EvaluationGroup)[];
  readonly metrics: readonly GroupMetric[];
}

/** How far a run has come. */
export interface EvaluationProgress {
  readonly task: string;
  /** Of the task: answered or failed, in whatever order. */
  readonly documents: number;
  /** Of the whole run. */
  readonly failed: number;
  /** Answered requests of the whole run. */
  readonly requests: number;
  /** Micro-dollars, answers from an earlier start included; absent where prices are unknown. */
  readonly costMicros?: number | undefined;
}

export interface EvaluateOptions extends AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** ULID of the run; that of an earlier run goes on where it stopped, asking nothing again that is on the tape. */
  readonly runId?: string | undefined;
  /** Where the calls of this run are recorded by the model's own wrappers; absent: nothing is taken up again. */
  readonly tape?: RunRecord | undefined;
  readonly prompt?: PromptSettings | undefined;
  /** Requests to the model at once; log-likelihoods that go out in one batch are one. Default: 16. */
  readonly concurrency?: number | undefined;
  /** Documents per task: a number, or below 1 a share. */
  readonly limit?: number | undefined;
  /** The documents to take, by task. */
  readonly samples?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Draws for standard errors. Default: 100,000. */
  readonly bootstrapIterations?: number | undefined;
  /** Documents that may fail before the run stops. Default: 10. */
  readonly maxFailures?: number | undefined;
  readonly tokenizer?: Tokenizer | undefined;
  /** Gets every document, in order. What it takes long for holds the run back. */
  readonly onSample?: ((sample: EvaluationSample) => void | Promise<void>) | undefined;
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
}

/**
 * Evaluates a model on tasks. Requests go out longest first within a window of documents, those that share a context together; what is asked
 * twice goes out once. A document that fails has no part in the metrics and is counted; what concerns every document (no key, the
 * model cannot score, a wrong task) stops the run.
 *
 * @throws LmdeckError `usage` for two tasks of one name, or what stopped the run. What was answered by then is on the tape, and the same
 * `runId` goes on from there.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { defineTask, evaluate } from 'lmdeck/scoring';
 *
 * const task = await defineTask({
 *   name: 'sums',
 *   docs: [{ question: '1+1=', answer: '2' }],
 *   outputType: 'generate_until',
 *   prompt: (doc) => doc.question,
 *   target: (doc) => doc.answer,
 * });
 * const result = await evaluate(languageModel(mock({ outputs: ['2'] })), [task]);
 * console.log(result.tasks[0]?.metrics[0]?.value); // 1
 * ```
 */
export async function evaluate(
  model: LanguageModel,
  tasks: readonly (EvaluationTask | EvaluationGroup)[],
  options: EvaluateOptions = {},
): Promise<EvaluationResult> {
  const startedAt = Date.now();
  const { runId = ulid(startedAt), tape } = options;
  const before = tape === undefined ? undefined : resume(tape, runId);
  const takeUp = (each: LanguageModel): LanguageModel => (before === undefined ? each : languageModel(each, before));
  const run = EvaluationRun.open(model, { ...options, runId }, takeUp);
  const results = new Map<EvaluationTask, TaskResult>();
  try {
    for (const task of uniqueTasks(tasks)) results.set(task, await run.task(task));
  } finally {
    await run.close();
  }
  const groups = tasks.flatMap((each) => ('members' in each ? groupResults(each, results) : []));
  return { runId, model: model.id, tasks: [...results.values()], groups, startedAt, endedAt: Date.now() };
}

function uniqueTasks(tasks: readonly (EvaluationTask | EvaluationGroup)[]): readonly EvaluationTask[] {
  const byName = new Map<string, EvaluationTask>();
  const add = (each: EvaluationTask | EvaluationGroup): void => {
    if ('members' in each) return each.members.forEach(add);
    const known = byName.get(each.name);
    if (known !== undefined && known !== each)
      throw new LmdeckError('usage', `There are two tasks of the name "${each.name}"; results are kept by name. Give one of them another.`);
    byName.set(each.name, each);
  };
  for (const each of tasks) add(each);
  return [...byName.values()];
}

/** The group and those below it. */
function groupResults(group: EvaluationGroup, results: ReadonlyMap<EvaluationTask, TaskResult>): readonly GroupResult[] {
  const byName = new Map(Array.from(results, ([task, result]) => [task.name, result]));
  const below = uniqueTasks([group]).flatMap((task) => byName.get(task.name) ?? []);
  const metrics = group.metrics.flatMap(({ metric, filters, weightBySize }) =>
    (filters ?? filtersOf(metric, below)).flatMap((filter): MetricResult[] => {
      const found = below.flatMap((result) => result.metrics.filter((each) => each.metric === metric && each.filter === filter));
      const joined = aggregateGroup(found, { weightBySize });
      if (joined === undefined) return [];
      return [
        {
          metric,
          filter,
          value: joined.value,
          standardError: joined.standardError,
          size: joined.size,
          higherIsBetter: found[0]?.higherIsBetter ?? true,
        },
      ];
    }),
  );
  const own: GroupResult = {
    name: group.name,
    alias: group.alias,
    version: group.version === undefined || group.version === null ? null : pythonStr(group.version),
    members: group.members.map((member) => member.name),
    metrics,
    ...ofMembers(group, below, byName),
  };
  return [own, ...group.members.flatMap((member) => ('members' in member ? groupResults(member, results) : []))];
}

/** All filters after which tasks have a metric. */
function filtersOf(metric: string, tasks: readonly TaskResult[]): readonly string[] {
  const names = new Set(tasks.flatMap((task) => task.metrics.flatMap((each) => (each.metric === metric ? each.filter : []))));
  return [...names].sort(compareCodePoints);
}

/** What lm-evaluation-harness tells of a group from its tasks: of groups in it only the documents. */
function ofMembers(
  group: EvaluationGroup,
  below: readonly TaskResult[],
  byName: ReadonlyMap<string, TaskResult>,
): Pick<GroupResult, 'answered' | 'numFewshot' | 'higherIsBetter'> {
  const direct = group.members.flatMap((member) => ('members' in member ? [] : (byName.get(member.name) ?? [])));
  const shots = new Set(direct.map(({ task }) => task.numFewshot));
  const higherIsBetter = new Map<string, boolean | null>();
  for (const { metric, higherIsBetter: own } of direct.flatMap(({ metrics }) => metrics)) {
    const known = higherIsBetter.get(metric);
    higherIsBetter.set(metric, known === undefined || known === own ? own : null);
  }
  return {
    answered: group.metrics.length === 0 ? undefined : below.reduce((sum, { documents }) => sum + documents.answered, 0),
    numFewshot: shots.size === 1 ? [...shots][0] : undefined,
    higherIsBetter,
  };
}
