import { isJsonObject, type JsonSchema, type JsonValue } from '../core/index.ts';

/** What a `$ref` inside of `root` points to (`#`, `#/…`); `undefined` when there is nothing, or it points out of it. */
export function schemaReference(root: JsonSchema, pointer: string): JsonValue | undefined {
  if (pointer !== '#' && !pointer.startsWith('#/')) return undefined;
  let target: JsonValue | undefined = root;
  for (const step of pointer.split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(target)) target = target[Number(key)];
    else if (isJsonObject(target) && Object.hasOwn(target, key)) target = target[key];
    else return undefined;
  }
  return target;
}

/** The schema itself, `$ref`s followed as long as there is nothing beside them that matters to which values are valid. */
export function resolvedSchema(root: JsonSchema, schema: JsonValue | undefined): JsonValue | undefined {
  let target = schema;
  for (let steps = 0; steps < 50 && isJsonObject(target) && typeof target['$ref'] === 'string'; steps++)
    target = schemaReference(root, target['$ref']);
  return target;
}
