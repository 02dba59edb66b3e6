import type { JsonSchema } from '../core/index.ts';
import type { StandardSchemaLike } from './schema-like.ts';

/**
 * A plain JSON Schema together with the type it stands for; that they agree is on you.
 *
 * @example
 * ```ts
 * import { jsonSchema } from 'lmdeck/schema';
 *
 * const city = jsonSchema<{ name: string }>({ type: 'object', properties: { name: { type: 'string' } }, required: ['name'] });
 * console.log(city['~standard'].jsonSchema.input({ target: 'draft-2020-12' }) !== undefined); // true
 * ```
 */
export function jsonSchema<T>(schema: JsonSchema): StandardSchemaLike<T> {
  return { '~standard': { jsonSchema: { input: () => schema } } };
}
