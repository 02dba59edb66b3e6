import { isAbsolute } from 'node:path';
import { didYouMean, LmdeckError } from '../../core/index.ts';
import { PythonFloat, type PythonValue } from '../../python/index.ts';
import type { Filter } from '../filters/filter.ts';
import type { OutputType } from '../metrics/built-in-metrics.ts';
import { isFields, type TaskFields, type TaskValue } from './task-file.ts';
import { TaskFunction } from './task-function.ts';

/** A function of a task, in a module or in code. */
export type TaskCallback = TaskFunction | ((...args: readonly unknown[]) => unknown);

/** How a part of a prompt comes out of a document: a column, a template, a fixed value, or a function of the document. */
export type FieldRule = PythonValue | TaskCallback;

/** How few-shot examples differ from the document that is asked. */
interface FewShotConfig {
  readonly sampler: string;
  readonly split: string | undefined;
  readonly indices: readonly number[] | undefined;
  /** The examples themselves, or a function that gives them. */
  readonly samples: PythonValue | TaskCallback;
  readonly processDocs: TaskCallback | undefined;
  readonly docToText: FieldRule;
  readonly docToTarget: FieldRule;
  readonly docToChoice: FieldRule;
  readonly generationPrefix: string | undefined;
  readonly fewshotDelimiter: string;
  readonly targetDelimiter: string;
}

/** One entry of `metric_list`. */
export interface MetricConfig {
  readonly metric: string | TaskCallback;
  readonly aggregation: string | TaskCallback | undefined;
  readonly higherIsBetter: boolean | undefined;
  /** Everything else: arguments of the metric. */
  readonly options: TaskFields;
}

/** One entry of `filter_list`. */
interface FilterConfig {
  readonly name: string;
  readonly filter: readonly (TaskFields | Filter)[];
}

/** A task as its file says it, defaults filled in. Field names of the file in brackets where they differ. */
export interface TaskConfig {
  readonly task: string;
  readonly alias: string | undefined;
  readonly tags: readonly string[];
  readonly outputType: OutputType;
  readonly datasetPath: string | undefined;
  readonly datasetName: string | undefined;
  readonly datasetOptions: TaskFields;
  readonly customDataset: TaskCallback | undefined;
  readonly trainingSplit: string | undefined;
  readonly validationSplit: string | undefined;
  readonly testSplit: string | undefined;
  readonly processDocs: TaskCallback | undefined;
  readonly docToText: FieldRule;
  readonly docToTarget: FieldRule;
  readonly docToChoice: FieldRule;
  readonly processResults: TaskCallback | undefined;
  readonly description: FieldRule;
  readonly targetDelimiter: string;
  readonly fewshotDelimiter: string;
  readonly generationPrefix: string | undefined;
  readonly fewshot: FewShotConfig;
  readonly numFewshot: number | undefined;
  readonly metrics: readonly MetricConfig[] | undefined;
  readonly generation: Readonly<Record<string, PythonValue>> | undefined;
  readonly repeats: number;
  readonly filters: readonly FilterConfig[] | undefined;
  readonly metadata: TaskFields;
  /** The fields as they were given: what results files show. */
  readonly fields: TaskFields;
  /** What relative paths start from. */
  readonly folder: string;
  /** The file that says so; `undefined` for a task in code or inside of a group. */
  readonly file: string | undefined;
}

const OUTPUT_TYPES: readonly OutputType[] = ['loglikelihood', 'loglikelihood_rolling', 'multiple_choice', 'generate_until'];

/** Fields that lm-evaluation-harness has and that mean nothing here or are handled elsewhere. */
const PASSED_OVER = [
  'group',
  'task_list',
  'unsafe_code',
  'should_decontaminate',
  'doc_to_decontamination_query',
  'doc_to_image',
  'doc_to_audio',
  'use_prompt',
  'class',
  'dataset_kwargs',
  'download_dataset',
];

/**
 * The typed form of a task's fields.
 *
 * @param where the file, for messages.
 * @throws LmdeckError `config` naming the field.
 */
export function taskConfig(fields: TaskFields, where: string, folder: string): TaskConfig {
  const read = new FieldReader(fields, where);
  const outputType = read.oneOf('output_type', OUTPUT_TYPES, 'generate_until');
  const fewshotDelimiter = read.text('fewshot_delimiter') ?? '\n\n';
  const base = {
    processDocs: read.callback('process_docs'),
    docToText: read.rule('doc_to_text'),
    docToTarget: read.rule('doc_to_target'),
    docToChoice: read.rule('doc_to_choice'),
    targetDelimiter: read.text('target_delimiter') ?? ' ',
    fewshotDelimiter,
    generationPrefix: read.text('gen_prefix'),
  };
  read.unsupported(['doc_to_image', 'doc_to_audio'], 'tasks with images or audio cannot be run yet');
  read.unsupported(['use_prompt'], 'promptsource templates are not supported; write the template into doc_to_text and doc_to_target');
  read.unsupported(['class'], 'tasks that are Python classes cannot be run; define the task in code with defineTask');
  const config: TaskConfig = {
    ...base,
    task: read.text('task') ?? read.fail('task', 'is missing: it is the name of the task'),
    alias: read.text('task_alias'),
    tags: read.texts('tag'),
    outputType,
    datasetPath: read.text('dataset_path'),
    datasetName: read.text('dataset_name'),
    datasetOptions: read.fields('dataset_kwargs'),
    customDataset: read.callback('custom_dataset'),
    trainingSplit: read.text('training_split'),
    validationSplit: read.text('validation_split'),
    testSplit: read.text('test_split'),
    processResults: read.callback('process_results'),
    description: read.rule('description') ?? '',
    fewshot: fewShotConfig(read, base),
    numFewshot: read.count('num_fewshot'),
    metrics: metricConfigs(read),
    generation: generationConfig(read, outputType, fewshotDelimiter),
    repeats: read.count('repeats') ?? 1,
    filters: filterConfigs(read),
    metadata: read.fields('metadata'),
    fields,
    folder,
    file: isAbsolute(where) ? where : undefined,
  };
  read.finish(PASSED_OVER);
  return config;
}

type Base = Pick<
  TaskConfig,
  'processDocs' | 'docToText' | 'docToTarget' | 'docToChoice' | 'targetDelimiter' | 'fewshotDelimiter' | 'generationPrefix'
>;

/** What the examples do not say about themselves they have from the task. */
function fewShotConfig(read: FieldReader, base: Base): FewShotConfig {
  const own = read.inner('fewshot_config');
  const config: FewShotConfig = {
    sampler: own.text('sampler') ?? 'default',
    split: own.text('split') ?? read.text('fewshot_split'),
    indices: own.numbers('fewshot_indices'),
    samples: own.rule('samples'),
    processDocs: own.callback('process_docs') ?? base.processDocs,
    docToText: own.rule('doc_to_text') ?? base.docToText,
    docToTarget: own.rule('doc_to_target') ?? base.docToTarget,
    docToChoice: own.rule('doc_to_choice') ?? base.docToChoice,
    generationPrefix: own.text('gen_prefix') ?? base.generationPrefix,
    fewshotDelimiter: own.text('fewshot_delimiter') ?? base.fewshotDelimiter,
    targetDelimiter: own.text('target_delimiter') ?? base.targetDelimiter,
  };
  own.finish([]);
  return config;
}

function metricConfigs(read: FieldReader): readonly MetricConfig[] | undefined {
  return read.list('metric_list')?.map((entry, i) => {
    const { metric, aggregation, higher_is_better: higherIsBetter, hf_evaluate: _hf, ...options } = isFields(entry) ? entry : {};
    if (typeof metric !== 'string' && !isCallback(metric)) return read.fail(`metric_list[${i}]`, 'needs a metric');
    return {
      metric,
      aggregation: typeof aggregation === 'string' || isCallback(aggregation) ? aggregation : undefined,
      higherIsBetter: typeof higherIsBetter === 'boolean' ? higherIsBetter : undefined,
      options,
    };
  });
}

function filterConfigs(read: FieldReader): readonly FilterConfig[] | undefined {
  return read.list('filter_list')?.map((entry, i) => {
    const { name, filter } = isFields(entry) ? entry : {};
    if (typeof name !== 'string' || !Array.isArray(filter)) return read.fail(`filter_list[${i}]`, 'needs a name and a list of filters');
    return {
      name,
      filter: filter.map((each: TaskValue) => (isFields(each) ? each : read.fail(`filter_list[${i}]`, 'has a filter that is no mapping'))),
    };
  });
}

function generationConfig(read: FieldReader, outputType: OutputType, delimiter: string): Readonly<Record<string, PythonValue>> | undefined {
  if (read.has('generation_kwargs')) {
    const given = plainFields(read, 'generation_kwargs');
    const { temperature } = given;
    const heated = typeof temperature === 'number' && Number.isInteger(temperature) ? { temperature: new PythonFloat(temperature) } : {};
    return { ...given, ...heated, ...('until' in given ? {} : { until: [delimiter] }) };
  }
  if (outputType !== 'generate_until') return undefined;
  return { until: [delimiter], do_sample: false, temperature: new PythonFloat(0), max_gen_toks: 256 };
}

function plainFields(read: FieldReader, name: string): Readonly<Record<string, PythonValue>> {
  const plain: Record<string, PythonValue> = {};
  for (const [key, value] of Object.entries(read.fields(name)))
    plain[key] = isPlain(value) ? value : read.fail(`${name}.${key}`, 'cannot be a function');
  return plain;
}

function isPlain(value: TaskValue): value is PythonValue {
  if (value instanceof TaskFunction) return false;
  if (Array.isArray(value)) return value.every(isPlain);
  return isFields(value) ? Object.values(value).every(isPlain) : true;
}

/** True for a function of a module or of the program. */
function isCallback(value: unknown): value is TaskCallback {
  return value instanceof TaskFunction || typeof value === 'function';
}

/** Fields by type; what nobody asks for is a mistake. */
class FieldReader {
  readonly #fields: TaskFields;
  readonly #where: string;
  readonly #asked = new Set<string>();

  constructor(fields: TaskFields, where: string) {
    this.#fields = fields;
    this.#where = where;
  }

  has(name: string): boolean {
    this.#asked.add(name);
    return (this.#fields[name] ?? null) !== null;
  }

  fail(name: string, problem: string): never {
    throw new LmdeckError('config', `${this.#where}: ${name} ${problem}${problem.endsWith('?') ? '' : '.'}`);
  }

  unsupported(names: readonly string[], problem: string): void {
    for (const name of names) if (this.has(name)) this.fail(name, `cannot be used: ${problem}`);
  }

  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    return typeof value === 'number' ? String(value) : this.fail(name, 'must be text');
  }

  texts(name: string): readonly string[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    const list = Array.isArray(value) ? value : [value];
    return list.map((each: TaskValue) => (typeof each === 'string' ? each : this.fail(name, 'must be text or a list of texts')));
  }

  count(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= 0)) return value;
    return this.fail(name, 'must be a whole number of at least 0');
  }

  numbers(name: string): readonly number[] | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.fail(name, 'must be a list of whole numbers');
    return value.map((each: TaskValue) => (typeof each === 'number' ? each : this.fail(name, 'must be a list of whole numbers')));
  }

  list(name: string): readonly TaskValue[] | undefined {
    const value = this.#value(name);
    if (value === undefined || Array.isArray(value)) return value;
    return this.fail(name, 'must be a list');
  }

  fields(name: string): TaskFields {
    const value = this.#value(name);
    if (value === undefined) return {};
    return isFields(value) ? value : this.fail(name, 'must be a mapping');
  }

  inner(name: string): FieldReader {
    return new FieldReader(this.fields(name), `${this.#where}: ${name}`);
  }

  callback(name: string): TaskCallback | undefined {
    const value: unknown = this.#value(name);
    return value === undefined || isCallback(value) ? value : this.fail(name, 'must be a function (!function module.name)');
  }

  rule(name: string): FieldRule {
    const value = this.#value(name);
    return value === undefined || isCallback(value) || isPlain(value) ? value : this.fail(name, 'must be text, a value or a function');
  }

  oneOf<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    return choices.find((each) => each === value) ?? this.fail(name, `must be one of ${choices.join(', ')}, not ${JSON.stringify(value)}`);
  }

  /** @throws LmdeckError `config` for fields that nobody asked for. */
  finish(passedOver: readonly string[]): void {
    for (const name of Object.keys(this.#fields)) {
      if (!this.#asked.has(name) && !passedOver.includes(name))
        this.fail(name, `is no field that is known here.${didYouMean(name, [...this.#asked])}`);
    }
  }

  /** `null` is as good as absent. */
  #value(name: string): Exclude<TaskValue, null> | undefined {
    this.#asked.add(name);
    return this.#fields[name] ?? undefined;
  }
}
