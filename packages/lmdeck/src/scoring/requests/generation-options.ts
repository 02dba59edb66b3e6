import { LmdeckError } from '../../core/index.ts';
import { isPythonList, PythonFloat, type PythonValue } from '../../python/index.ts';

/** Generation options under the names that evaluation tasks use, all in one form. */
export interface GenerationOptions {
  /** Stop sequences. */
  readonly until: readonly PythonValue[];
  /** The most tokens to generate. */
  readonly max_gen_toks: number;
  /** False: the likeliest token is taken every time. */
  readonly do_sample: boolean;
  readonly [option: string]: PythonValue;
}

/** What {@link normalizeGenerationOptions} made of the options, and what it had to decide. */
export interface NormalizedGeneration {
  readonly options: GenerationOptions;
  readonly warnings: readonly string[];
}

/** The names for the most tokens to generate; the first one that is given counts. */
const limits = ['max_gen_toks', 'max_new_tokens', 'max_tokens', 'max_completion_tokens'];

/**
 * Brings `generation_kwargs` of a task into one form, as `normalize_gen_kwargs` of lm-evaluation-harness 0.4.13 does: one name for the
 * token limit, `until` as a list, sampling on when a temperature above zero is given, temperature 0 when sampling is off.
 *
 * @throws LmdeckError `config` for a limit or temperature that is no number, or `do_sample` that is no boolean.
 *
 * @example
 * ```ts
 * import { normalizeGenerationOptions } from 'lmdeck/scoring';
 *
 * const { options } = normalizeGenerationOptions({ until: '\n', max_tokens: 20 });
 * console.log(options); // { until: [ '\n' ], max_gen_toks: 20, do_sample: false }
 * ```
 */
export function normalizeGenerationOptions(
  options: Readonly<Record<string, PythonValue>>,
  defaultMaxTokens: number = 256,
): NormalizedGeneration {
  const { until, do_sample: doSample, ...rest } = options;
  const warnings: string[] = [];
  const given = limits.filter((name) => (rest[name] ?? null) !== null);
  if (given.length > 1) warnings.push(`generation options: ${given.join(', ')} all limit the tokens; ${given[0]} counts.`);
  const kept = Object.fromEntries(Object.entries(rest).filter(([name, value]) => value !== undefined && !limits.includes(name)));
  const temperature = 'temperature' in kept ? numberOf(kept['temperature'], 'temperature') : 0;
  const sampling = samplingOf(doSample, temperature);
  if (doSample === false && temperature !== 0)
    warnings.push(`generation options: do_sample is false, so temperature ${temperature} becomes 0.`);
  if (doSample === true && temperature === 0)
    warnings.push('generation options: do_sample is true with temperature 0; set it above 0 to sample.');
  return {
    options: {
      ...kept,
      ...(doSample === false ? { temperature: 0 } : {}),
      until: isPythonList(until) ? until : until === undefined ? [] : [until],
      max_gen_toks: given[0] === undefined ? defaultMaxTokens : Math.trunc(numberOf(rest[given[0]], given[0])),
      do_sample: sampling,
    },
    warnings,
  };
}

function samplingOf(doSample: PythonValue, temperature: number): boolean {
  if (typeof doSample === 'boolean') return doSample;
  if (doSample === undefined || doSample === null) return temperature > 0;
  throw new LmdeckError('config', `generation options: do_sample must be true or false, not ${JSON.stringify(doSample)}.`);
}

function numberOf(value: PythonValue, name: string): number {
  const number = value instanceof PythonFloat ? value.value : typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && !Number.isNaN(number)) return number;
  throw new LmdeckError('config', `generation options: ${name} must be a number, not ${JSON.stringify(value)}.`);
}
