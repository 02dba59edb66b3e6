import { isJsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';
import { resolvedSchema } from './schema-reference.ts';

/** Whether `null` is valid, as far as types tell. */
export function allowsNull(root: JsonSchema, schema: JsonValue | undefined): boolean {
  const target = resolvedSchema(root, schema);
  if (!isJsonObject(target)) return target !== false;
  const { type, anyOf, oneOf, allOf } = target;
  if (target['const'] !== undefined) return target['const'] === null;
  if (Array.isArray(target['enum'])) return target['enum'].includes(null);
  const branches = anyOf ?? oneOf;
  if (Array.isArray(branches)) return branches.some((branch: JsonValue) => allowsNull(root, branch));
  if (Array.isArray(allOf)) return allOf.every((part: JsonValue) => allowsNull(root, part));
  if (Array.isArray(type)) return type.includes('null');
  return type === undefined ? target['properties'] === undefined && target['items'] === undefined : type === 'null';
}
