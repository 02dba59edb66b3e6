import { isJsonObject, type JsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';
import { allowsNull } from './allows-null.ts';
import { fittingBranch } from './fitting-branch.ts';

/** The value without properties that are `null` where they may be absent but not `null`: how models say that there is nothing. */
export function withoutNulls(root: JsonSchema, schema: JsonValue | undefined, value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const branch = fittingBranch(root, schema, value);
    const places: readonly JsonValue[] = Array.isArray(branch?.['prefixItems']) ? branch['prefixItems'] : [];
    return value.map((item: JsonValue, i) => withoutNulls(root, places[i] ?? branch?.['items'], item));
  }
  if (!isJsonObject(value)) return value;
  const bare = shallow(root, schema, value);
  const branch = fittingBranch(root, schema, bare);
  if (branch === undefined) return value;
  const { properties, additionalProperties } = branch;
  const known = isJsonObject(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(dropped(root, branch, bare)).map(([name, inner]) => [
      name,
      inner === undefined ? inner : withoutNulls(root, Object.hasOwn(known, name) ? known[name] : additionalProperties, inner),
    ]),
  );
}

/** Of a union it may depend on the nulls which branch fits: the first one that does without them counts. */
function shallow(root: JsonSchema, schema: JsonValue | undefined, value: JsonObject): JsonObject {
  const branches = isJsonObject(schema) ? (schema['anyOf'] ?? schema['oneOf']) : undefined;
  if (!Array.isArray(branches)) return value;
  for (const each of branches) {
    const branch = fittingBranch(root, each, value);
    if (branch === undefined) continue;
    const candidate = dropped(root, branch, value);
    if (fittingBranch(root, { anyOf: [each] }, candidate) !== undefined) return candidate;
  }
  return value;
}

function dropped(root: JsonSchema, schema: JsonSchema, value: JsonObject): JsonObject {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return value;
  const needed: readonly JsonValue[] = Array.isArray(required) ? required : [];
  return Object.fromEntries(
    Object.entries(value).filter(
      ([name, inner]) => inner !== null || needed.includes(name) || !Object.hasOwn(properties, name) || allowsNull(root, properties[name]),
    ),
  );
}
