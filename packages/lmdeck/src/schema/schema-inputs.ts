/** What turns schemas as people write them into JSON Schema: the part of this folder that the front door of the library has. */
export { parseSchemaInput } from './parse-schema-input.ts';
export { multiSchema, schemaDsl } from './schema-dsl.ts';
export { standardJsonSchema, type StandardJsonSchemaLike } from './standard-json-schema.ts';
