import type { JsonSchema } from '../core/index.ts';
import type { StandardSchemaLike } from '../schema/index.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** Where a function comes from: its definition, and what a definition cannot say because it is plain data. */
export interface FunctionSource {
  readonly definition: FunctionDefinition;
  /** The schema of the whole input, where it is more than the parameters; references are to `definition.definitions`. */
  readonly inputSchema?: JsonSchema;
  /** The input is one value and not arguments by name. */
  readonly takesValue?: boolean;
  /** The user's own schemas: they check, fill in defaults and transform. */
  readonly input?: StandardSchemaLike;
  readonly output?: StandardSchemaLike;
}

/** The schema of all arguments as one object. */
export function argumentsSchema({ parameters }: FunctionDefinition): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(
      parameters.map(({ name, schema, description }) => [name, description === undefined ? schema : { ...schema, description }]),
    ),
    required: parameters.filter(({ optional, rest }) => optional !== true && rest !== true).map(({ name }) => name),
    additionalProperties: false,
  };
}
