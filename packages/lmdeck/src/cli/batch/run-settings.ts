import { resolve } from 'node:path';
import { didYouMean, LmdeckError, type JsonObject, type JsonSchema, type LanguageModel } from '../../core/index.ts';
import { OUTPUT_FORMATS, SOURCE_FORMATS, type JoinKind, type OutputFormat, type SourceFormat } from '../../batch/index.ts';
import type { Deck } from '../../deck/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import { modelOptions } from '../prompt/model-options.ts';
import type { BatchSettings } from './batch-record.ts';

const JOINS: readonly JoinKind[] = ['nested', 'flat', 'none'];

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What a command line says about a run. @throws LmdeckError `usage`, `unknown-model` */
export async function runSettings(
  source: string,
  options: ParsedOptions,
  deck: Deck,
  env: Readonly<Record<string, string | undefined>>,
): Promise<BatchSettings> {
  const settings: Writable<BatchSettings> = { source: source === '-' ? '-' : resolve(source) };
  const from = choice<SourceFormat>(options, 'from', SOURCE_FORMATS);
  const join = choice<JoinKind>(options, 'join', JOINS);
  const given = options.text('model') ?? (env['LMDECK_MODEL'] === '' ? undefined : env['LMDECK_MODEL']);
  const named = given ?? (await defaultModel(deck));
  if (from !== undefined) settings.from = from;
  if (named !== undefined) settings.model = await deck.resolve(named);
  if (given === undefined) settings.lineModels = true;
  const [sql, template, system] = [options.text('sql'), options.text('template'), options.text('system')];
  if (sql !== undefined) settings.sql = sql;
  if (template !== undefined) settings.template = template;
  if (system !== undefined) settings.system = system;
  const pairs = options.pairs('option');
  if (pairs.length > 0)
    settings.options = checkedOptions(pairs, settings.model === undefined ? undefined : await deck.model(settings.model));
  const schema = await schemaOf(options);
  if (schema !== undefined) settings.schema = schema;
  const [samples, limit] = [options.integer('samples', 1), options.integer('limit', 1)];
  if (samples !== undefined && samples > 1) settings.samples = samples;
  if (limit !== undefined) settings.limit = limit;
  if (options.flag('rowSettings')) settings.rowSettings = true;
  if (options.flag('asCompleted')) settings.asCompleted = true;
  if (join !== undefined) settings.join = join;
  const keep = options.text('keep');
  if (keep !== undefined) settings.keep = keep.split(',').map((name) => name.trim());
  const output = options.text('output');
  if (output !== undefined) settings.output = output === '-' ? '-' : resolve(output);
  const format = choice<OutputFormat>(options, 'format', OUTPUT_FORMATS) ?? (output === undefined ? undefined : formatOf(output));
  if (format !== undefined) settings.format = format;
  return settings;
}

/** Options as the model takes them: a wrong one is told before the first row. @throws LmdeckError `usage` */
function checkedOptions(pairs: readonly (readonly [string, string])[], model: LanguageModel | undefined): JsonObject {
  const options = modelOptions(pairs, model ?? {});
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

function formatOf(output: string): OutputFormat | undefined {
  if (output.endsWith('.csv')) return 'csv';
  return output.endsWith('.parquet') ? 'parquet' : undefined;
}

function choice<T extends string>(options: ParsedOptions, name: string, known: readonly T[]): T | undefined {
  const given = options.text(name);
  if (given === undefined) return undefined;
  const found = known.find((each) => each === given);
  if (found !== undefined) return found;
  throw new LmdeckError('usage', `--${name} takes ${known.join(', ')}, not "${given}".${didYouMean(given, known)}`);
}
