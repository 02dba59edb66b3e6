import { canonicalJson, isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';

/**
 * The schema of the type that a value has: what `typeof` would say, all the way down.
 *
 * @example
 * ```ts
 * import { schemaOfValue } from 'lmdeck/schema';
 *
 * console.log(JSON.stringify(schemaOfValue([1, 2]))); // {"type":"array","items":{"type":"number"}}
 * ```
 */
export function schemaOfValue(value: unknown): JsonSchema {
  if (value === null) return { type: 'null' };
  if (Array.isArray(value)) return { type: 'array', ...items(value) };
  if (value instanceof Date) return { type: 'string', format: 'date-time', 'x-type': 'Date' };
  if (value instanceof Set) return { type: 'array', 'x-type': 'Set', ...items([...value]) };
  if (value instanceof Map) return { type: 'object', 'x-type': 'Map', ...record([...value.values()]) };
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return { type: typeof value };
    case 'bigint':
      return { type: 'string', pattern: '^-?\\d+$', 'x-type': 'bigint' };
    case 'object':
      return object(value);
    default:
      return {};
  }
}

/** One schema for the values of both; `undefined` where they contradict each other. Properties that only one has become optional. */
export function commonSchema(a: JsonSchema, b: JsonSchema): JsonSchema | undefined {
  if (Object.keys(a).length === 0 || canonicalJson(a) === canonicalJson(b)) return b;
  if (Object.keys(b).length === 0) return a;
  if (a['type'] !== b['type'] || a['x-type'] !== b['x-type']) return undefined;
  if (a['type'] === 'array') return commonItems(a, b);
  return a['type'] === 'object' && isJsonObject(a['properties']) && isJsonObject(b['properties'])
    ? commonObject(a, a['properties'], b, b['properties'])
    : undefined;
}

function commonItems(a: JsonSchema, b: JsonSchema): JsonSchema | undefined {
  const inner = commonSchema(isJsonObject(a['items']) ? a['items'] : {}, isJsonObject(b['items']) ? b['items'] : {});
  return inner === undefined ? undefined : { ...a, items: inner };
}

function commonObject(a: JsonSchema, ofA: JsonObject, b: JsonSchema, ofB: JsonObject): JsonSchema | undefined {
  const properties: Record<string, JsonValue> = {};
  for (const name of new Set([...Object.keys(ofA), ...Object.keys(ofB)])) {
    const inner = commonSchema(schemaAt(ofA, name), schemaAt(ofB, name));
    if (inner === undefined) return undefined;
    properties[name] = inner;
  }
  const required = names(a).filter((name) => names(b).includes(name));
  return { ...a, properties, required };
}

function schemaAt(properties: JsonObject, name: string): JsonSchema {
  const schema = properties[name];
  return isJsonObject(schema) ? schema : {};
}

function names(schema: JsonSchema): readonly JsonValue[] {
  return Array.isArray(schema['required']) ? schema['required'] : [];
}

function items(values: readonly unknown[]): JsonObject {
  const [only, ...more] = kinds(values);
  if (only === undefined) return {};
  return { items: more.length === 0 ? only : { anyOf: [only, ...more] } };
}

function record(values: readonly unknown[]): JsonObject {
  const { items: inner } = items(values);
  return { additionalProperties: inner ?? true };
}

/** The different types among values. */
function kinds(values: readonly unknown[]): readonly JsonSchema[] {
  const found: JsonSchema[] = [];
  for (const value of values) {
    const schema = schemaOfValue(value);
    const at = found.findIndex((each) => commonSchema(each, schema) !== undefined);
    if (at === -1) found.push(schema);
    else found[at] = commonSchema(found[at] ?? {}, schema) ?? schema;
  }
  return found;
}

function object(value: object): JsonSchema {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && typeof inner !== 'function');
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, inner]) => [name, schemaOfValue(inner)])),
    required: entries.map(([name]) => name),
    additionalProperties: false,
  };
}
