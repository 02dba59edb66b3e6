import type { JsonObject, JsonSchema, JsonValue } from '../core/index.ts';

/**
 * A function that a model carries out, as plain data: what `llmFunction` makes from schemas and what `lmdeck functions generate` writes
 * from declarations. JSON in, JSON out: `output` is always an object's or value's JSON Schema (draft 2020-12).
 */
export interface FunctionDefinition {
  readonly name: string;
  /** What it does, in the words of its author. */
  readonly description?: string;
  /** By parameter, in order. */
  readonly parameters: readonly FunctionParameter[];
  readonly output: JsonSchema;
  /** What the result is, in words. */
  readonly outputDescription?: string;
  readonly examples?: readonly FunctionExample[];
}

export interface FunctionParameter {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly description?: string;
  readonly optional?: boolean;
}

/** One worked example: arguments by parameter name, and what comes back. */
export interface FunctionExample {
  readonly input: JsonObject;
  readonly output: JsonValue;
}
