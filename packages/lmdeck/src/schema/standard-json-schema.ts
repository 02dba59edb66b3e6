import { isJsonObject, LmdeckError, type JsonSchema } from '../core/index.ts';

const TARGET = 'draft-2020-12';

/**
 * The part of a Standard JSON Schema (standardschema.dev) that is used here: zod, valibot, ArkType and others provide it,
 * none of them is needed.
 */
export interface StandardJsonSchemaLike {
  readonly '~standard': { readonly jsonSchema: { readonly input: (options: { readonly target: string }) => unknown } };
}

/**
 * The JSON Schema of a value that is one, or that can say one: a plain object, or a Standard Schema with
 * `~standard.jsonSchema`.
 * @throws LmdeckError `usage` for anything else, also for a Standard Schema that only validates.
 *
 * @example
 * ```ts
 * import { standardJsonSchema } from 'lmdeck';
 *
 * const city = { '~standard': { jsonSchema: { input: () => ({ type: 'string' }) } } };
 * console.log(standardJsonSchema(city)); // { type: 'string' }
 * ```
 */
export function standardJsonSchema(value: JsonSchema | StandardJsonSchemaLike): JsonSchema;
export function standardJsonSchema(value: unknown): JsonSchema;
export function standardJsonSchema(value: unknown): JsonSchema {
  // ArkType's schemas are functions.
  if ((typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value)
    return converted(value['~standard']);
  if (isJsonObject(value)) return value;
  throw new LmdeckError(
    'usage',
    `schema: a JSON Schema object or a Standard Schema is needed, not ${value === null ? 'null' : typeof value}.`,
  );
}

function converted(standard: unknown): JsonSchema {
  const input = property(property(standard, 'jsonSchema'), 'input');
  const vendor = property(standard, 'vendor');
  const kind = typeof vendor === 'string' ? `${vendor} schema` : 'schema';
  if (typeof input !== 'function') {
    throw new LmdeckError(
      'usage',
      `schema: this ${kind} can validate but not say its JSON Schema: use a version of the library with "~standard".jsonSchema, or pass the JSON Schema.`,
    );
  }
  let schema: unknown;
  try {
    schema = input({ target: TARGET });
  } catch (cause) {
    throw new LmdeckError('usage', `schema: this ${kind} has no JSON Schema: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  if (isJsonObject(schema)) return schema;
  throw new LmdeckError('usage', `schema: the library gave no JSON Schema object for ${TARGET}.`);
}

function property(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}
