import { isJsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';
import { resolvedSchema } from './schema-reference.ts';

/** The schema that speaks of a value: references followed, and of a union the first branch that the value can be one of. */
export function fittingBranch(root: JsonSchema, schema: JsonValue | undefined, value: JsonValue): JsonSchema | undefined {
  const target = resolvedSchema(root, schema);
  if (!isJsonObject(target)) return undefined;
  const branches = target['anyOf'] ?? target['oneOf'];
  if (!Array.isArray(branches)) return target;
  for (const branch of branches) {
    const inner = fittingBranch(root, branch, value);
    if (inner !== undefined && fits(root, inner, value)) return inner;
  }
  return undefined;
}

/** Type, constants and what must be there; no look into the depth. */
function fits(root: JsonSchema, schema: JsonSchema, value: JsonValue): boolean {
  const { type, properties, required } = schema;
  if (schema['const'] !== undefined) return schema['const'] === value;
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value);
  if (schema['x-type'] === 'Date' && (typeof value !== 'string' || Number.isNaN(Date.parse(value)))) return false;
  if (type !== undefined && ![type].flat().some((each) => typeof each === 'string' && isOfType(each, value))) return false;
  if (!isJsonObject(value)) return true;
  if (Array.isArray(required) && !required.every((name: JsonValue) => typeof name === 'string' && Object.hasOwn(value, name))) return false;
  return Object.entries(isJsonObject(properties) ? properties : {}).every(([name, property]) => {
    const inner = value[name];
    const tag = resolvedSchema(root, property);
    return inner === undefined || !isJsonObject(tag) || (tag['const'] === undefined && tag['enum'] === undefined) || fits(root, tag, inner);
  });
}

function isOfType(type: string, value: JsonValue): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
