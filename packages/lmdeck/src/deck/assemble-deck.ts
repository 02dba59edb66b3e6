import { resolve } from 'node:path';

import { forcedReplay, languageModel, LmdeckError, type LanguageModel, type Model, type Wrapper } from '../core/index.ts';
import type { RateLimiter } from '../middleware/limits/index.ts';
import { openAliases } from './aliases.ts';
import { builtInInfos } from './built-in.ts';
import { DeckTape } from './deck-tape.ts';
import type { Deck, DeckOptions } from './deck.ts';
import { withDefaultOptions } from './default-options.ts';
import { endpointModel } from './endpoint-model.ts';
import { EndpointLimits } from './endpoint-limits.ts';
import { openEndpoints } from './endpoints.ts';
import { openKeys } from './keys.ts';
import { ModelResolver, type ModelTarget } from './model-resolver.ts';
import { deckHome, deckPaths } from './paths.ts';
import type { Plugins } from './plugins.ts';
import { openSettings, type Settings } from './settings.ts';
import { openPrices, withPrice } from './prices.ts';
import { standardStack } from './standard-stack.ts';
import { unknownFrom } from './unknown-from.ts';

/** What is used when the user has chosen nothing but has a key for it. */
const FIRST_CHOICE = 'openai/gpt-5.6-luna';

/** The model that is used when none is named. */
interface StandardModel {
  readonly name: string;
  /** Who chose it, and how to choose another one; absent when nobody did. */
  readonly change?: string;
}

/** Puts a deck together; see `openDeck`. */
export async function assembleDeck(options: DeckOptions): Promise<Deck> {
  const { env = process.env, cwd = process.cwd(), onWarning = (message: string) => process.emitWarning(message) } = options;
  const home = options.home === undefined ? deckHome(env, cwd) : resolve(cwd, options.home);
  const paths = deckPaths(
    home,
    typeof options.tape === 'string' && options.tape !== ':memory:' ? resolve(cwd, options.tape) : options.tape,
  );

  const keys = openKeys({ path: paths.keys, env, onWarning });
  const aliases = openAliases(paths.aliases);
  const settings = openSettings(paths.config);
  const endpoints = openEndpoints(paths.endpoints, env);
  const prices = openPrices(paths.prices, aliases);
  const tape = new DeckTape(paths.tape, options.readOnlyTape ?? false, options.mappedTape ?? true);
  const servers = { home, env, keys, transport: options.transport };
  let loadedPlugins: Promise<Plugins> | undefined;
  const plugins = (): Promise<Plugins> =>
    (loadedPlugins ??= import('./plugins.ts').then(
      ({ Plugins }) =>
        new Plugins({
          discovery: async () => ({ cwd, home, only: env['LMDECK_PLUGINS'], paths: (await settings.read()).plugins ?? [] }),
          host: { home, env, key: (name) => keys.get(name) },
        }),
    ));
  const models: Deck['models'] = async (query = {}) => {
    const [{ collectModels }, { endpointModels }] = await Promise.all([import('./model-list.ts'), import('./endpoint-models.ts')]);
    return collectModels({
      aliases,
      own: builtInInfos,
      endpoints: async () => {
        const asked = (await endpoints.list()).filter(({ name }) => query.endpoint === undefined || name === query.endpoint);
        return endpointModels(asked, servers, query);
      },
      plugins: async () => (await plugins()).models(),
      prices,
    });
  };
  const resolver = new ModelResolver({
    aliases,
    endpoints,
    plugins,
    endpointModel: (endpoint, name) => endpointModel(endpoint, name, servers),
    savedModel: async (path) => (await import('./configure/index.ts')).savedModel(resolve(cwd, path), deck),
    models,
  });
  const made = new Map<string, Promise<LanguageModel>>();
  const limits = new EndpointLimits(options.maxHoldMs);
  let closed: Promise<void> | undefined;

  const standardModel = async (): Promise<StandardModel> => {
    const inEnv = env['LMDECK_MODEL'];
    if (inEnv !== undefined && inEnv !== '')
      return { name: inEnv, change: `The environment variable LMDECK_MODEL asks for "${inEnv}": set it to another model.` };
    const { defaultModel: chosen } = await settings.read();
    if (chosen !== undefined)
      return {
        name: chosen,
        change: `The default model is "${chosen}" (${settings.path}). Choose another one: lmdeck models default <id>`,
      };
    if ((await keys.resolve({ keyName: 'openai', envName: 'OPENAI_API_KEY' })) !== undefined) return { name: FIRST_CHOICE };
    for (const { declares } of await (await plugins()).manifests())
      if (declares?.defaultModel !== undefined) return { name: declares.defaultModel };
    throw new LmdeckError(
      'config',
      `No model was named, and there is no default. Choose one: lmdeck models default <id> (lmdeck models lists them), or store a key for ${FIRST_CHOICE}: lmdeck keys set openai`,
    );
  };

  const defaultModel = async (): Promise<string> => aliases.resolve((await standardModel()).name);

  const targetOf = async (given: string | undefined): Promise<ModelTarget> => {
    const { name, change }: StandardModel = given === undefined ? await standardModel() : { name: given };
    try {
      return await resolver.resolve(name);
    } catch (error) {
      throw change === undefined ? error : unknownFrom(error, change);
    }
  };

  const limiterOf = async ({ limited }: ModelTarget): Promise<RateLimiter | undefined> =>
    limited === undefined || options.limits === false ? undefined : limits.of(limited);

  const wrappers = async ({ logging = true, timeouts }: Settings, target: ModelTarget): Promise<readonly Wrapper[]> => {
    const { replay = false, cache = false, retry, log } = options;
    const forced = forcedReplay(env);
    // A replay must leave the tape that it reads as it is, unless it is told otherwise.
    const recording =
      paths.tape !== undefined && options.readOnlyTape !== true && (log ?? (logging && replay === false && forced === undefined));
    // A replay looks at more than one answer, so it needs the tape itself; who records beside it must mean the same one.
    const store = replay === false ? undefined : await tape.open();
    return standardStack({
      forced,
      recordTo: recording ? (store ?? (await tape.store())) : undefined,
      cacheFrom: cache ? await tape.store() : undefined,
      replayFrom: store === undefined ? undefined : { store, ...(typeof replay === 'object' ? { options: replay } : {}) },
      retry,
      timeouts: { ...timeouts, ...target.timeouts, ...options.timeouts },
      limit: (await limiterOf(target))?.wrapper,
    });
  };

  const make = async (target: ModelTarget): Promise<LanguageModel> => {
    const configured = await settings.read();
    const made = await target.make();
    // A plugin's model that does not say how it is made can be had again from a deck.
    const described: Model = made.toJSON === undefined ? { ...made, toJSON: () => ({ type: 'deck', id: target.id }) } : made;
    const price = made.price === undefined ? await prices.of(target.id) : undefined;
    const model = languageModel(price === undefined ? described : withPrice(described, price), ...(await wrappers(configured, target)));
    return withDefaultOptions(model, { ...target.options, ...configured.models?.[target.id]?.options });
  };

  const model = async (name?: string): Promise<LanguageModel> => {
    if (closed !== undefined) throw new LmdeckError('usage', 'This deck is closed.');
    const target = await targetOf(name);
    let known = made.get(target.key);
    if (known === undefined) {
      made.set(target.key, (known = make(target)));
      // A mistake in a file may be mended before the next try.
      known.catch(() => made.delete(target.key));
    }
    return known;
  };

  const close = async (): Promise<void> => {
    const unloads = [...made.values()].map(async (each) => (await each).unload?.());
    for (const each of await Promise.allSettled([tape.close(), ...unloads])) if (each.status === 'rejected') throw each.reason;
  };
  const closeOnce = (): Promise<void> => (closed ??= close());

  const deck: Deck = {
    paths,
    keys,
    aliases,
    settings,
    endpoints,
    model,
    resolve: async (name) => (await targetOf(name)).id,
    defaultModel,
    models,
    limiter: async (name) => limiterOf(await targetOf(name)),
    plugins: async ({ load = false } = {}) => (await plugins()).infos(load),
    pluginCommands: async () => (await plugins()).commands(),
    loadCommand: async (name) => (await plugins()).command(name),
    tape: () => tape.open(),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
  return deck;
}
