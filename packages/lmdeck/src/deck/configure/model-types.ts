import {
  didYouMean,
  isJsonObject,
  languageModel,
  LmdeckError,
  type JsonObject,
  type JsonValue,
  type LanguageModel,
  type Model,
  type ModelDescription,
} from '../../core/index.ts';
import { echo, mock } from '../../models/index.ts';
import { withDefaultOptions } from '../default-options.ts';
import type { Deck } from '../deck.ts';
import { describedModel } from './described-model.ts';

/** What a maker of models may use besides the description. */
export interface MakerContext {
  /** Whose keys and plugins are used; absent: keys come from the environment. */
  readonly deck?: Deck | undefined;
  /** Makes a model that is described within another one. @throws LmdeckError `config`. */
  make(description: JsonValue): Promise<LanguageModel>;
}

/** Makes a model of one type. @throws LmdeckError `config` for settings that it does not take. */
export type ModelMaker = (settings: JsonObject, context: MakerContext) => Model | Promise<Model>;

/** Those types of models that a file may name: nothing else is ever made, and nothing is imported by a name in a file. */
export interface ModelTypes {
  readonly names: readonly string[];
  /**
   * The model of a description, its options set as defaults.
   * @throws LmdeckError `config` for a type that is not listed here and for settings that it does not take.
   */
  make(description: JsonValue): Promise<LanguageModel>;
}

export interface ModelTypesOptions {
  /** Further types by name. */
  readonly types?: Readonly<Record<string, ModelMaker>> | undefined;
  readonly deck?: Deck | undefined;
}

const builtIn: Readonly<Record<string, ModelMaker>> = {
  chat: (settings, { deck }) => describedModel(settings, deck),
  mock: ({ id, outputs }) => {
    const texts = Array.isArray(outputs) ? outputs.filter((each: JsonValue) => typeof each === 'string') : [];
    if (typeof id !== 'string' || !Array.isArray(outputs) || texts.length !== outputs.length)
      throw new LmdeckError('config', 'A mock needs an "id" and a list of texts as "outputs".');
    return mock({ id, outputs: texts });
  },
  echo: ({ id }) => echo(typeof id === 'string' ? { id } : {}),
  deck: ({ id }, { deck }) => {
    if (deck === undefined)
      throw new LmdeckError('config', `The model ${JSON.stringify(id)} is one of a deck: open one and give it along ({ deck }).`);
    if (typeof id !== 'string') throw new LmdeckError('config', 'A model of a deck needs its name as "id".');
    return deck.model(id);
  },
};

/**
 * The types that descriptions of models may name: `chat` (any OpenAI-compatible server), `mock`, `echo`, `deck` (a name that the deck
 * knows), and those given.
 *
 * @example
 * ```ts
 * import { modelTypes } from 'lmdeck/configure';
 *
 * const types = modelTypes();
 * const model = await types.make({ type: 'mock', id: 'mock', outputs: ['Paris'], options: { temperature: 0 } });
 * console.log(await model.prompt('Capital of France?').text()); // Paris
 * ```
 */
export function modelTypes({ types = {}, deck }: ModelTypesOptions = {}): ModelTypes {
  const makers = new Map(Object.entries({ ...builtIn, ...types }));
  const make = async (description: JsonValue): Promise<LanguageModel> => {
    if (!isJsonObject(description))
      throw new LmdeckError('config', `A model is described by an object such as { "type": "echo" }, not ${JSON.stringify(description)}.`);
    const { type, options, ...settings } = description;
    const maker = typeof type === 'string' ? makers.get(type) : undefined;
    if (maker === undefined) {
      const near = typeof type === 'string' ? didYouMean(type, makers.keys()) : '';
      throw new LmdeckError(
        'config',
        `There is no type of model ${JSON.stringify(type ?? null)}.${near} Types: ${[...makers.keys()].join(', ')}.`,
      );
    }
    const model = await maker(settings, { deck, make });
    return withDefaultOptions(languageModel(model), checkedOptions(options));
  };
  return { names: [...makers.keys()], make };
}

/** @throws LmdeckError `config` */
export function checkedOptions(options: JsonValue | undefined): JsonObject {
  if (options === undefined) return {};
  if (isJsonObject(options)) return options;
  throw new LmdeckError('config', '"options" must be an object such as { "temperature": 0 }.');
}

/**
 * A model as plain data.
 * @throws LmdeckError `capability` for a model that cannot be described: one of functions, or a plugin's that does not say.
 */
export function describeModel(model: Model): ModelDescription {
  if (model.toJSON !== undefined) return model.toJSON();
  throw new LmdeckError('capability', `${model.id} cannot be saved: it does not say how it was made (toJSON).`);
}
