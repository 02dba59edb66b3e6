import { inOrder, LmdeckError, type Job, type LanguageModel, type Response } from '../../core/index.ts';
import { filterPipeline, type FilterPipeline } from '../filters/filter-pipeline.ts';
import type { EvaluationTask, MetricContext, TaskItem, TaskRequest } from '../tasks/evaluation-task.ts';
import { ofTask } from '../tasks/of-task.ts';
import { documentWindows } from './document-windows.ts';
import type { EvaluateOptions } from './evaluate.ts';
import type { EvaluationSample, FilteredSample, TaskResult } from './evaluation-result.ts';
import { Places } from './places.ts';
import { PlannedDocument } from './planned-document.ts';
import { askQuestion } from './question.ts';
import { QuestionQueue } from './question-queue.ts';
import type { Answered } from './request-plan.ts';
import { RequestPlanner } from './request-planner.ts';
import { TaskTally } from './task-tally.ts';

/** More scores than this do not go to a model together, whatever it takes: their answers come together too. */
const MOST_TOGETHER = 32;

type TakeUp = (model: LanguageModel) => LanguageModel;

/**
 * One pass of a model over tasks. Documents are looked at in windows: while the last calls of one are under way, the next one is planned and
 * brought into order. So two windows are in memory, however many documents there are.
 */
export class EvaluationRun {
  readonly #planner: RequestPlanner;
  readonly #options: EvaluateOptions;
  readonly #concurrency: number;
  readonly #queue: QuestionQueue;
  /** Metrics may ask a model themselves. */
  readonly #scoring: Places;
  readonly #taken: TakeUp;
  #documents = 0;
  #failed = 0;
  #requests = 0;
  #costMicros: number | undefined;

  private constructor(model: LanguageModel, planner: RequestPlanner, options: EvaluateOptions, taken: TakeUp) {
    const { concurrency = 16, runId, signal } = options;
    this.#planner = planner;
    this.#taken = taken;
    this.#options = options;
    this.#concurrency = concurrency;
    this.#scoring = new Places(concurrency);
    this.#queue = new QuestionQueue({
      concurrency,
      batch: Math.min(model.capabilities.score?.batch ?? 1, MOST_TOGETHER),
      ask: async (question, metadata) => {
        try {
          const reply = await askQuestion(model, question, { runId, signal, metadata });
          if (reply.costMicros !== undefined) this.#costMicros = (this.#costMicros ?? 0) + reply.costMicros;
          return reply;
        } catch (error) {
          throw withHint(error);
        }
      },
    });
  }

  /** @param takeUp has a model answer what the run has asked it before. */
  static open(model: LanguageModel, options: EvaluateOptions, takeUp: TakeUp): EvaluationRun {
    const asked = takeUp(model);
    return new EvaluationRun(asked, new RequestPlanner(asked, options, options.tokenizer), options, takeUp);
  }

  async task(task: EvaluationTask): Promise<TaskResult> {
    const { bootstrapIterations = 100_000, onSample, prompt = {} } = this.#options;
    await this.#planner.prepare(task);
    const all = await task.size();
    const tally = new TaskTally(task);
    this.#documents = 0;
    for await (const sample of this.#samples(task, task.items(prompt, this.#wanted(task, all)))) {
      tally.add(sample);
      await onSample?.(sample);
    }
    if (tally.asked === 0) throw new LmdeckError('usage', `task ${task.name}: no documents are left to ask about.`);
    return tally.result(all, bootstrapIterations);
  }

  /** To be called at the end, also of a run that failed: begins nothing more and waits for what is under way, which is paid for. */
  async close(): Promise<void> {
    this.#queue.stop(new LmdeckError('aborted', 'The run has ended.'));
    await this.#queue.ended();
  }

  async *#samples(task: EvaluationTask, items: AsyncIterable<TaskItem>): AsyncIterable<EvaluationSample> {
    const filters = task.filters.map((definition) => filterPipeline(definition));
    let before: readonly Promise<EvaluationSample>[] = [];
    for await (const window of documentWindows(items, task.repeats)) {
      const planned: PlannedDocument[] = [];
      for await (const document of inOrder(this.#plans(task, window), this.#concurrency)) planned.push(document);
      const samples = planned.map((document) => this.#sample(task, document, filters));
      // Whoever is the first to fail is met in order, and the others need nobody to look at them.
      for (const each of samples) each.catch(() => {});
      const begun = this.#queue.begin(planned.flatMap(({ questions }) => questions));
      for (const each of before) yield await each;
      before = samples;
      await begun;
    }
    for (const each of before) yield await each;
  }

  async *#plans(task: EvaluationTask, window: readonly TaskItem[]): AsyncIterable<Job<PlannedDocument>> {
    for (const item of window) yield { weight: 1, run: () => this.#plan(task, item) };
  }

  async #plan(task: EvaluationTask, item: TaskItem): Promise<PlannedDocument> {
    const document = new PlannedDocument(item);
    try {
      for (const [index, request] of item.requests.entries()) {
        for (let repeat = 0; repeat < task.repeats; repeat++) {
          // Two documents that ask the same are two draws when answers are sampled; otherwise they have one answer.
          const draw = isSampled(request) ? item.docId * task.repeats + repeat : 0;
          const plan = await this.#planner.plan(request, item.requests, draw);
          const metadata = { task: task.name, doc_id: item.docId, request: index, ...(task.repeats > 1 ? { repeat } : {}) };
          document.add(plan, metadata);
        }
      }
    } catch (error) {
      document.refuse(LmdeckError.from(error));
    }
    return document;
  }

  /** The document as it is done. @throws LmdeckError what concerns all documents: then the run is over. */
  async #sample(task: EvaluationTask, document: PlannedDocument, filters: readonly FilterPipeline[]): Promise<EvaluationSample> {
    const { docId, doc, target, requests } = document.item;
    const about = { task, docId, doc, target, requests };
    const { onProgress } = this.#options;
    try {
      const answers = await document.answers(task.repeats);
      const filtered = await this.#filtered(task, document.item, answers, filters).catch((reason: unknown) => {
        throw ofTask(reason, `task ${task.name}, document ${docId}`);
      });
      this.#requests += document.requests;
      return { ...about, answers, filtered };
    } catch (reason) {
      const error = LmdeckError.from(reason);
      const fatal = concernsAll(error) ? error : this.#budget(task, docId, error);
      if (fatal !== undefined) {
        this.#queue.stop(fatal);
        throw fatal;
      }
      return { ...about, answers: [], filtered: new Map(), error: error.toInfo() };
    } finally {
      this.#documents++;
      onProgress?.({
        task: task.name,
        documents: this.#documents,
        failed: this.#failed,
        requests: this.#requests,
        costMicros: this.#costMicros,
      });
    }
  }

  async #filtered(
    task: EvaluationTask,
    item: TaskItem,
    answers: readonly (readonly Answered[])[],
    filters: readonly FilterPipeline[],
  ): Promise<ReadonlyMap<string, FilteredSample>> {
    const filtered = new Map<string, FilteredSample>();
    for (const filter of filters) {
      const responses = filter.apply(
        answers.map((list) => list.map((each) => each.response)),
        answers.map(() => item.doc),
      );
      await this.#scoring.take();
      try {
        const judged: Response[] = [];
        const { values, warnings } = await task.score(item, responses, this.#metricContext(task, item, judged));
        const calls = judged.flatMap(({ callId }) => callId ?? []);
        filtered.set(filter.name, { responses, metrics: values, warnings, calls });
      } finally {
        this.#scoring.give();
      }
    }
    return filtered;
  }

  /** @param asked gets what metrics ask. */
  #metricContext(task: EvaluationTask, { docId }: TaskItem, asked: Response[]): MetricContext {
    const { runId, signal } = this.#options;
    return {
      ask: (model, input, options) => {
        const metadata = { task: task.name, doc_id: docId, metric: true, ...options?.metadata };
        const response = this.#taken(model).prompt(input, { stream: false, ...options, runId, signal, metadata });
        asked.push(response);
        return response;
      },
    };
  }

  /** Counts a document that failed; the error of the run when there are too many. */
  #budget(task: EvaluationTask, docId: number, error: LmdeckError): LmdeckError | undefined {
    const { maxFailures = 10 } = this.#options;
    if (++this.#failed <= maxFailures) return undefined;
    return new LmdeckError(
      error.code,
      `task ${task.name}, document ${docId}: ${error.message} (${this.#failed} documents failed; at most ${maxFailures} may, see --max_failures)`,
      { ...error.toInfo(), cause: error },
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

const HINTS: Readonly<Record<string, string>> = {
  score: 'Where choices are single tokens (A, B, C), a chat model can be asked for them by name: --chat_labels.',
  bos: 'Or name the tokenizer of the model (--tokenizer): then token ids are sent, and its BOS or --prefix_token stands before a text.',
};

/** Tells of the other way to score where there is none by given text. */
function withHint(reason: unknown): LmdeckError {
  const error = LmdeckError.from(reason);
  const capability = error.code === 'capability' ? error.data?.['capability'] : undefined;
  const hint = typeof capability === 'string' ? HINTS[capability] : undefined;
  if (hint === undefined) return error;
  return new LmdeckError(error.code, `${error.message} ${hint}`, { ...error.toInfo(), cause: error });
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

function isSampled(request: TaskRequest): boolean {
  if (request.type !== 'generate_until') return false;
  const { do_sample: doSample, temperature } = request.generation;
  return doSample === true || (doSample !== false && Number(temperature ?? 0) > 0);
}
