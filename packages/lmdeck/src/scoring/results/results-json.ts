import { compareCodePoints, pythonFloat, type PythonFloat, type PythonValue } from '../../python/index.ts';
import type { EvaluationResult, GroupResult, MetricResult, TaskResult } from '../run/evaluation-result.ts';
import { sanitizeModelName } from './sanitize-model-name.ts';

/** What results files say of a run besides its numbers. */
export interface RunSettings {
  readonly modelArgs?: string | undefined;
  readonly batchSize?: number | undefined;
  readonly limit?: number | undefined;
  readonly bootstrapIterations?: number | undefined;
  readonly generation?: Readonly<Record<string, PythonValue>> | undefined;
  readonly seed?: number | undefined;
  readonly fewshotSeed?: number | undefined;
  readonly systemInstruction?: string | undefined;
  readonly fewshotAsTurns?: boolean | undefined;
  readonly chatTemplate?: string | undefined;
  readonly maxLength?: number | undefined;
  /** Choices were scored by their labels in a chat; see `AskOptions.chatLabels`. */
  readonly chatLabels?: number | undefined;
  readonly lmdeckVersion?: string | undefined;
}

/** The content of `results_<date>.json`: the layout of lm-evaluation-harness, with `lmdeck` for what only we have. */
export function resultsJson(
  result: EvaluationResult,
  settings: RunSettings,
  taskHashes: ReadonlyMap<string, string>,
): Readonly<Record<string, PythonValue>> {
  const { tasks, groups } = result;
  const byTask = <T extends PythonValue>(value: (task: TaskResult) => T): Record<string, T> =>
    Object.fromEntries(tasks.map((task) => [task.task.name, value(task)]));
  const byGroup = <T extends PythonValue>(value: (group: GroupResult) => T | undefined): Record<string, T> => {
    const fields: Record<string, T> = {};
    for (const group of groups) {
      const own = value(group);
      if (own !== undefined) fields[group.name] = own;
    }
    return fields;
  };
  const inOrder = bottomUp(groups);
  const joining = inOrder.filter(({ answered }) => answered !== undefined);
  const seconds = (result.endedAt - result.startedAt) / 1000;
  return {
    results: {
      ...byTask(({ task, metrics, documents }) => ({
        name: task.name,
        alias: task.alias ?? task.name,
        sample_len: documents.answered,
        ...values(metrics),
      })),
      ...Object.fromEntries(inOrder.map((group) => [group.name, groupValues(group)])),
    },
    ...(joining.length === 0 ? {} : { groups: Object.fromEntries(joining.map((group) => [group.name, groupValues(group)])) }),
    group_subtasks: byGroup(({ members }) => [...members]),
    configs: sorted(byTask(({ task }) => task.config)),
    versions: sorted({ ...byTask(({ task }) => task.version ?? null), ...byGroup(({ version }) => version ?? 'N/A') }),
    'n-shot': sorted({ ...byTask(({ task }) => task.numFewshot), ...byGroup(({ numFewshot }) => numFewshot) }),
    higher_is_better: sorted({
      ...byTask(({ metrics }) => Object.fromEntries(metrics.map((each) => [each.metric, each.higherIsBetter]))),
      ...byGroup(({ higherIsBetter }) => (higherIsBetter.size === 0 ? undefined : Object.fromEntries(higherIsBetter))),
    }),
    'n-samples': byTask(({ documents }) => ({ original: documents.all, effective: documents.answered })),
    config: {
      model: result.model,
      model_args: settings.modelArgs ?? '',
      batch_size: settings.batchSize ?? 1,
      batch_sizes: [],
      device: null,
      use_cache: null,
      limit: settings.limit ?? null,
      bootstrap_iters: settings.bootstrapIterations ?? 100_000,
      gen_kwargs: settings.generation ?? {},
      random_seed: 0,
      numpy_seed: 1234,
      torch_seed: settings.seed ?? 1234,
      fewshot_seed: settings.fewshotSeed ?? 1234,
    },
    git_hash: null,
    date: pythonNumber(result.startedAt / 1000),
    max_length: settings.maxLength ?? null,
    task_hashes: Object.fromEntries(taskHashes),
    model_source: 'lmdeck',
    model_name: result.model,
    model_name_sanitized: sanitizeModelName(result.model),
    system_instruction: settings.systemInstruction ?? null,
    fewshot_as_multiturn: settings.fewshotAsTurns ?? null,
    chat_template: settings.chatTemplate ?? null,
    start_time: pythonNumber(result.startedAt / 1000),
    end_time: pythonNumber(result.endedAt / 1000),
    total_evaluation_time_seconds: String(seconds),
    lmdeck: {
      version: settings.lmdeckVersion ?? null,
      run: result.runId,
      ...(settings.chatLabels === undefined ? {} : { chat_labels: settings.chatLabels }),
      failed: byTask(({ documents, failures }) => ({
        documents: documents.failed,
        examples: failures.map(({ docId, error }) => ({ doc_id: docId, code: error.code, message: error.message })),
      })),
      notes: byTask(({ notes }) => Object.fromEntries(notes)),
      warnings: byTask(({ warnings }) => Object.fromEntries(warnings)),
      truncated_tokens: byTask(({ truncatedTokens }) => truncatedTokens),
    },
  };
}

/** Groups inside of a group before it. */
function bottomUp(groups: readonly GroupResult[]): readonly GroupResult[] {
  const byName = new Map(groups.map((group) => [group.name, group]));
  const ordered = new Set<GroupResult>();
  const visit = (group: GroupResult): void => {
    for (const name of group.members) {
      const inner = byName.get(name);
      if (inner !== undefined && !ordered.has(inner)) visit(inner);
    }
    ordered.add(group);
  };
  for (const group of groups) if (!ordered.has(group)) visit(group);
  return [...ordered];
}

/** What a group is said to be: numbers only where it joins those of its tasks. */
function groupValues({ name, alias, metrics, answered }: GroupResult): Record<string, PythonValue> {
  const own = { alias: alias ?? name, name };
  if (answered === undefined) return own;
  const counts = Object.fromEntries(metrics.map(({ metric, filter, size }) => [`${metric},${filter}`, size]));
  return { ...own, sample_len: answered, ...values(metrics), ...(metrics.length === 0 ? {} : { sample_count: counts }) };
}

function sorted<T>(fields: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => compareCodePoints(a, b)));
}

function values(metrics: readonly MetricResult[]): Record<string, PythonValue> {
  const fields: Record<string, PythonValue> = {};
  for (const { metric, filter, value, standardError } of metrics) {
    fields[`${metric},${filter}`] = pythonNumber(value);
    fields[`${metric}_stderr,${filter}`] = standardError === undefined ? 'N/A' : pythonNumber(standardError);
  }
  return fields;
}

/** A number that Python would hold as a float. */
function pythonNumber(value: number): number | PythonFloat {
  return Number.isInteger(value) ? pythonFloat(value) : value;
}
