import { isJsonObject, LmdeckError, type JsonSchema } from '../core/index.ts';
import { jsonPath } from './json-path.ts';

/** One thing that is wrong with a value, and where. */
export interface SchemaProblem {
  /** JSONPath, `$` for the whole. */
  readonly path: string;
  readonly message: string;
}

/** Says what is wrong with a value; nothing when it is valid. */
export type SchemaCheck = (value: unknown) => readonly SchemaProblem[];

interface Complaint {
  readonly instanceLocation: string;
  readonly keywordLocation: string;
  readonly error: string;
}

const checks = new WeakMap<JsonSchema, Promise<SchemaCheck>>();

/**
 * Checks values against a JSON Schema (draft 2020-12, formats included). Values are taken as JSON; unknown keywords are passed over.
 *
 * @throws LmdeckError `usage` for a schema that is none.
 *
 * @example
 * ```ts
 * import { schemaCheck } from 'lmdeck/schema';
 *
 * const check = await schemaCheck({ type: 'object', properties: { age: { type: 'integer' } } });
 * console.log(check({ age: 'old' })[0]?.path); // $.age
 * ```
 */
export function schemaCheck(schema: JsonSchema): Promise<SchemaCheck> {
  let check = checks.get(schema);
  if (check === undefined) checks.set(schema, (check = makeCheck(schema)));
  return check;
}

async function makeCheck(schema: JsonSchema): Promise<SchemaCheck> {
  // It interprets schemas: 8 ms for the first check of a process, where validators that compile take 60.
  const { Validator } = await import('@cfworker/json-schema');
  let validator: InstanceType<typeof Validator>;
  try {
    validator = new Validator({ ...schema }, '2020-12', false);
  } catch (cause) {
    throw wrongSchema(cause);
  }
  return (value) => {
    try {
      const { valid, errors } = validator.validate(value);
      return valid ? [] : problems(value, errors);
    } catch (cause) {
      throw wrongSchema(cause);
    }
  };
}

function wrongSchema(cause: unknown): LmdeckError {
  return new LmdeckError('usage', `schema: this is no JSON Schema: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

/** What the library says of a value whose schema is `false`. */
const FORBIDDEN = 'False boolean schema.';

function problems(value: unknown, complaints: readonly Complaint[]): readonly SchemaProblem[] {
  const told = new Map<string, SchemaProblem>();
  for (const [i, complaint] of complaints.entries()) {
    // "A subschema had errors": what is wrong in it comes next.
    const next = complaints[i + 1];
    if (next?.keywordLocation.startsWith(`${complaint.keywordLocation}/`) === true || next?.error === FORBIDDEN) continue;
    const { instanceLocation, error } = complaint;
    const path = jsonPath(steps(value, instanceLocation));
    const message = error === FORBIDDEN ? 'Nothing is allowed here.' : error;
    told.set(`${path}\n${message}`, { path, message });
  }
  return [...told.values()];
}

/** `#/tags/0` as steps into the value; only that tells an index from a key of digits. */
function steps(value: unknown, pointer: string): readonly (string | number)[] {
  let inner = value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = decodeURI(part).replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(inner) ? Number(key) : key;
      inner = Array.isArray(inner) ? inner[Number(key)] : isJsonObject(inner) ? inner[key] : undefined;
      return step;
    });
}
