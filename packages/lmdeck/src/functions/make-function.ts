import { answeredBefore } from '../batch/index.ts';
import {
  didYouMean,
  languageModel,
  LmdeckError,
  promptText,
  type JsonSchema,
  type JsonValue,
  type LanguageModel,
  type Model,
} from '../core/index.ts';
import { SchemaDefinitions, standardJsonSchema, type SchemaLike } from '../schema/index.ts';
import type { Explanation } from './explanation.ts';
import type { FunctionOptions } from './function-options.ts';
import type { FunctionOutcome, FunctionResult } from './function-outcome.ts';
import { FunctionPlans } from './function-plans.ts';
import type { FunctionSource } from './function-source.ts';
import { functionSteps } from './function-steps.ts';
import type { FunctionStream } from './function-stream.ts';
import { mapInputs, type MapOptions } from './map-inputs.ts';
import { mergedOptions, promptOptions } from './prompt-options.ts';
import { ResultStream } from './result-stream.ts';
import type { AnyFunction, TypedFunction } from './typed-function.ts';

/** How a function is made of its source. `input` makes the input of the arguments. */
export interface FunctionMaking {
  readonly source: FunctionSource;
  readonly input: (args: readonly unknown[]) => unknown;
  readonly options: FunctionOptions;
  readonly types?: Readonly<Record<string, JsonSchema>>;
}

/** Makes a function. That its schemas stand for the types `F`, `Input` and `Wire` is on the caller. */
export function makeFunction<F extends AnyFunction, Input, Wire>(making: FunctionMaking): TypedFunction<F, Input, Wire>;
export function makeFunction(making: FunctionMaking): unknown {
  const plans = new FunctionPlans(making.source, making.types ?? {});
  const { definition } = making.source;
  const made = (model: Model, options?: FunctionOptions): unknown =>
    bound(plans, making, promptable(model), mergedOptions(making.options, options));
  return named(made, definition.name, {
    definition,
    withOptions: (options: FunctionOptions) => makeFunction({ ...making, options: mergedOptions(making.options, options) }),
    withTypes: (types: Readonly<Record<string, SchemaLike>>) => makeFunction(typed(making, types)),
  });
}

/** A function with its model. */
function bound(plans: FunctionPlans, { source, input }: FunctionMaking, model: LanguageModel, options: FunctionOptions): unknown {
  async function* steps(
    value: unknown,
    given: FunctionOptions,
    streams: boolean,
    asked: LanguageModel = model,
  ): AsyncGenerator<JsonValue, FunctionResult<unknown>, undefined> {
    return yield* functionSteps({ plan: await plans.for(value), model: asked, input: value, options: given, streams });
  }
  const run = (value: unknown, given: FunctionOptions = options, asked?: LanguageModel): Promise<FunctionResult<unknown>> =>
    new ResultStream((streams) => steps(value, given, streams, asked)).result();
  const value = async (given: unknown, more?: FunctionOptions): Promise<unknown> => (await run(given, mergedOptions(options, more))).value;
  return named((...args: readonly unknown[]): Promise<unknown> => value(input(args)), source.definition.name, {
    explicit: value,
    run: (...args: readonly unknown[]) => run(input(args)),
    stream: (...args: readonly unknown[]): FunctionStream<JsonValue, unknown> =>
      new ResultStream((streams) => steps(input(args), options, streams)),
    map: (
      inputs: Iterable<unknown> | AsyncIterable<unknown>,
      { concurrency, tape, ...more }: MapOptions = {},
    ): AsyncIterable<FunctionOutcome<unknown, unknown>> => {
      const given = mergedOptions(options, more);
      const { runId, signal, sample } = given;
      const asked = tape === undefined || runId === undefined ? model : languageModel(model, answeredBefore(tape, runId));
      return mapInputs(inputs, (each, asking) => run(each, { ...given, ...asking }, asked), { signal, sample, concurrency });
    },
    explain: async (...args: readonly unknown[]): Promise<Explanation> => {
      const whole = input(args);
      const plan = await plans.for(whole);
      const call = { plan, model, input: whole, options, streams: false };
      const request = model.prompt(await plan.messages(whole), promptOptions(call, undefined)).prompt;
      const { messages, ...others } = request;
      const rest = Object.entries(others).filter(([, other]) => Object.keys(other).length > 0);
      const lines = rest.map(([name, other]) => `${name}: ${JSON.stringify(other)}`);
      return { request, text: [promptText(messages), ...lines].join('\n\n') };
    },
  });
}

function named(call: (...args: never[]) => unknown, name: string, members: object): object {
  return Object.assign(Object.defineProperty(call, 'name', { value: name, configurable: true }), members);
}

function typed(making: FunctionMaking, types: Readonly<Record<string, SchemaLike>>): FunctionMaking {
  const { source } = making;
  const { definition } = source;
  const known = definition.typeParameters ?? [];
  const definitions = new SchemaDefinitions(definition.definitions);
  const given: Record<string, JsonSchema> = { ...making.types };
  for (const [name, schema] of Object.entries(types)) {
    if (!known.includes(name)) {
      const has = known.length === 0 ? 'it is not generic' : `it has ${known.join(', ')}`;
      throw new LmdeckError('usage', `${definition.name}: there is no type parameter ${name}: ${has}.${didYouMean(name, known)}`);
    }
    given[name] = definitions.add(standardJsonSchema(schema), name);
  }
  return { ...making, types: given, source: { ...source, definition: { ...definition, definitions: definitions.definitions } } };
}

function promptable(model: Model): LanguageModel {
  return isPromptable(model) ? model : languageModel(model);
}

function isPromptable(model: Model): model is LanguageModel {
  return 'prompt' in model;
}
