import type { JsonObject, JsonSchema, JsonValue } from '../core/index.ts';

/**
 * A function that a model carries out, as plain data: what `llmFunction` makes from schemas and what `lmdeck functions generate` writes
 * from declarations. JSON in, JSON out: schemas are JSON Schema (draft 2020-12); what JSON has no type for is written `x-type`
 * (see {@link FunctionDefinition.output}).
 */
export interface FunctionDefinition {
  readonly name: string;
  /** What it does, in the words of its author. */
  readonly description?: string;
  /** By parameter, in order. */
  readonly parameters: readonly FunctionParameter[];
  /**
   * Schema of the result, of any type. `"x-type": "Date"` beside `{ type: 'string', format: 'date-time' }` makes the text a `Date`;
   * `Set` (of an array), `Map` (of an object) and `bigint` (of a string of digits) likewise. Arguments may have such values without any mark.
   */
  readonly output: JsonSchema;
  /** What the result is, in words. */
  readonly outputDescription?: string;
  /** Named types that `parameters` and `output` refer to as `{ $ref: '#/$defs/NAME' }`; the prompt has each once, by its name. */
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  /**
   * Names of type parameters. Where a schema depends on one, it has `{ 'x-type-parameter': NAME }` in its place; that is found at each call from
   * the arguments, or given (`withTypes`).
   */
  readonly typeParameters?: readonly string[];
  readonly examples?: readonly FunctionExample[];
}

export interface FunctionParameter {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly description?: string;
  readonly optional?: boolean;
  /** A rest parameter, the last one: `schema` is that of the array. */
  readonly rest?: boolean;
}

/** One worked example: arguments by parameter name, and what comes back, as JSON. */
export interface FunctionExample {
  readonly input: JsonObject;
  readonly output: JsonValue;
}
