import type { JsonValue } from './json.ts';

/** One option that a model takes. */
export interface OptionSpec {
  readonly type: 'number' | 'integer' | 'string' | 'boolean' | 'strings' | 'json' | 'object';
  /** One sentence: meaning and unit. */
  readonly description: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  /** What the model takes when the option is absent, where that is known. */
  readonly default?: JsonValue;
  /** The fields of an `object`. */
  readonly properties?: Readonly<Record<string, OptionSpec>>;
  /** True where there must be a value; calls are not refused for its absence, whoever configures asks for it. */
  readonly required?: boolean;
  /** True for what must not be saved or shown. */
  readonly secret?: boolean;
}

/**
 * The options of a model as data: introspectable by name, and a Standard Schema (standardschema.dev) that validates
 * and coerces an options object. All options are optional.
 */
export interface OptionsSchema {
  readonly properties: Readonly<Record<string, OptionSpec>>;
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'lmdeck';
    readonly validate: (value: unknown) => OptionsResult;
  };
}

export type OptionsResult =
  | { readonly value: Readonly<Record<string, JsonValue>>; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path: readonly string[] }[] };

/** Makes an {@link OptionsSchema} from the options' descriptions. */
export function defineOptions(properties: Readonly<Record<string, OptionSpec>>): OptionsSchema {
  return { properties, '~standard': { version: 1, vendor: 'lmdeck', validate: (value) => validateOptions(properties, value) } };
}

function validateOptions(properties: Readonly<Record<string, OptionSpec>>, value: unknown, parent: readonly string[] = []): OptionsResult {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { issues: [{ message: parent.length === 0 ? 'options must be an object' : 'must be an object', path: parent }] };
  let issues: { message: string; path: readonly string[] }[] | undefined;
  const given: Readonly<Record<string, unknown>> = { ...value };
  const result: Record<string, JsonValue> = {};
  for (const key in given) {
    if (given[key] === undefined) continue;
    const spec = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (spec?.type === 'object') {
      const inner = validateOptions(spec.properties ?? {}, parsedObject(given[key]), [...parent, key]);
      if (inner.issues === undefined) result[key] = inner.value;
      else (issues ??= []).push(...inner.issues);
      continue;
    }
    const checked = spec === undefined ? { problem: `unknown option "${key}"` } : checkOption(spec, given[key]);
    if ('problem' in checked) (issues ??= []).push({ message: checked.problem, path: [...parent, key] });
    else result[key] = checked.value;
  }
  return issues === undefined ? { value: result } : { issues };
}

type Checked = { readonly value: JsonValue } | { readonly problem: string };

function checkOption(spec: OptionSpec, given: unknown): Checked {
  switch (spec.type) {
    case 'number':
    case 'integer':
      return checkNumber(spec, given);
    case 'boolean':
      if (typeof given === 'boolean') return { value: given };
      if (given === 'true' || given === 'false') return { value: given === 'true' };
      return { problem: `must be true or false, not ${JSON.stringify(given)}` };
    case 'string':
      if (typeof given !== 'string') return { problem: `must be a string, not ${JSON.stringify(given)}` };
      if (spec.choices !== undefined && !spec.choices.includes(given)) return { problem: `must be one of ${spec.choices.join(', ')}` };
      return { value: given };
    case 'strings':
      if (typeof given === 'string') return { value: stringList(given) };
      if (Array.isArray(given) && given.every((each) => typeof each === 'string')) return { value: given };
      return { problem: 'must be a string or a list of strings' };
    default:
      return checkJson(given);
  }
}

/** From a command line an object comes as its JSON text. */
function parsedObject(given: unknown): unknown {
  const parsed = typeof given === 'string' ? checkJson(given) : undefined;
  return parsed !== undefined && 'value' in parsed ? parsed.value : given;
}

function checkNumber(spec: OptionSpec, given: unknown): Checked {
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  const noun = spec.type === 'integer' ? 'a whole number' : 'a number';
  if (typeof value !== 'number' || !Number.isFinite(value)) return { problem: `must be ${noun}, not ${JSON.stringify(given)}` };
  if (spec.type === 'integer' && !Number.isInteger(value)) return { problem: `must be ${noun}, not ${value}` };
  if (spec.minimum !== undefined && value < spec.minimum) return { problem: `must be at least ${spec.minimum}, not ${value}` };
  if (spec.maximum !== undefined && value > spec.maximum) return { problem: `must be at most ${spec.maximum}, not ${value}` };
  return { value };
}

/** From a command line a list comes as one string, or as the JSON text of a list. */
function stringList(text: string): readonly string[] {
  if (!text.startsWith('[')) return [text];
  const parsed = checkJson(text);
  return 'value' in parsed && Array.isArray(parsed.value) && parsed.value.every((each) => typeof each === 'string') ? parsed.value : [text];
}

function checkJson(given: unknown): Checked {
  try {
    const value: JsonValue = JSON.parse(typeof given === 'string' ? given : JSON.stringify(given));
    return { value };
  } catch (error) {
    return { problem: `must be JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
