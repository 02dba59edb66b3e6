import { assistant, isJsonObject, LmdeckError, system, user, type JsonSchema, type JsonValue, type Message } from '../core/index.ts';
import { enforceableSchema, needsWrapper, resolvedSchema, schemaCheck, wrapped, wrappedSchema, type SchemaCheck } from '../schema/index.ts';
import { AnswerReader, type Reading } from './answer-reader.ts';
import type { FunctionDefinition, FunctionExample } from './function-definition.ts';
import { argumentsSchema, type FunctionSource } from './function-source.ts';
import { instructions } from './instructions.ts';
import { jsonText } from './json-text.ts';
import { problemText, validatedValue } from './validated-value.ts';

/** A function made ready: all that is the same at every call. */
export class FunctionPlan {
  readonly name: string;
  /** True when the value stands alone in an object on the wire. */
  readonly isWrapped: boolean;
  readonly #source: FunctionSource;
  readonly #instructions: string;
  readonly #wireSchema: JsonSchema;
  readonly #checkInput: SchemaCheck;
  readonly #reader: AnswerReader;
  readonly #examples: readonly Message[];
  /** The schema for the server by the keywords that a model refused. */
  readonly #enforceable = new Map<string, JsonSchema>();
  readonly #refused = new Map<string, ReadonlySet<string>>();

  private constructor(source: FunctionSource, input: JsonSchema, checkInput: SchemaCheck, checkOutput: SchemaCheck) {
    const { definition } = source;
    const { outputDescription, definitions = {} } = definition;
    const output = outputSchema(definition);
    this.name = definition.name;
    this.#source = source;
    this.#checkInput = checkInput;
    this.isWrapped = needsWrapper(output);
    const described = outputDescription === undefined ? output : { ...output, description: outputDescription };
    this.#wireSchema = this.isWrapped ? wrappedSchema(described) : described;
    this.#instructions = instructions(definition, input, this.#wireSchema);
    this.#reader = new AnswerReader({ ...output, $defs: definitions }, checkOutput, source.output, this.isWrapped);
    this.#examples = (definition.examples ?? []).flatMap((example, i) => this.#exampleTurn(example, i));
  }

  /** @throws LmdeckError `usage` for a schema that is none, or an example that the schemas do not allow. */
  static async of(source: FunctionSource): Promise<FunctionPlan> {
    const { definitions = {} } = source.definition;
    const output = outputSchema(source.definition);
    const input = source.inputSchema ?? argumentsSchema(source.definition);
    const [checkInput, checkOutput] = await Promise.all([
      schemaCheck({ ...input, $defs: definitions }),
      schemaCheck({ ...output, $defs: definitions }),
    ]);
    return new FunctionPlan(source, input, checkInput, checkOutput);
  }

  /**
   * What is asked for an input.
   * @throws LmdeckError `usage` when the input is not valid.
   */
  async messages(input: unknown): Promise<readonly Message[]> {
    const asked = await this.#inputText(input);
    if (this.#source.definition.parameters.length === 0) return [user(this.#instructions)];
    return [system(this.#instructions), ...this.#examples, user(asked)];
  }

  /** The schema for a model that enforces schemas. */
  enforceable(modelId: string): JsonSchema {
    const without = this.refused(modelId);
    const key = [...without].toSorted().join();
    let schema = this.#enforceable.get(key);
    if (schema === undefined) {
      schema = enforceableSchema(this.#wireSchema, this.#source.definition.definitions, without);
      this.#enforceable.set(key, schema);
    }
    return schema;
  }

  /** The keywords that a model has said it cannot enforce. */
  refused(modelId: string): ReadonlySet<string> {
    return this.#refused.get(modelId) ?? new Set();
  }

  refuse(modelId: string, keyword: string): void {
    this.#refused.set(modelId, new Set([...this.refused(modelId), keyword]));
  }

  read(text: string): Promise<Reading> {
    return this.#reader.read(text);
  }

  async #inputText(input: unknown): Promise<string> {
    const { input: own } = this.#source;
    let value = input;
    if (own !== undefined) {
      const validated = await validatedValue(own, input);
      if ('problems' in validated) throw this.#wrongInput(problemText(validated.problems));
      ({ value } = validated);
    }
    const text = jsonText(value);
    if (text === undefined) throw this.#wrongInput(`a ${typeof value} has no JSON form`);
    // The user's schema has checked it already, and what it made of it need not be what it takes.
    const problems = own?.['~standard'].validate === undefined ? this.#checkInput(JSON.parse(text)) : [];
    if (problems.length > 0) throw this.#wrongInput(problemText(problems));
    return this.#source.takesValue === true && typeof value === 'string' ? value : text;
  }

  #exampleTurn({ input, output }: FunctionExample, index: number): Message[] {
    const problems = this.#reader.check(output);
    if (problems.length > 0)
      throw new LmdeckError(
        'usage',
        `${this.name}: the output of example ${index + 1} does not follow the schema: ${problemText(problems)}`,
      );
    const shown: JsonValue | undefined = this.#source.takesValue === true ? input['input'] : input;
    const asked = typeof shown === 'string' ? shown : JSON.stringify(shown ?? {});
    return [user(asked), assistant(JSON.stringify(this.isWrapped ? wrapped(output) : output))];
  }

  #wrongInput(what: string): LmdeckError {
    return new LmdeckError('usage', `${this.name}: the input is not valid: ${what}`);
  }
}

/** What a named type stands for: as a name alone it would have to be wrapped. */
function outputSchema({ output, definitions = {} }: FunctionDefinition): JsonSchema {
  const { $ref, ...beside } = output;
  if ($ref === undefined) return output;
  const named = resolvedSchema({ $defs: definitions }, output);
  return isJsonObject(named) ? { ...named, ...beside } : output;
}
