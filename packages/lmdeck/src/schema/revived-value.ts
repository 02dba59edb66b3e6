import { isJsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';
import { fittingBranch } from './fitting-branch.ts';

/**
 * A valid JSON value with what JSON has no type for made of it, where the schema says `x-type`: `Date` of a text, `bigint` of digits, `Set` of an array, `Map` of
 * an object. Objects without any are the same objects.
 *
 * @example
 * ```ts
 * import { revivedValue } from 'lmdeck/schema';
 *
 * const when = revivedValue({ type: 'string', format: 'date-time', 'x-type': 'Date' }, '2026-01-02T03:04:05Z');
 * console.log(when instanceof Date); // true
 * ```
 */
export function revivedValue(schema: JsonSchema, value: JsonValue): unknown {
  return JSON.stringify(schema).includes('"x-type"') ? revived(schema, schema, value) : value;
}

function revived(root: JsonSchema, schema: JsonValue | undefined, value: JsonValue): unknown {
  const branch = fittingBranch(root, schema, value);
  if (branch === undefined) return value;
  const inner = contents(root, branch, value);
  switch (branch['x-type']) {
    case 'Date':
      return typeof inner === 'string' ? new Date(inner) : inner;
    case 'bigint':
      return typeof inner === 'string' ? BigInt(inner) : inner;
    case 'Set':
      return Array.isArray(inner) ? new Set<unknown>(inner) : inner;
    case 'Map':
      return typeof inner === 'object' && inner !== null ? new Map<string, unknown>(Object.entries(inner)) : inner;
    default:
      return inner;
  }
}

function contents(root: JsonSchema, schema: JsonSchema, value: JsonValue): unknown {
  if (Array.isArray(value)) {
    const places: readonly JsonValue[] = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
    return value.map((item: JsonValue, i) => revived(root, places[i] ?? schema['items'], item));
  }
  if (!isJsonObject(value)) return value;
  const { properties, additionalProperties } = schema;
  const known = isJsonObject(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      inner === undefined ? inner : revived(root, Object.hasOwn(known, name) ? known[name] : additionalProperties, inner),
    ]),
  );
}
