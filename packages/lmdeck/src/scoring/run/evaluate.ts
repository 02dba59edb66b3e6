import { inOrder, LmdeckError, languageModel, ulid, type Job, type LanguageModel, type Tokenizer } from '../../core/index.ts';
import { filterPipeline, type FilterPipeline } from '../filters/filter-pipeline.ts';
import { aggregateGroup } from '../metrics/group-aggregation.ts';
import type { EvaluationTask, PromptSettings, TaskItem } from '../tasks/evaluation-task.ts';
import type { GroupMetric } from '../tasks/task-catalog.ts';
import { ModelAsker, type Answered, type AskOptions } from './ask.ts';
import type { EvaluationResult, EvaluationSample, FilteredSample, GroupResult, MetricResult, TaskResult } from './evaluation-result.ts';
import { resume, type RunRecord } from './resume.ts';
import { TaskTally } from './task-tally.ts';

/** Tasks that are reported together. */
export interface EvaluationGroup {
  readonly name: string;
  readonly alias?: string | undefined;
  readonly version?: GroupResult['version'];
  readonly members: readonly (EvaluationTask | EvaluationGroup)[];
  readonly metrics: readonly GroupMetric[];
}

/** How far a run has come. */
export interface EvaluationProgress {
  readonly task: string;
  readonly documents: number;
  readonly documentsOfTask: number;
  readonly failed: number;
  readonly requests: number;
}

export interface EvaluateOptions extends Omit<AskOptions, 'runId'> {
  /** ULID of the run; that of an earlier run goes on where it stopped, asking nothing again that is on the tape. */
  readonly runId?: string | undefined;
  /** Where the calls of this run are recorded by the model's own wrappers; absent: nothing is taken up again. */
  readonly tape?: RunRecord | undefined;
  readonly prompt?: PromptSettings | undefined;
  /** Requests at once. Default: 16. */
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
  /** Gets every document as it is done, in order. What it takes long for holds the run back. */
  readonly onSample?: ((sample: EvaluationSample) => void | Promise<void>) | undefined;
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
}

/**
 * Evaluates a model on tasks. A document that fails has no part in the metrics and is counted; what concerns every document (no key, the
 * model cannot score, a wrong task) stops the run.
 *
 * @throws LmdeckError what stopped the run. What was answered by then is on the tape, and the same `runId` goes on from there.
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
  const { runId = ulid(startedAt), tape, tokenizer } = options;
  const asked = tape === undefined ? model : languageModel(model, resume(tape, runId));
  const run = new Run(new ModelAsker(asked, { ...options, runId }, tokenizer), options);
  const results = new Map<EvaluationTask, TaskResult>();
  for (const task of uniqueTasks(tasks)) results.set(task, await run.task(task));
  const groups = tasks.flatMap((each) => ('members' in each ? groupResults(each, results) : []));
  return { runId, model: model.id, tasks: [...results.values()], groups, startedAt, endedAt: Date.now() };
}

class Run {
  readonly #asker: ModelAsker;
  readonly #options: EvaluateOptions;
  #failed = 0;
  #requests = 0;

  constructor(asker: ModelAsker, options: EvaluateOptions) {
    this.#asker = asker;
    this.#options = options;
  }

  async task(task: EvaluationTask): Promise<TaskResult> {
    const { concurrency = 16, bootstrapIterations = 100_000, onSample, onProgress, prompt = {} } = this.#options;
    await this.#asker.prepare(task);
    const all = await task.size();
    const tally = new TaskTally(task);
    const filters = task.filters.map((definition) => filterPipeline(definition));
    let documents = 0;
    const jobs = this.#jobs(task, task.items(prompt, this.#wanted(task, all)), filters);
    for await (const sample of inOrder(jobs, concurrency)) {
      tally.add(sample);
      documents++;
      this.#requests += sample.requests.length * task.repeats;
      if (sample.error !== undefined) this.#count(task, sample);
      await onSample?.(sample);
      onProgress?.({ task: task.name, documents, documentsOfTask: all, failed: this.#failed, requests: this.#requests });
    }
    if (documents === 0) throw new LmdeckError('usage', `task ${task.name}: no documents are left to ask about.`);
    return tally.result(all, bootstrapIterations);
  }

  async *#jobs(
    task: EvaluationTask,
    items: AsyncIterable<TaskItem>,
    filters: readonly FilterPipeline[],
  ): AsyncIterable<Job<EvaluationSample>> {
    for await (const item of items) yield { weight: item.requests.length * task.repeats, run: () => this.#sample(task, item, filters) };
  }

  async #sample(task: EvaluationTask, item: TaskItem, filters: readonly FilterPipeline[]): Promise<EvaluationSample> {
    const { docId, doc, target, requests } = item;
    const about = { task, docId, doc, target, requests };
    const outcomes = await Promise.allSettled(requests.flatMap((_, index) => this.#asks(task, item, index)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) {
      const error = LmdeckError.from(failed.reason);
      if (concernsAll(error)) throw error;
      return { ...about, answers: [], filtered: new Map(), error: error.toInfo() };
    }
    const answered = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const answers = requests.map((_, index) => answered.slice(index * task.repeats, (index + 1) * task.repeats));
    const filtered = new Map<string, FilteredSample>();
    for (const filter of filters) {
      const responses = filter.apply(
        answers.map((list) => list.map((each) => each.response)),
        answers.map(() => doc),
      );
      const { values, warnings } = await task.score(item, responses);
      filtered.set(filter.name, { responses, metrics: values, warnings });
    }
    return { ...about, answers, filtered };
  }

  #asks(task: EvaluationTask, item: TaskItem, index: number): readonly Promise<Answered>[] {
    const request = item.requests[index];
    if (request === undefined) return [];
    const samples = request.type === 'generate_until' && isSampled(request.generation);
    return Array.from({ length: task.repeats }, (_, repeat) => {
      const metadata = { task: task.name, doc_id: item.docId, request: index, ...(task.repeats > 1 ? { repeat } : {}) };
      // Two documents that ask the same are two draws when answers are sampled; otherwise they have one answer.
      return this.#asker.ask(request, metadata, samples ? item.docId * task.repeats + repeat : 0);
    });
  }

  #count(task: EvaluationTask, { docId, error }: EvaluationSample): void {
    this.#failed++;
    const { maxFailures = 10 } = this.#options;
    if (this.#failed <= maxFailures || error === undefined) return;
    throw new LmdeckError(
      error.code,
      `task ${task.name}, document ${docId}: ${error.message} (${this.#failed} documents failed; at most ${maxFailures} may, see --max_failures)`,
      error,
    );
  }

  #wanted(task: EvaluationTask, all: number): (docId: number) => boolean {
    const { limit, samples } = this.#options;
    const chosen = samples?.[task.name];
    if (chosen !== undefined) {
      const missing = chosen.find((docId) => docId < 0 || docId >= all);
      if (missing !== undefined) throw new LmdeckError('usage', `task ${task.name} has no document ${missing}: it has ${all}, from 0.`);
      const set = new Set(chosen);
      return (docId) => set.has(docId);
    }
    if (limit === undefined) return () => true;
    const count = limit < 1 ? Math.ceil(all * limit) : limit;
    return (docId) => docId < count;
  }
}

/** Errors that no other document would be spared. */
function concernsAll(error: LmdeckError): boolean {
  switch (error.code) {
    case 'aborted':
    case 'authentication':
    case 'capability':
    case 'config':
    case 'internal':
    case 'missing-key':
    case 'not-found':
    case 'permission':
    case 'replay-miss':
    case 'unknown-model':
    case 'usage':
      return true;
    default:
      return false;
  }
}

function isSampled(generation: Readonly<Record<string, unknown>>): boolean {
  const { do_sample: doSample, temperature } = generation;
  return doSample === true || (doSample !== false && Number(temperature ?? 0) > 0);
}

function uniqueTasks(tasks: readonly (EvaluationTask | EvaluationGroup)[]): readonly EvaluationTask[] {
  const byName = new Map<string, EvaluationTask>();
  const add = (each: EvaluationTask | EvaluationGroup): void => {
    if ('members' in each) for (const member of each.members) add(member);
    else if (!byName.has(each.name)) byName.set(each.name, each);
  };
  for (const each of tasks) add(each);
  return [...byName.values()];
}

/** The group and those below it. */
function groupResults(group: EvaluationGroup, results: ReadonlyMap<EvaluationTask, TaskResult>): readonly GroupResult[] {
  const byName = new Map(Array.from(results, ([task, result]) => [task.name, result]));
  const below = uniqueTasks([group]).flatMap((task) => byName.get(task.name) ?? []);
  const metrics = group.metrics.flatMap(({ metric, filters, weightBySize }) =>
    filters.flatMap((filter): MetricResult[] => {
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
    version: group.version ?? null,
    members: group.members.map((member) => member.name),
    metrics,
  };
  return [own, ...group.members.flatMap((member) => ('members' in member ? groupResults(member, results) : []))];
}
