import type { JsonObject, JsonValue, Model, OptionSpec } from '../../core/index.ts';

/**
 * Model options from `-o NAME VALUE`. Names may be written in snake_case. What kind of value it is, the model says; where it
 * says nothing, a value that is JSON counts as such. An option that takes a list can be given several times.
 */
export function modelOptions(pairs: readonly (readonly [string, string])[], model: Pick<Model, 'options'>): JsonObject {
  const options: Record<string, JsonValue> = {};
  for (const [given, value] of pairs) {
    const name = optionName(given, model);
    const spec = model.options?.properties[name];
    if (spec === undefined) {
      options[name] = model.options === undefined ? jsonOrText(value) : value;
    } else {
      options[name] = specified(spec, value, options[name]);
    }
  }
  return options;
}

/** `max_tokens` → `maxTokens`, unless the model itself has an option of the name as it was given. */
export function optionName(given: string, model: Pick<Model, 'options'>): string {
  const known = model.options?.properties;
  if (known !== undefined && Object.hasOwn(known, given)) return given;
  return given.replaceAll(/[_-]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function specified(spec: OptionSpec, value: string, before: JsonValue | undefined): JsonValue {
  if (spec.type !== 'strings') return value;
  const parsed = jsonOrText(value);
  const items = Array.isArray(parsed) ? parsed : [value];
  return Array.isArray(before) ? [...before, ...items] : items;
}

function jsonOrText(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
