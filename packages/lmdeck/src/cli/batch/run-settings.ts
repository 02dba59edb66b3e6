import { isAbsolute, join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { canonicalJson, didYouMean, LmdeckError, sha256, type JsonObject, type JsonSchema, type LanguageModel } from '../../core/index.ts';
import { isTable, JOINS, OUTPUT_FORMATS, SOURCE_FORMATS, type BatchPlan, type OutputFormat } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { modelOptions } from '../prompt/model-options.ts';
import type { BatchSettings } from './batch-record.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What the file that `--config` names says of a run; nothing without one. */
export async function configured(options: ParsedOptions, io: CliIo): Promise<BatchPlan> {
  const path = options.text('config');
  if (path === undefined) return {};
  const { readBatch } = await import('../../batch/index.ts');
  return readBatch(path, { onWarning: (message) => io.note(`Warning: ${message}`) });
}

/** What a command line says about a run, over what a file says. @throws LmdeckError `usage`, `unknown-model` */
export async function runSettings(
  command: string,
  source: string | undefined,
  options: ParsedOptions,
  deck: Deck,
  env: Readonly<Record<string, string | undefined>>,
  plan: BatchPlan = {},
): Promise<BatchSettings> {
  const rows = source === undefined || source === '-' ? (source ?? plan.source) : resolve(source);
  if (rows === undefined)
    throw new LmdeckError(
      'usage',
      `lmdeck batch ${command}: name the file with the rows, or - for stdin. See lmdeck batch ${command} --help.`,
    );
  const settings: Writable<BatchSettings> = { source: rows };
  const set = <K extends keyof BatchSettings>(name: K, value: BatchSettings[K] | undefined): void => {
    if (value !== undefined && value !== false) settings[name] = value;
  };
  const named = options.text('model') ?? plan.model;
  const model = await modelName(named, deck);
  set('model', model);
  set('lineModels', plan.lineModels ?? (named === undefined && !env['LMDECK_MODEL']));
  set('from', choice(options, 'from', SOURCE_FORMATS) ?? plan.from);
  set('sql', options.text('sql') ?? plan.sql);
  set('template', options.text('template') ?? plan.template);
  set('system', options.text('system') ?? plan.system);
  set('options', await checkedOptions(plan.options, options.pairs('option'), model, deck));
  set('schema', (await schemaOf(options)) ?? plan.schema);
  const samples = options.integer('samples', 1) ?? plan.samples;
  if (samples !== 1) set('samples', samples);
  set('limit', options.integer('limit', 1) ?? plan.limit);
  if (options.flag('rowSettings')) settings.rowSettings = true;
  else if (plan.rowSettings !== undefined) settings.rowSettings = plan.rowSettings;
  set('asCompleted', options.flag('asCompleted') || plan.asCompleted);
  set('offline', options.flag('offline') || plan.offline);
  Object.assign(settings, outputSettings(options, plan));
  return settings;
}

/** Where a command line says that outcomes go, over what was said before. @throws LmdeckError `usage` */
export function outputSettings(
  options: ParsedOptions,
  before: Pick<BatchPlan, 'output' | 'format' | 'join' | 'keep'> = {},
): Pick<BatchSettings, 'output' | 'format' | 'join' | 'keep'> {
  const given = options.text('output');
  const output = given === undefined ? before.output : given === '-' ? '-' : resolve(given);
  // A format that was meant for another file is none for this one.
  const kept = given === undefined || before.output === output ? before.format : undefined;
  const format = choice(options, 'format', OUTPUT_FORMATS) ?? kept ?? (output === undefined ? undefined : formatOf(output));
  if (output === '-' && isTable(format))
    throw new LmdeckError('usage', `Outcomes are printed as lines of JSON: for ${format} name a file, -o out.${format}`);
  const join = choice(options, 'join', JOINS) ?? before.join;
  const columns = options.text('keep');
  const keep = columns === undefined ? before.keep : columns.split(',').map((name) => name.trim());
  return {
    ...(output === undefined ? {} : { output }),
    ...(format === undefined ? {} : { format }),
    ...(join === undefined ? {} : { join }),
    ...(keep === undefined ? {} : { keep }),
  };
}

/** What is kept of a model: its id; of one that a file describes that file, because its options are in there. */
async function modelName(given: string | JsonObject | undefined, deck: Deck): Promise<string | undefined> {
  const named = given ?? (await defaultModel(deck));
  if (named === undefined) return undefined;
  if (typeof named === 'string') {
    // Where nothing was named, a mistake says who chose the model.
    const id = await deck.resolve(given === undefined ? undefined : named);
    return /\.(?:ya?ml|json)$/i.test(named) && existsSync(named) ? absolute(named) : id;
  }
  const path = join(deck.paths.home, 'batches', 'models', `${sha256(canonicalJson(named)).slice(0, 16)}.json`);
  if (!existsSync(path)) {
    const [{ writeDataFile }, { mkdir }] = await Promise.all([import('../../deck/configure/index.ts'), import('node:fs/promises')]);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    await writeDataFile(path, named);
  }
  await deck.resolve(path);
  return path;
}

function absolute(path: string): string {
  return isAbsolute(path) ? path : resolve(path);
}

/** Options as the model takes them: a wrong one is told before the first row. @throws LmdeckError `usage` */
async function checkedOptions(
  before: JsonObject | undefined,
  pairs: readonly (readonly [string, string])[],
  name: string | undefined,
  deck: Deck,
): Promise<JsonObject | undefined> {
  if (pairs.length === 0 && before === undefined) return undefined;
  const model: LanguageModel | undefined = name === undefined ? undefined : await deck.model(name);
  const options = { ...before, ...modelOptions(pairs, model ?? {}) };
  return model === undefined ? options : model.prompt('', { options }).prompt.options;
}

async function defaultModel(deck: Deck): Promise<string | undefined> {
  try {
    return await deck.defaultModel();
  } catch (error) {
    // Rows may name theirs.
    if (LmdeckError.isInstance(error) && error.code === 'config') return undefined;
    throw error;
  }
}

async function schemaOf(options: ParsedOptions): Promise<JsonSchema | undefined> {
  const input = options.text('schema');
  if (input === undefined) return undefined;
  const { schemaInput } = await import('../prompt/schema-input.ts');
  return schemaInput(input);
}

/** What other tools write in other ways: lines of JSON would be none of them. */
const NOT_WRITTEN = /\.(?:arrow|db|feather|gz|json|sqlite3?|tsv|xlsx?|zip|zst)$/i;

function formatOf(output: string): OutputFormat | undefined {
  if (output.endsWith('.csv')) return 'csv';
  if (output.endsWith('.parquet')) return 'parquet';
  const [ending] = NOT_WRITTEN.exec(output) ?? [];
  if (ending === undefined) return undefined;
  throw new LmdeckError(
    'usage',
    `${output}: outcomes are written as .jsonl, .csv or .parquet, not as ${ending}. Name the file so, or say what goes into it: --format jsonl`,
  );
}

function choice<T extends string>(options: ParsedOptions, name: string, known: readonly T[]): T | undefined {
  const given = options.text(name);
  if (given === undefined) return undefined;
  const found = known.find((each) => each === given);
  if (found !== undefined) return found;
  throw new LmdeckError('usage', `--${name} takes ${known.join(', ')}, not "${given}".${didYouMean(given, known)}`);
}
