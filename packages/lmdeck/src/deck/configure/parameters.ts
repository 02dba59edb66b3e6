import {
  didYouMean,
  isJsonObject,
  LmdeckError,
  type JsonObject,
  type JsonValue,
  type OptionSpec,
  type OptionsSchema,
} from '../../core/index.ts';

/** One thing that can be set on a model or a run, for forms, lists and checks. */
export interface ParameterInfo extends Omit<OptionSpec, 'properties' | 'required'> {
  readonly name: string;
  /** False where a value must be given. */
  readonly optional: boolean;
  /** The parameters of an `object`. */
  readonly parameters?: readonly ParameterInfo[];
}

/**
 * What can be set, in the order in which it was declared, objects with what is in them.
 *
 * @example
 * ```ts
 * import { chatModel, presets } from 'lmdeck';
 * import { parameters } from 'lmdeck/configure';
 *
 * const model = chatModel({ ...presets.openai, model: 'gpt-5.6-luna' });
 * console.log(parameters(model.options)[0]?.name); // temperature
 * ```
 */
export function parameters(schema: OptionsSchema | undefined): readonly ParameterInfo[] {
  return infos(schema?.properties ?? {});
}

function infos(properties: Readonly<Record<string, OptionSpec>>): readonly ParameterInfo[] {
  return Object.entries(properties).map(([name, { properties: inner, required, ...spec }]) => ({
    name,
    ...spec,
    optional: required !== true || spec.default !== undefined,
    ...(inner === undefined ? {} : { parameters: infos(inner) }),
  }));
}

/**
 * Values changed by others, objects field by field; `undefined` takes one away. What is not a parameter is left out with a warning that names
 * the nearest, so that a file made for another version or model can still be used.
 *
 * @throws LmdeckError `usage` for a value that its parameter does not take.
 */
export function setParameters(
  schema: OptionsSchema,
  current: JsonObject,
  changes: Readonly<Record<string, JsonValue | undefined>>,
  onWarning: (message: string) => void = (message) => process.emitWarning(message),
): JsonObject {
  const known = withoutUnknown(schema.properties, changes, [], onWarning);
  const result = schema['~standard'].validate(known);
  if (result.issues !== undefined)
    throw new LmdeckError('usage', result.issues.map(({ path, message }) => `${path.join('.')} ${message}.`).join(' '));
  const gone = new Set(Object.keys(known).filter((name) => known[name] === undefined));
  return merged(Object.fromEntries(Object.entries(current).filter(([name]) => !gone.has(name))), result.value);
}

function withoutUnknown(
  properties: Readonly<Record<string, OptionSpec>>,
  given: Readonly<Record<string, JsonValue | undefined>>,
  path: readonly string[],
  onWarning: (message: string) => void,
): Readonly<Record<string, JsonValue | undefined>> {
  const known: Record<string, JsonValue | undefined> = {};
  const names = Object.keys(properties);
  for (const [name, value] of Object.entries(given)) {
    const spec = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (spec === undefined) {
      const near = didYouMean(name, names) || ` There are: ${names.join(', ') || 'none'}.`;
      onWarning(`There is no parameter ${[...path, name].join('.')}: it is left out.${near}`);
    } else {
      known[name] =
        spec.type === 'object' && isJsonObject(value)
          ? present(withoutUnknown(spec.properties ?? {}, value, [...path, name], onWarning))
          : value;
    }
  }
  return known;
}

function present(values: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function merged(current: JsonObject, changes: JsonObject): JsonObject {
  const result: Record<string, JsonValue | undefined> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    const before = result[name];
    result[name] = isJsonObject(before) && isJsonObject(value) ? merged(before, value) : value;
  }
  return present(result);
}

/** Values without those of secret parameters, at any depth: what may be saved or shown. */
export function withoutSecrets(schema: OptionsSchema | undefined, values: JsonObject): JsonObject {
  return schema === undefined ? values : shown(schema.properties, values);
}

function shown(properties: Readonly<Record<string, OptionSpec>>, values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const spec = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (spec?.secret === true) return [];
      return [[name, spec?.properties !== undefined && isJsonObject(value) ? shown(spec.properties, value) : value]];
    }),
  );
}
