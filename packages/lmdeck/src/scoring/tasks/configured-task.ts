import { LmdeckError } from '../../core/index.ts';
import { openSplits, type Doc, type Split } from '../../datasets/index.ts';
import { defaultFilters, type FilterPipelineDefinition } from '../filters/filter-pipeline.ts';
import type { Filter } from '../filters/filter.ts';
import { aggregations } from '../metrics/built-in-metrics.ts';
import { generationMetrics } from '../metrics/generation-metrics.ts';
import { loglikelihoodMetrics, rollingMetrics, type Loglikelihood } from '../metrics/loglikelihood-metrics.ts';
import type { DocumentMetrics, MetricItem } from '../metrics/metric-item.ts';
import { multipleChoiceMetrics } from '../metrics/multiple-choice-metrics.ts';
import { isPythonSpace, pythonStr, type PythonValue } from '../../python/index.ts';
import { maybeDelimit } from '../requests/delimit.ts';
import { DocFields, loadRule, type LoadedRule } from './doc-fields.ts';
import type { EvaluationTask, MetricContext, PromptSettings, TaskContext, TaskItem, TaskMetric, TaskRequest } from './evaluation-task.ts';
import { fewShotSampler, type FewShotSampler } from './few-shot-sampler.ts';
import { TaskJinja } from '../../templates/index.ts';
import { ofTask } from './of-task.ts';
import { collapsedTurns, questionTurns, turnsAsText, type PromptTurn } from './prompt-turns.ts';
import type { TaskCallback, TaskConfig } from './task-config.ts';
import { isFields, type TaskFields, type TaskValue } from './task-file.ts';
import { TaskFunction } from './task-function.ts';
import { asItems, taskMetrics, type TaskMetrics } from './task-metrics.ts';

type Callback = (...args: readonly unknown[]) => unknown;

/** Rules whose functions are loaded. */
interface Rules {
  readonly text: LoadedRule;
  readonly target: LoadedRule;
  readonly choices: LoadedRule;
}

/** A metric that a task in code brings along, besides those that have a name. */
interface OwnMetric {
  readonly name: string;
  readonly higherIsBetter: boolean;
  score(doc: Doc, responses: readonly unknown[], context: MetricContext): number | Promise<number>;
}

/** What of a task does not come from its file. */
export interface TaskData {
  readonly ownMetrics?: readonly OwnMetric[] | undefined;
  /** A folder or files in place of a `dataset_path`. */
  readonly folders?: Readonly<Record<string, string>> | undefined;
}

/**
 * A task as its file (or `defineTask`) says it, ready to give requests.
 *
 * @throws LmdeckError `config` for what is wrong in the file, its functions or its data.
 */
export async function openTask(config: TaskConfig, data: TaskData = {}): Promise<EvaluationTask> {
  const [jinja, metrics] = await Promise.all([TaskJinja.load(), taskMetrics(config)]);
  const rules = {
    text: await loadRule(config.docToText),
    target: await loadRule(config.docToTarget),
    choices: await loadRule(config.docToChoice),
  };
  const { fewshot } = config;
  return new ConfiguredTask({
    config,
    data,
    jinja,
    metrics,
    rules,
    description: await loadRule(config.description),
    fewshotRules: {
      text: await loadRule(fewshot.docToText),
      target: await loadRule(fewshot.docToTarget),
      choices: await loadRule(fewshot.docToChoice),
    },
    processDocs: await loaded(config.processDocs),
    processFewshotDocs: await loaded(fewshot.processDocs),
    processResults: await loaded(config.processResults),
    samples: await loadRule(fewshot.samples),
    filters: await Promise.all(
      (config.filters ?? []).map(async ({ name, filter }) => ({ name, filter: await Promise.all(filter.map(loadedStep)) })),
    ),
  });
}

/** Whoever computes metrics by hand has no run that calls could belong to. */
const OUTSIDE_OF_RUNS: MetricContext = { ask: (model, input, options) => model.prompt(input, options) };

interface Parts {
  readonly config: TaskConfig;
  readonly data: TaskData;
  readonly jinja: TaskJinja;
  readonly metrics: TaskMetrics;
  readonly rules: Rules;
  readonly description: LoadedRule;
  readonly fewshotRules: Rules;
  readonly processDocs: Callback | undefined;
  readonly processFewshotDocs: Callback | undefined;
  readonly processResults: Callback | undefined;
  readonly samples: LoadedRule;
  readonly filters: readonly FilterPipelineDefinition[];
}

class ConfiguredTask implements EvaluationTask {
  readonly #parts: Parts;
  #splits: ReadonlyMap<string, Split> | undefined;
  #shape: Promise<Shape> | undefined;
  #processed: Promise<readonly Doc[]> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.config.task;
  }

  get alias(): string | undefined {
    return this.#parts.config.alias;
  }

  get version(): PythonValue {
    const { version } = this.#parts.config.metadata;
    return version === undefined || version instanceof TaskFunction ? null : plain(version);
  }

  get outputType(): TaskConfig['outputType'] {
    return this.#parts.config.outputType;
  }

  get numFewshot(): number {
    return this.#parts.config.numFewshot ?? 0;
  }

  get repeats(): number {
    return this.#parts.config.repeats;
  }

  get filters(): readonly FilterPipelineDefinition[] {
    return this.#parts.config.filters === undefined ? defaultFilters : this.#parts.filters;
  }

  get config(): Readonly<Record<string, PythonValue>> {
    return plainFields(this.#parts.config.fields);
  }

  get metrics(): ReadonlyMap<string, TaskMetric> {
    const own = this.#parts.data.ownMetrics ?? [];
    return new Map([
      ...this.#parts.metrics.byName,
      ...own.map(({ name, higherIsBetter }): [string, TaskMetric] => [name, { aggregation: aggregations.mean, higherIsBetter }]),
    ]);
  }

  async size(): Promise<number> {
    let count = 0;
    for await (const _doc of this.#docs()) count++;
    return count;
  }

  async *items(settings: PromptSettings, wanted: (docId: number) => boolean = () => true): AsyncIterable<TaskItem> {
    const { config } = this.#parts;
    const shots = settings.numFewshot ?? this.numFewshot;
    const shape = await (this.#shape ??= this.#look());
    const sampler = shots > 0 ? await this.#sampler(settings.fewshotSeed ?? 1234) : undefined;
    let docId = 0;
    for await (const doc of this.#docs()) {
      const number = docId++;
      if (!wanted(number)) continue;
      const turns = this.#leadingTurns(doc, settings, shape, sampler, shots);
      const requests = this.#requests(doc, turns, settings, shape);
      const target = config.docToTarget === undefined ? null : shape.fields.target(doc, this.#parts.rules.target);
      yield { docId: number, doc, target, requests };
    }
  }

  async score({ doc }: TaskItem, responses: readonly unknown[], context: MetricContext = OUTSIDE_OF_RUNS): Promise<DocumentMetrics> {
    const { processResults, data } = this.#parts;
    if (processResults !== undefined) {
      const values = asItems(await called('process_results', processResults, doc, responses));
      if (typeof values === 'object' && values !== null && !isItems(values)) return { values, warnings: [] };
      throw new LmdeckError('config', `task ${this.name}: process_results must return an object of metrics.`);
    }
    const named = this.#named({ doc }, responses, await (this.#shape ??= this.#look()));
    const own: Record<string, MetricItem> = {};
    for (const metric of data.ownMetrics ?? []) own[metric.name] = await metric.score(doc, responses, context);
    return { ...named, values: { ...named.values, ...own } };
  }

  /** The metrics that have a name. */
  #named({ doc }: Pick<TaskItem, 'doc'>, responses: readonly unknown[], shape: Shape): DocumentMetrics {
    const { rules, config, metrics } = this.#parts;
    const names = [...metrics.byName.keys()];
    switch (config.outputType) {
      case 'loglikelihood':
        return { values: loglikelihoodMetrics(loglikelihoodOf(responses[0]), names), warnings: [] };
      case 'loglikelihood_rolling':
        return { values: rollingMetrics(Number(responses[0]), pythonStr(shape.fields.target(doc, rules.target)), names), warnings: [] };
      case 'multiple_choice':
        return multipleChoiceMetrics({
          choices: shape.fields.choices(doc, rules.choices),
          gold: shape.multipleInputs ? shape.fields.text(doc, rules.text) : shape.fields.target(doc, rules.target),
          responses: responses.map(loglikelihoodOf),
          metrics: names,
        });
      default:
        return { values: this.#generated(doc, responses[0], shape), warnings: [] };
    }
  }

  #generated(doc: Doc, result: unknown, shape: Shape): Readonly<Record<string, MetricItem>> {
    const { rules, metrics } = this.#parts;
    const gold = shape.fields.target(doc, rules.target);
    const choices = rules.choices === undefined ? {} : { choices: shape.fields.choices(doc, rules.choices) };
    return generationMetrics({ gold, result, ...choices, multipleTargets: shape.multipleTargets, metrics: metrics.ofGenerations });
  }

  /** What the first document tells of all: columns, and what kind of task it is. */
  async #look(): Promise<Shape> {
    const { config, rules, jinja } = this.#parts;
    for await (const doc of this.#docs()) {
      const hasChoices = rules.choices !== undefined && rules.choices !== null;
      const told = config.file === undefined ? this.name : `${this.name} (${config.file})`;
      const fields = new DocFields(jinja, told, hasChoices, new Set(Object.keys(doc)));
      const isRolling = config.outputType === 'loglikelihood_rolling';
      const multipleInputs = hasChoices && !isRolling && typeof fields.text(doc, rules.text) === 'number';
      const multipleTargets = config.docToTarget !== undefined && Array.isArray(fields.target(doc, rules.target));
      return { fields, multipleInputs, multipleTargets };
    }
    throw new LmdeckError('config', `task ${this.name}: there are no documents.`);
  }

  /** System prompt and examples. */
  #leadingTurns(
    doc: Doc,
    settings: PromptSettings,
    shape: Shape,
    sampler: FewShotSampler | undefined,
    shots: number,
  ): readonly PromptTurn[] {
    const { config, description, fewshotRules } = this.#parts;
    const { fewshot } = config;
    const described = shape.fields.optional(doc, description, 'description');
    const system = maybeDelimit(settings.systemInstruction, described, config.fewshotDelimiter);
    const turns: PromptTurn[] = system === '' ? [] : [{ role: 'system', content: system, delimiter: '' }];
    // As the harness decides it: two absent splits are the same one, too.
    const examples = sampler?.sample(shots, fewshot.split === config.testSplit ? doc : undefined) ?? [];
    for (const example of examples) {
      const text = shape.fields.text(example, fewshotRules.text);
      const choices = fewshotRules.choices === undefined ? undefined : shape.fields.choices(example, fewshotRules.choices);
      const question = shape.multipleInputs && typeof text === 'number' ? (choices?.at(text) ?? '') : pythonStr(text);
      turns.push(
        ...questionTurns({
          question,
          choices: shape.multipleInputs ? undefined : choices,
          answer: shape.fields.target(example, fewshotRules.target),
          prefix: shape.fields.optional(example, fewshot.generationPrefix, 'gen_prefix'),
          targetDelimiter: fewshot.targetDelimiter,
          fewshotDelimiter: fewshot.fewshotDelimiter,
        }),
      );
    }
    return turns;
  }

  #requests(doc: Doc, leading: readonly PromptTurn[], settings: PromptSettings, shape: Shape): readonly TaskRequest[] {
    const { config, rules } = this.#parts;
    const { fields } = shape;
    if (config.outputType === 'loglikelihood_rolling')
      return [{ type: 'loglikelihood_rolling', text: fields.targetText(doc, rules.target) }];
    const prefix = fields.optional(doc, config.generationPrefix, 'gen_prefix');
    const context = (question: string, targetDelimiter: string): TaskContext =>
      contextOf([...leading, ...questionTurns({ question, prefix, targetDelimiter, fewshotDelimiter: '' })], settings);
    if (config.outputType === 'multiple_choice') {
      const choices = fields.choices(doc, rules.choices);
      const delimiter = this.#choiceDelimiter(settings);
      const scored = (before: TaskContext, after: string): TaskRequest => ({
        type: 'loglikelihood',
        context: before,
        continuation: delimiter + after,
      });
      const before = shape.multipleInputs ? undefined : context(pythonStr(fields.text(doc, rules.text)), config.targetDelimiter);
      const asked = choices.map((choice) =>
        before === undefined ? scored(context(choice, ''), fields.targetText(doc, rules.target)) : scored(before, choice),
      );
      return config.metrics?.some(({ metric }) => metric === 'acc_mutual_info') === true
        ? [...asked, ...choices.map((choice) => scored('', choice))]
        : asked;
    }
    const only = context(pythonStr(fields.text(doc, rules.text)), config.targetDelimiter);
    if (config.outputType === 'loglikelihood')
      return [{ type: 'loglikelihood', context: only, continuation: fields.targetText(doc, rules.target) }];
    return [{ type: 'generate_until', context: only, generation: { ...config.generation, ...settings.generation } }];
  }

  /** In a chat the answer's turn begins with the choice, unless a prefix stands there already. */
  #choiceDelimiter({ asChat }: PromptSettings): string {
    const { targetDelimiter, generationPrefix = '' } = this.#parts.config;
    if (asChat !== true) return targetDelimiter;
    return generationPrefix !== '' && !isPythonSpace(generationPrefix.slice(-1)) ? targetDelimiter : '';
  }

  async #sampler(seed: number): Promise<FewShotSampler> {
    const { config } = this.#parts;
    const pool = await this.#examples();
    const { indices } = config.fewshot;
    const chosen = indices === undefined || indices.length === 0 ? pool : indices.map((index) => this.#exampleAt(pool, index));
    return fewShotSampler(config.fewshot.sampler, config.task, chosen, seed);
  }

  /** A negative place counts from the end. */
  #exampleAt(pool: readonly Doc[], index: number): Doc {
    const example = pool.at(index);
    if (example !== undefined) return example;
    throw new LmdeckError(
      'config',
      `task ${this.name}: fewshot_indices has ${index}, but there are only ${pool.length} documents to take examples from.`,
    );
  }

  /** Where examples come from: the split that is named, given samples, the training split, the validation split, the test split. */
  async #examples(): Promise<readonly Doc[]> {
    const { config, samples, processDocs, processFewshotDocs } = this.#parts;
    const { split } = config.fewshot;
    if (split !== undefined) return collected(processed(this.#split(split), processFewshotDocs, this.name));
    if (samples !== undefined && samples !== null)
      return docsOf(typeof samples === 'function' ? await samples() : samples, this.name, 'fewshot_config.samples');
    const fallback = config.trainingSplit ?? config.validationSplit ?? config.testSplit;
    if (fallback === undefined)
      throw new LmdeckError('config', `task ${this.name}: few-shot examples need a fewshot_split or a training_split.`);
    return collected(processed(this.#split(fallback), processDocs, this.name));
  }

  async *#docs(): AsyncIterable<Doc> {
    const { config, processDocs } = this.#parts;
    const split = config.testSplit ?? config.validationSplit;
    if (split === undefined) throw new LmdeckError('config', `task ${this.name}: needs a test_split or a validation_split.`);
    if (processDocs === undefined) yield* this.#split(split).rows();
    // `process_docs` wants all documents at once: what it made is kept, for they are gone through more than once.
    else yield* await (this.#processed ??= collected(processed(this.#split(split), processDocs, this.name)));
  }

  #split(name: string): Split {
    const splits = (this.#splits ??= this.#open());
    const split = splits.get(name);
    if (split !== undefined) return split;
    throw new LmdeckError(
      'config',
      `task ${this.name}: its data has no split "${name}"; it has ${[...splits.keys()].join(', ') || 'none'}.`,
    );
  }

  #open(): ReadonlyMap<string, Split> {
    const { config, data } = this.#parts;
    const { datasetPath, datasetName, datasetOptions, folder, customDataset } = config;
    if (customDataset !== undefined) return splitsOfFunction(customDataset, config);
    if (datasetPath === undefined) throw new LmdeckError('config', `task ${this.name}: dataset_path is missing.`);
    const { data_files: files, data_dir: directory, delimiter, column_names: columnNames, field } = datasetOptions;
    return openSplits({
      path: data.folders?.[datasetPath] ?? (typeof directory === 'string' && files === undefined ? directory : datasetPath),
      name: datasetName,
      dataFiles: files === undefined || files === null ? undefined : dataFiles(files, this.name),
      formatOptions: {
        ...(typeof delimiter === 'string' ? { delimiter } : {}),
        ...(Array.isArray(columnNames) ? { columnNames: columnNames.map(String) } : {}),
        ...(typeof field === 'string' ? { field } : {}),
      },
      base: folder,
    });
  }
}

/** What is the same for all documents of a task. */
interface Shape {
  readonly fields: DocFields;
  /** The choices are contexts, and what follows is the same for all. */
  readonly multipleInputs: boolean;
  /** Several answers are right. */
  readonly multipleTargets: boolean;
}

function contextOf(turns: readonly PromptTurn[], { asChat, fewshotAsTurns }: PromptSettings): TaskContext {
  if (asChat !== true) return turnsAsText(turns);
  return fewshotAsTurns === false ? collapsedTurns(turns) : turns;
}

function loglikelihoodOf(response: unknown): Loglikelihood {
  if (
    typeof response === 'object' &&
    response !== null &&
    'logprob' in response &&
    'isGreedy' in response &&
    typeof response.logprob === 'number'
  )
    return { logprob: response.logprob, isGreedy: response.isGreedy === true };
  throw new LmdeckError('internal', `a log-likelihood was expected, not ${JSON.stringify(response)}.`);
}

/** The rows of a split after `process_docs`, which wants them all at once. */
async function* processed(split: Split, process: Callback | undefined, task: string): AsyncIterable<Doc> {
  if (process === undefined) yield* split.rows();
  else yield* docsOf(await called(`task ${task}: process_docs`, process, await collected(split.rows())), task, 'process_docs');
}

/** What a function of the task gives. @throws LmdeckError `config` for what it throws, with its name. */
async function called(where: string, callback: Callback, ...args: readonly unknown[]): Promise<unknown> {
  try {
    return await callback(...args);
  } catch (error) {
    throw ofTask(error, where);
  }
}

async function collected(rows: AsyncIterable<Doc>): Promise<readonly Doc[]> {
  const docs: Doc[] = [];
  for await (const row of rows) docs.push(row);
  return docs;
}

function docsOf(value: unknown, task: string, name: string): readonly Doc[] {
  if (Array.isArray(value) && value.every(isDoc)) return value;
  throw new LmdeckError('config', `task ${task}: ${name} must give a list of objects.`);
}

function isDoc(value: unknown): value is Doc {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isItems(value: MetricItem | Readonly<Record<string, MetricItem>>): value is MetricItem {
  return Array.isArray(value);
}

/** A dataset that is made by a function: rows by split. */
function splitsOfFunction(make: TaskCallback, config: TaskConfig): ReadonlyMap<string, Split> {
  const names = new Set(
    [config.testSplit, config.validationSplit, config.trainingSplit, config.fewshot.split].filter((name) => name !== undefined),
  );
  const load = async (): Promise<unknown> => {
    const callback = make instanceof TaskFunction ? await make.load() : make;
    return callback({ ...plainFields(config.metadata), ...plainFields(config.datasetOptions) });
  };
  let loading: Promise<unknown> | undefined;
  const rows = async function* (name: string): AsyncIterable<Doc> {
    const made = await (loading ??= load());
    const split: unknown = typeof made === 'object' && made !== null ? Reflect.get(made, name) : undefined;
    yield* docsOf(split, config.task, `custom_dataset: ${name}`);
  };
  return new Map(Array.from(names, (name) => [name, { source: `custom_dataset (${name})`, rows: () => rows(name) }]));
}

/** `data_files`: a path, several, or both by split. */
function dataFiles(value: TaskValue, task: string): Readonly<Record<string, readonly string[]>> {
  if (typeof value === 'string' || Array.isArray(value)) return { train: texts(value, task) };
  if (!isFields(value))
    throw new LmdeckError('config', `task ${task}: dataset_kwargs.data_files must be a path, a list of paths, or both by split.`);
  return Object.fromEntries(Object.entries(value).map(([split, files]) => [split, texts(files, task)]));
}

function texts(value: TaskValue, task: string): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((each: TaskValue) => {
    if (typeof each === 'string') return each;
    throw new LmdeckError('config', `task ${task}: dataset_kwargs.data_files must be paths.`);
  });
}

async function loaded(callback: TaskCallback | undefined): Promise<Callback | undefined> {
  return callback instanceof TaskFunction ? callback.load() : callback;
}

/** A step of a filter pipeline with its functions. */
async function loadedStep(step: TaskFields | Filter): Promise<FilterPipelineDefinition['filter'][number]> {
  if (typeof step === 'function') return step;
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(step)) settings[name] = value instanceof TaskFunction ? await value.load() : value;
  const { function: name } = step;
  if (typeof name !== 'string') throw new LmdeckError('config', 'filter_list: every filter needs a "function".');
  return { ...settings, function: name };
}

function plainFields(fields: TaskFields): Readonly<Record<string, PythonValue>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}

/** A value as results files show it: a function by its name. */
function plain(value: TaskValue | Callback): PythonValue {
  if (value instanceof TaskFunction) return value.toString();
  if (typeof value === 'function') return `function ${value.name}`;
  if (Array.isArray(value)) return value.map(plain);
  if (isFields(value)) return plainFields(value);
  return isValue(value) ? value : null;
}

function isValue(value: TaskValue): value is PythonValue {
  return !(value instanceof TaskFunction) && !isFields(value) && !Array.isArray(value);
}
