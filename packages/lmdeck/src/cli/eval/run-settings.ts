import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import { parseArgumentString } from '../../scoring/index.ts';
import type { ParsedOptions } from '../args/parsed-options.ts';
import type { CliIo } from '../io/cli-io.ts';
import { isPath, taskWords } from './find-tasks.ts';
import type { ModelArgs } from './model-args.ts';
import type { EvalSettings } from './run-record.ts';
import { dataFolders, includePaths } from './task-options.ts';

/** Settings as far as a command line gives them. */
export type GivenSettings = Partial<EvalSettings>;

/**
 * The settings that options give, of those that decide about requests. The model comes apart: it needs the deck.
 * @throws LmdeckError `usage`
 */
export function givenSettings(args: readonly string[], options: ParsedOptions, io: CliIo, fromArgs: ModelArgs): GivenSettings {
  const stray = args.find((word) => word.includes('='));
  if (stray !== undefined)
    throw new LmdeckError('usage', `"${stray}": several arguments of one option are joined by commas (--model_args a=1,b=2).`);
  const words = taskWords([...options.texts('tasks'), ...args]).map((word) => (isPath(word) ? resolve(word) : word));
  const include = includePaths(options, io.env).map((path) => resolve(path));
  const data = dataFolders(options);
  const seeds = seedsOf(options.text('seed'));
  const truncate = options.text('truncate');
  if (truncate !== undefined && truncate !== 'left' && truncate !== 'refuse')
    throw new LmdeckError('usage', `--truncate is left or refuse, not "${truncate}".`);
  const generation = options.text('genKwargs');
  if (generation !== undefined) generationOf(generation);
  const tokenizer = options.text('tokenizer');
  const given: { -readonly [K in keyof EvalSettings]?: EvalSettings[K] | undefined } = {
    ...fromArgs.settings,
    tasks: words.length === 0 ? undefined : words,
    include: words.some((word) => !isPath(word)) && include.length > 0 ? include : undefined,
    data: Object.keys(data).length === 0 ? undefined : data,
    numFewshot: options.integer('numFewshot'),
    limit: limitOf(options.text('limit')),
    samples: samplesOf(options.text('samples')),
    generation,
    systemInstruction: options.text('systemInstruction'),
    chat: boolOf('apply_chat_template', options, 'applyChatTemplate') ?? (options.flag('chatLabels') ? true : undefined),
    chatLabels: options.flag('chatLabels') ? (options.integer('chatLabels', 1) ?? 20) : undefined,
    fewshotAsTurns: boolOf('fewshot_as_multiturn', options, 'fewshotAsMultiturn'),
    truncate,
    predictOnly: options.flag('predictOnly') ? true : undefined,
    ...defined({
      seed: seeds?.generation,
      fewshotSeed: seeds?.fewshot,
      thinkEnd: options.text('thinkEnd'),
      maxLength: options.integer('maxLength', 1),
      prefixToken: options.integer('prefixToken'),
      tokenizer: tokenizer === undefined ? undefined : existsSync(tokenizer) ? resolve(tokenizer) : tokenizer,
    }),
  };
  if (given.limit !== undefined && given.samples !== undefined) throw new LmdeckError('usage', '--limit and --samples exclude each other.');
  return defined(given);
}

/** `--gen_kwargs` as options: `a=1,b=2`, or a JSON object. @throws LmdeckError `usage` */
export function generationOf(text: string): ReturnType<typeof parseArgumentString> {
  if (!text.trimStart().startsWith('{')) {
    const bad = text.split(',').find((pair) => !pair.includes('=') && pair.trim() !== '');
    if (bad !== undefined)
      throw new LmdeckError('usage', `--gen_kwargs takes NAME=VALUE,…: "${bad.trim()}" has no "=". Use JSON for lists.`);
    return parseArgumentString(text);
  }
  const value = json('--gen_kwargs', text);
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new LmdeckError('usage', '--gen_kwargs must be an object.');
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const limit = Number(text);
  if (text.trim() !== '' && limit > 0 && (limit < 1 || Number.isInteger(limit))) return limit;
  throw new LmdeckError('usage', `--limit takes a whole number of at least 1, or a share between 0 and 1, not "${text}".`);
}

function samplesOf(text: string | undefined): Readonly<Record<string, readonly number[]>> | undefined {
  if (text === undefined) return undefined;
  const value = json('--samples', text);
  const entries: readonly [string, unknown][] =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const samples = Object.fromEntries(entries.flatMap(([task, ids]) => (isIds(ids) ? [[task, ids] as const] : [])));
  if (entries.length > 0 && Object.keys(samples).length === entries.length) return samples;
  throw new LmdeckError('usage', `--samples takes a JSON object of document numbers by task, {"task": [0, 7]}, not ${text}.`);
}

function isIds(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((id) => Number.isInteger(id) && id >= 0);
}

function json(option: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LmdeckError('usage', `${option} is no JSON: ${LmdeckError.from(error).message}`, { cause: error });
  }
}

function seedsOf(text: string | undefined): { readonly generation?: number; readonly fewshot?: number } | undefined {
  if (text === undefined) return undefined;
  const given = text.split(',').map((part) => part.trim());
  const valid = (given.length === 1 || given.length === 3 || given.length === 4) && given.every((part) => /^\d+$|^none$/i.test(part));
  if (!valid) throw new LmdeckError('usage', `--seed takes one whole number, or four (python,numpy,torch,fewshot), not "${text}".`);
  const seeds = given.length === 1 ? Array.from({ length: 4 }, () => given[0] ?? '') : given;
  const seed = (place: number): number | undefined => (/^\d+$/.test(seeds[place] ?? '') ? Number(seeds[place]) : undefined);
  const [generation, fewshot] = [seed(2), seed(3)];
  return { ...(generation === undefined ? {} : { generation }), ...(fewshot === undefined ? {} : { fewshot }) };
}

function boolOf(name: string, options: ParsedOptions, key: string): boolean | undefined {
  if (!options.flag(key)) return undefined;
  const text = options.text(key)?.toLowerCase() ?? 'true';
  if (['true', '1', 'yes'].includes(text)) return true;
  if (['false', '0', 'no'].includes(text)) return false;
  throw new LmdeckError('usage', `--${name} is true or false, not "${text}". The model's own template is the one that is used.`);
}

/** Without fields that are `undefined`. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (isDefined(value)) kept[key] = value;
  }
  return kept;
}

function isDefined<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined;
}
