import { isJsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';

/** The key of a value that is no object, in the object that goes over the wire. */
const KEY = 'result';

/** Servers hold answers to objects only. True for a schema whose values may be something else. */
export function needsWrapper(schema: JsonSchema): boolean {
  return schema['type'] !== 'object' || schema['anyOf'] !== undefined || schema['oneOf'] !== undefined || schema['$ref'] !== undefined;
}

/**
 * The schema of an object that has the value under `result`. References must be of `#/$defs` (see {@link SchemaDefinitions}).
 *
 * @example
 * ```ts
 * import { wrappedSchema } from 'lmdeck/schema';
 *
 * console.log(JSON.stringify(wrappedSchema({ type: 'integer' })['properties'])); // {"result":{"type":"integer"}}
 * ```
 */
export function wrappedSchema(schema: JsonSchema): JsonSchema {
  return { type: 'object', properties: { [KEY]: schema }, required: [KEY], additionalProperties: false };
}

/** A value as it goes over the wire. */
export function wrapped(value: JsonValue): JsonValue {
  return { [KEY]: value };
}

/** The value of a wrapped answer; `undefined` when it is not wrapped. */
export function unwrapped(answer: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(answer) && Object.hasOwn(answer, KEY) && Object.keys(answer).length === 1 ? answer[KEY] : undefined;
}
