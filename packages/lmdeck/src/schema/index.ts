export { parseSchemaInput } from './parse-schema-input.ts';
export { multiSchema, schemaDsl } from './schema-dsl.ts';
export { standardJsonSchema, type StandardJsonSchemaLike } from './standard-json-schema.ts';
