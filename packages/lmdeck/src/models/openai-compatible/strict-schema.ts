import { isJsonObject, type JsonSchema, type JsonValue } from '../../core/index.ts';

const known = new WeakMap<JsonSchema, boolean>();

/**
 * True when a schema is of the kind that servers can follow exactly (OpenAI's structured outputs): every object in it lists
 * all its properties as required and allows no others.
 */
export function isStrictSchema(schema: JsonSchema): boolean {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const strict = schema['type'] === 'object' && qualifies(schema);
  known.set(schema, strict);
  return strict;
}

function qualifies(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.every(qualifies);
  if (!isJsonObject(value)) return true;
  const { properties, required, additionalProperties } = value;
  if (value['type'] === 'object' || properties !== undefined) {
    if (additionalProperties !== false || !isJsonObject(properties) || !Array.isArray(required)) return false;
    const names: readonly JsonValue[] = required;
    if (!Object.keys(properties).every((name) => names.includes(name))) return false;
    if (!Object.values(properties).every(qualifies)) return false;
  }
  return ['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf'].every((key) => qualifies(value[key])) && definitions(value);
}

function definitions(schema: JsonSchema): boolean {
  return [schema['$defs'], schema['definitions']].every((defs) => !isJsonObject(defs) || Object.values(defs).every(qualifies));
}
