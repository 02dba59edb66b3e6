import { isJsonObject, type JsonValue } from '../core/index.ts';
import { SchemaDefinitions, standardJsonSchema, type SchemaInput, type SchemaLike, type SchemaOutput } from '../schema/index.ts';
import type { FunctionDefinition, FunctionExample } from './function-definition.ts';
import type { FunctionOptions, FunctionTool } from './function-options.ts';
import { makeFunction } from './make-function.ts';
import { isStandard, objectParameters } from './member-spec.ts';
import type { TypedFunction } from './typed-function.ts';

/** What {@link llmFunction} makes: called with a model, then with the input. */
export type LlmFunction<I extends SchemaLike, O extends SchemaLike> = TypedFunction<
  (input: SchemaInput<I>) => SchemaOutput<O>,
  SchemaInput<I>,
  SchemaInput<O>
>;

/** A function told by schemas. */
export interface LlmFunctionSpec<I extends SchemaLike, O extends SchemaLike> {
  readonly name: string;
  /** What it does: the model has nothing else to go by than this, the names, and the schemas with their descriptions. */
  readonly description?: string;
  /** Schema of the one argument, of any type. */
  readonly input: I;
  /** Schema of the result, of any type. */
  readonly output: O;
  /** What the result is, in words. */
  readonly outputDescription?: string;
  /** Worked examples, as they go over the wire (before the transformations of the output's schema). */
  readonly examples?: readonly { readonly input: SchemaInput<I>; readonly output: SchemaInput<O> }[];
  readonly tools?: readonly FunctionTool[];
  readonly options?: FunctionOptions;
}

/**
 * A function that a model carries out, told by the schemas of its input and result: any Standard Schema that can say its JSON Schema (zod, ArkType,
 * valibot), `jsonSchema<T>(…)`, or plain JSON Schema.
 *
 * A model that enforces schemas is given one; any other is asked for JSON, which is read leniently. Either way the result is checked against the
 * schema, and transformed by it; what is not valid is sent back with what is wrong, `attempts` times in all.
 *
 * The call throws LmdeckError `usage` for an input that is not valid; `invalid-response` when no attempt gave a valid result (`data`: attempts,
 * callIds, problems with their JSONPaths, answer); `content-filter` when the model refuses; and what any call throws.
 *
 * @example
 * ```ts
 * import { mock } from 'lmdeck';
 * import { llmFunction } from 'lmdeck/functions';
 * import { z } from 'zod';
 *
 * const extract = llmFunction({
 *   name: 'extractPerson',
 *   description: 'Finds the person that a text is about.',
 *   input: z.string(),
 *   output: z.object({ name: z.string(), born: z.iso.date().transform((text) => new Date(text)) }),
 * });
 * const model = mock({ outputs: ['{"name": "Ada Lovelace", "born": "1815-12-10"}'] });
 * const person = await extract(model)('Ada Lovelace, born on the tenth of December 1815, …');
 * console.log(person.name, person.born.getUTCFullYear()); // Ada Lovelace 1815
 * ```
 */
export function llmFunction<const I extends SchemaLike, const O extends SchemaLike>(spec: LlmFunctionSpec<I, O>): LlmFunction<I, O> {
  const definitions = new SchemaDefinitions();
  const inputSchema = definitions.add(standardJsonSchema(spec.input), 'Input');
  const output = definitions.add(standardJsonSchema(spec.output), 'Output');
  const parameters = objectParameters(inputSchema);
  const takesValue = parameters === undefined;
  const { name, description, outputDescription, examples, tools, options = {} } = spec;
  const definition: FunctionDefinition = {
    name,
    parameters: parameters ?? [{ name: 'input', schema: inputSchema }],
    output,
    definitions: definitions.definitions,
    ...(description === undefined ? {} : { description }),
    ...(outputDescription === undefined ? {} : { outputDescription }),
    ...(examples === undefined ? {} : { examples: examples.map((each) => example(each, takesValue)) }),
  };
  return makeFunction({
    source: {
      definition,
      inputSchema,
      takesValue,
      ...(isStandard(spec.input) ? { input: spec.input } : {}),
      ...(isStandard(spec.output) ? { output: spec.output } : {}),
    },
    input: ([input]) => input,
    options: tools === undefined ? options : { ...options, tools },
  });
}

function example({ input, output }: { readonly input: unknown; readonly output: unknown }, takesValue: boolean): FunctionExample {
  const shown = plain(input);
  return { input: !takesValue && isJsonObject(shown) ? shown : { input: shown }, output: plain(output) };
}

function plain(value: unknown): JsonValue {
  const json: JsonValue = JSON.parse(JSON.stringify(value));
  return json;
}
