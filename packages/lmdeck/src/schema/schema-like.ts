import type { JsonSchema, JsonValue } from '../core/index.ts';
import type { StandardJsonSchemaLike } from './standard-json-schema.ts';

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a Standard Schema (standardschema.dev) says of a value. */
export type SchemaVerdict<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/**
 * A Standard Schema that validates, transforms and can say its JSON Schema: zod 4, ArkType 2, valibot with `toStandardJsonSchema`, or
 * {@link jsonSchema}. None of the libraries is needed.
 */
export interface StandardSchemaLike<Input = unknown, Output = Input> extends StandardJsonSchemaLike {
  readonly '~standard': StandardJsonSchemaLike['~standard'] & {
    readonly validate?: ((value: unknown) => SchemaVerdict<Output> | Promise<SchemaVerdict<Output>>) | undefined;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** A schema as a user has it. */
export type SchemaLike = JsonSchema | StandardSchemaLike;

/** The type of what a schema makes of a valid value; `JsonValue` for plain JSON Schema, which says nothing to the compiler. */
export type SchemaOutput<S> = S extends StandardSchemaLike<infer _, infer Output> ? Output : JsonValue;

/** The type of what a schema takes. */
export type SchemaInput<S> = S extends StandardSchemaLike<infer Input> ? Input : JsonValue;
