import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';
import { allowsNull } from './allows-null.ts';

/** What servers and engines can hold answers to, more or less. Everything else is left out: the answer is checked anyway. */
const KEPT = new Set([
  '$ref', 'type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items', 'prefixItems', 'anyOf', 'oneOf', 'allOf',
  'minItems', 'maxItems', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'pattern', 'format',
]); // prettier-ignore

const FORMATS = new Set(['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']);

/**
 * A schema for the server that enforces it: without words and hints, which the prompt has; objects closed; what is optional required but
 * nullable, because strict servers know no optional properties ({@link withoutNulls} takes those nulls out again). Every value that it allows is
 * valid or is found out by the check. References must be of `#/$defs`.
 *
 * @param without keywords to leave out, because a server or engine said that it cannot.
 */
export function enforceableSchema(
  schema: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>> = {},
  without: ReadonlySet<string> = new Set(),
): JsonSchema {
  const root = { ...schema, $defs: definitions };
  const used = new Map<string, JsonSchema>();
  const enforceable = (value: JsonValue | undefined): JsonValue => {
    if (Array.isArray(value)) return value.map((item: JsonValue) => enforceable(item));
    if (!isJsonObject(value)) return value ?? true;
    const kept: Record<string, JsonValue | undefined> = {};
    for (const [keyword, inner] of Object.entries(value)) {
      if (!KEPT.has(keyword) || without.has(keyword) || inner === undefined || isImplied(value, keyword)) continue;
      if (keyword === 'properties' && isJsonObject(inner)) Object.assign(kept, closed(value, inner));
      else if (keyword === '$ref' && typeof inner === 'string') kept[keyword] = reference(inner);
      else if (keyword === 'enum' || keyword === 'const') kept[keyword] = inner;
      // Which one of several may be found out by the check.
      else if (keyword === 'oneOf') kept['anyOf'] = enforceable(inner);
      else if (keyword !== 'required' || value['properties'] === undefined) kept[keyword] = enforceable(inner);
    }
    // An object about which nothing is known stays open.
    if (kept['properties'] !== undefined && kept['additionalProperties'] === undefined) kept['additionalProperties'] = false;
    return kept;
  };
  const closed = (object: JsonObject, properties: JsonObject): JsonObject => {
    const required: readonly JsonValue[] = Array.isArray(object['required']) ? object['required'] : [];
    const entries = Object.entries(properties).map(([name, property]): [string, JsonValue] => {
      const inner = enforceable(property);
      return [name, required.includes(name) || allowsNull(root, property) ? inner : { anyOf: [inner, { type: 'null' }] }];
    });
    return { properties: Object.fromEntries(entries), required: entries.map(([name]) => name) };
  };
  const reference = (pointer: string): string => {
    const name = pointer.replace('#/$defs/', '');
    const target = definitions[name];
    if (target !== undefined && !used.has(name)) {
      used.set(name, {});
      const inner = enforceable(target);
      used.set(name, isJsonObject(inner) ? inner : {});
    }
    return pointer;
  };
  const result = enforceable(schema);
  if (!isJsonObject(result)) return {};
  return used.size === 0 ? result : { ...result, $defs: Object.fromEntries(used) };
}

/** What nobody enforces, or libraries add to every integer and to every format, and engines have trouble with. */
function isImplied(schema: JsonSchema, keyword: string): boolean {
  const { format } = schema;
  const isKnownFormat = typeof format === 'string' && FORMATS.has(format);
  if (keyword === 'format') return !isKnownFormat;
  if (keyword === 'pattern') return isKnownFormat;
  return (keyword === 'minimum' || keyword === 'maximum') && Math.abs(Number(schema[keyword])) === Number.MAX_SAFE_INTEGER;
}
