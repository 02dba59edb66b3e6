export { jsonSchema } from './json-schema.ts';
export { parseSchemaInput } from './parse-schema-input.ts';
export { multiSchema, schemaDsl } from './schema-dsl.ts';
export type { SchemaInput, SchemaIssue, SchemaLike, SchemaOutput, SchemaVerdict, StandardSchemaLike } from './schema-like.ts';
export { standardJsonSchema, type StandardJsonSchemaLike } from './standard-json-schema.ts';
