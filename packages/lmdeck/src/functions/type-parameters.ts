import { isJsonObject, LmdeckError, type JsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';
import { commonSchema, fittingBranch, schemaOfValue, typeNotation } from '../schema/index.ts';
import type { FunctionDefinition, FunctionParameter } from './function-definition.ts';
import { jsonText } from './json-text.ts';

const KEYWORD = 'x-type-parameter';

/**
 * The schema of a type parameter, in a definition that is generic: what stands where the type depends on how the function is called.
 *
 * @example
 * ```ts
 * import { typeParameter } from 'lmdeck/functions';
 *
 * console.log(JSON.stringify({ type: 'array', items: typeParameter('T') })); // {"type":"array","items":{"x-type-parameter":"T"}}
 * ```
 */
export function typeParameter(name: string): JsonSchema {
  return { [KEYWORD]: name };
}

/** What a type parameter was found to be, and where. */
interface Binding {
  readonly schema: JsonSchema;
  readonly place: string;
}

/**
 * The schemas of a definition's type parameters: those given, the others from the types of the arguments.
 * @throws LmdeckError `usage` for one that two arguments contradict each other about, or that no argument tells.
 */
export function resolvedTypes(
  definition: FunctionDefinition,
  input: unknown,
  given: Readonly<Record<string, JsonSchema>>,
): Readonly<Record<string, JsonSchema>> {
  const found = new Map<string, Binding>();
  const bind: Bind = (name, schema, place) => {
    if (given[name] !== undefined) return;
    const before = found.get(name);
    const common = before === undefined ? schema : commonSchema(before.schema, schema);
    if (common === undefined && before !== undefined) throw conflict(definition.name, name, before, { schema, place });
    found.set(name, { schema: common ?? schema, place: before?.place ?? place });
  };
  const root: JsonSchema = { $defs: definition.definitions ?? {} };
  const args: Readonly<Record<string, unknown>> = typeof input === 'object' && input !== null ? { ...input } : {};
  for (const { name, schema } of definition.parameters) search(root, schema, args[name], name, bind);
  const resolved: Record<string, JsonSchema> = {};
  for (const name of definition.typeParameters ?? []) {
    const schema = given[name] ?? found.get(name)?.schema;
    if (schema === undefined)
      throw new LmdeckError('usage', `${definition.name}: no argument tells what ${name} is. Give its schema: withTypes({ ${name}: … }).`);
    resolved[name] = schema;
  }
  return resolved;
}

/** The definition with schemas in place of its type parameters. */
export function instantiated(definition: FunctionDefinition, types: Readonly<Record<string, JsonSchema>>): FunctionDefinition {
  const { typeParameters: _, parameters, output, definitions, ...rest } = definition;
  const replace = (schema: JsonSchema): JsonSchema => replaced(schema, types);
  return {
    ...rest,
    parameters: parameters.map((parameter): FunctionParameter => ({ ...parameter, schema: replace(parameter.schema) })),
    output: replace(output),
    ...(definitions === undefined
      ? {}
      : { definitions: Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, replace(schema)])) }),
  };
}

function replaced(schema: JsonObject, types: Readonly<Record<string, JsonSchema>>): JsonObject {
  const name = schema[KEYWORD];
  const type = typeof name === 'string' ? types[name] : undefined;
  if (type !== undefined) {
    const { [KEYWORD]: _, ...beside } = schema;
    return { ...type, ...beside };
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, value === undefined ? value : inside(value, types)]));
}

function inside(value: JsonValue, types: Readonly<Record<string, JsonSchema>>): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => inside(item, types));
  return isJsonObject(value) ? replaced(value, types) : value;
}

type Bind = (name: string, schema: JsonSchema, place: string) => void;

/** Walks a value along its schema to where type parameters stand. */
function search(root: JsonSchema, schema: JsonValue | undefined, value: unknown, place: string, bind: Bind): void {
  if (!isJsonObject(schema) || value === undefined) return;
  const name = schema[KEYWORD];
  if (typeof name === 'string') return bind(name, schemaOfValue(value), place);
  const branch = spoken(root, schema, value);
  if (branch === undefined) return;
  if (branch !== schema) return search(root, branch, value, place, bind);
  if (value instanceof Map)
    return [...value].forEach(([key, inner]) => search(root, schema['additionalProperties'], inner, `${place}.${String(key)}`, bind));
  if (Array.isArray(value) || value instanceof Set) return searchItems(root, schema, [...value], place, bind);
  if (typeof value !== 'object' || value === null) return;
  const { properties, additionalProperties } = schema;
  const known = isJsonObject(properties) ? properties : {};
  for (const [key, inner] of Object.entries(value)) {
    const property = Object.hasOwn(known, key) ? known[key] : additionalProperties;
    search(root, property, inner, `${place}.${key}`, bind);
  }
}

function searchItems(root: JsonSchema, schema: JsonSchema, values: readonly unknown[], place: string, bind: Bind): void {
  const places: readonly JsonValue[] = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  const { items } = schema;
  // All items of `T[]` have one type together: `(string | number)[]` is no contradiction.
  if (places.length === 0 && isJsonObject(items) && typeof items[KEYWORD] === 'string') {
    const together = schemaOfValue(values)['items'];
    return bind(items[KEYWORD], isJsonObject(together) ? together : {}, place);
  }
  for (const [i, value] of values.entries()) search(root, places[i] ?? items, value, `${place}[${i}]`, bind);
}

/** The schema that speaks of a value: in a union with a type parameter that one is left when no other branch fits. */
function spoken(root: JsonSchema, schema: JsonSchema, value: unknown): JsonSchema | undefined {
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (schema['$ref'] === undefined && !Array.isArray(branches)) return schema;
  const json: JsonValue = JSON.parse(jsonText(value) ?? 'null');
  if (!Array.isArray(branches)) return fittingBranch(root, schema, json);
  const open = branches.find((branch: JsonValue) => isJsonObject(branch) && typeof branch[KEYWORD] === 'string');
  const closed = branches.filter((branch: JsonValue) => branch !== open);
  const fitting = fittingBranch(root, { anyOf: closed }, json);
  return fitting ?? (isJsonObject(open) ? open : undefined);
}

function conflict(functionName: string, name: string, a: Binding, b: Binding): LmdeckError {
  const [first, second] = [a, b].map(({ schema }) => typeNotation([schema]).types[0]?.replaceAll(/\s+/gu, ' '));
  return new LmdeckError(
    'usage',
    `${functionName}: conflicting resolution of ${name}: ${first ?? ''} (of ${a.place}), but ${second ?? ''} (of ${b.place}). Give its schema: withTypes({ ${name}: … }).`,
    { data: { typeParameter: name, types: [a.schema, b.schema], places: [a.place, b.place] } },
  );
}
