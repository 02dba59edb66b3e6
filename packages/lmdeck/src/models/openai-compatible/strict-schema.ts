import { isJsonObject, type JsonSchema, type JsonValue } from '../../core/index.ts';

const known = new WeakMap<JsonSchema, boolean>();

/** The keywords of OpenAI's strict subset (guide "Structured outputs", 2026); a strict schema with any other is refused with a 400. */
const KEYWORDS = new Set([
  '$schema', '$ref', '$defs', 'definitions', 'title', 'description', 'type', 'enum', 'const', 'anyOf', 'properties', 'required', 'additionalProperties', 'items',
  'minItems', 'maxItems', 'minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
]); // prettier-ignore

const TYPED = ['type', 'enum', 'const', 'anyOf', '$ref'];

/**
 * True when a schema is of the kind that servers can follow exactly (OpenAI's structured outputs): every object in it lists
 * all its properties as required and allows no others, and there are no keywords beyond that subset.
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
  if (!isJsonObject(value)) return value === undefined;
  if (Object.keys(value).some((keyword) => !KEYWORDS.has(keyword))) return false;
  // A value of any type cannot be held in form.
  if (!TYPED.some((keyword) => value[keyword] !== undefined)) return false;
  const { properties, required, additionalProperties } = value;
  if (value['type'] === 'object' || properties !== undefined) {
    if (additionalProperties !== false || !isJsonObject(properties) || !Array.isArray(required)) return false;
    const names: readonly JsonValue[] = required;
    if (!Object.keys(properties).every((name) => names.includes(name))) return false;
    if (!Object.values(properties).every(qualifies)) return false;
  }
  return ['items', 'anyOf'].every((key) => qualifies(value[key])) && definitions(value);
}

function definitions(schema: JsonSchema): boolean {
  return [schema['$defs'], schema['definitions']].every((defs) => !isJsonObject(defs) || Object.values(defs).every(qualifies));
}
