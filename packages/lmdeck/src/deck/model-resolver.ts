import { didYouMean, LmdeckError, nearNames, type JsonObject, type Model, type Timeouts } from '../core/index.ts';
import type { Aliases } from './aliases.ts';
import { builtInModel } from './built-in.ts';
import { isLimited } from './endpoint-limits.ts';
import type { DeckEndpoint, Endpoints } from './endpoints.ts';
import type { ModelInfo } from './plugin.ts';
import type { Plugins } from './plugins.ts';
import { unknownFrom } from './unknown-from.ts';

/** A model that a name stands for, not made yet. */
export interface ModelTarget {
  readonly id: string;
  /** Equal for the same model only: two files can have one id. */
  readonly key: string;
  /** Options that its endpoint's entry sets. */
  readonly options: JsonObject;
  /** Limits of waiting that its endpoint's entry sets. */
  readonly timeouts?: Timeouts;
  /** The endpoint that has the model, when it does not take whatever is asked. */
  readonly limited?: DeckEndpoint;
  make(): Promise<Model>;
}

/** A model that a file describes: made, or by the name that the deck knows it by. */
export type SavedModel = ({ readonly made: Model } | { readonly id: string }) & { readonly options: JsonObject };

export interface ModelResolverOptions {
  readonly aliases: Aliases;
  readonly endpoints: Endpoints;
  /** Loaded when a name is neither built in nor on an endpoint. */
  readonly plugins: () => Promise<Plugins>;
  /** Makes the model that a server calls `name`. */
  readonly endpointModel: (endpoint: DeckEndpoint, name: string) => Promise<Model>;
  /** What a file describes, see `loadModel`. */
  readonly savedModel: (path: string) => Promise<SavedModel>;
  /** All that can be named beforehand. */
  readonly models: () => Promise<readonly ModelInfo[]>;
}

/**
 * What a name stands for. Looked for where it costs least first: aliases, built-in models, files that describe one, endpoints (a known prefix takes any
 * name), the plugin that declares it, the end of a known id, plugins that declare nothing.
 */
export class ModelResolver {
  readonly #options: ModelResolverOptions;

  constructor(options: ModelResolverOptions) {
    this.#options = options;
  }

  /** @throws LmdeckError `unknown-model`, `config`, `plugin`. */
  async resolve(given: string): Promise<ModelTarget> {
    const { aliases } = this.#options;
    const name = await aliases.resolve(given);
    if (name === given) return this.#named(name);
    const change = `The alias ${given} stands for it (${aliases.path}). Change it: lmdeck aliases set ${given} <id>`;
    try {
      return await this.#named(name);
    } catch (error) {
      throw unknownFrom(error, change);
    }
  }

  async #named(name: string): Promise<ModelTarget> {
    return (
      (await this.#found(() => builtInModel(name))) ??
      (await this.#saved(name)) ??
      (await this.#onEndpoint(name)) ??
      (await this.#found(() => this.#declared(name))) ??
      (await this.#byEnd(name, await this.#cheaplyKnown(name))) ??
      (await this.#found(() => this.#undeclared(name))) ??
      (await this.#among(name, await this.#options.models()))
    );
  }

  async #saved(path: string): Promise<ModelTarget | undefined> {
    if (!/\.(?:ya?ml|json)$/i.test(path)) return undefined;
    const saved = await this.#options.savedModel(path);
    const { options } = saved;
    if ('made' in saved)
      return { id: saved.made.id, key: JSON.stringify([path, saved.made, options]), options, make: async () => saved.made };
    const target = await this.resolve(saved.id);
    return { ...target, key: JSON.stringify([path, target.key, options]), options: { ...target.options, ...options } };
  }

  async #onEndpoint(id: string): Promise<ModelTarget | undefined> {
    const slash = id.indexOf('/');
    if (slash <= 0 || slash === id.length - 1) return undefined;
    const endpoint = await this.#options.endpoints.get(id.slice(0, slash));
    if (endpoint === undefined) return undefined;
    const name = id.slice(slash + 1);
    const { timeouts = {}, logprobs } = endpoint;
    const options = { ...(logprobs === true ? { logprobs } : {}), ...endpoint.models?.find((each) => each.id === name)?.options };
    const limited = isLimited(endpoint) ? { limited: endpoint } : {};
    return { id, key: id, options, timeouts, ...limited, make: () => this.#options.endpointModel(endpoint, name) };
  }

  async #declared(name: string): Promise<Model | undefined> {
    return (await this.#options.plugins()).declaredModel(name);
  }

  async #undeclared(name: string): Promise<Model | undefined> {
    return (await this.#options.plugins()).undeclaredModel(name);
  }

  async #found(find: () => Promise<Model | undefined>): Promise<ModelTarget | undefined> {
    const model = await find();
    if (model === undefined) return undefined;
    const { id, endpoint, revision } = model;
    return { id, key: JSON.stringify([id, endpoint, revision]), options: {}, make: async () => model };
  }

  /** Ids that end in this name, or have it as an alias, as far as no plugin must be loaded for it. */
  async #cheaplyKnown(name: string): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const endpoint of await this.#options.endpoints.withModel(name)) {
      for (const { id, aliases } of endpoint.models ?? []) {
        if (id === name || aliases?.includes(name) === true) ids.push(`${endpoint.name}/${id}`);
      }
    }
    for (const { declares } of await (await this.#options.plugins()).manifests()) {
      for (const id of declares?.models ?? []) if (id.endsWith(`/${name}`)) ids.push(id);
    }
    return ids;
  }

  /** The model of the only one of `ids`, if there is one. */
  async #byEnd(name: string, ids: readonly string[]): Promise<ModelTarget | undefined> {
    const [id, ...others] = new Set(ids);
    if (id === undefined) return undefined;
    if (others.length > 0) {
      throw new LmdeckError('unknown-model', `"${name}" could be any of ${[id, ...others].join(', ')}. Use the full id.`, {
        data: { model: name },
      });
    }
    return (await this.#onEndpoint(id)) ?? (await this.#found(() => this.#declared(id)));
  }

  /** The last resort: by now everything has to be loaded anyway, if only to say what is near. */
  async #among(name: string, infos: readonly ModelInfo[]): Promise<ModelTarget> {
    const models = infos.filter((each) => each.warning === undefined);
    const ids = models.filter((each) => each.id.endsWith(`/${name}`) || each.aliases.includes(name)).map((each) => each.id);
    const target =
      (await this.#byEnd(name, ids)) ?? (ids[0] === undefined ? undefined : await this.#found(() => this.#undeclared(ids[0] ?? '')));
    if (target !== undefined) return target;
    const server = await this.#options.endpoints.get(name.replace(/\/$/, ''));
    if (server !== undefined) {
      const message = `"${name}" is a server, not a model. Put one of its models behind it: ${server.name}/… (lmdeck models --remote lists them)`;
      throw new LmdeckError('unknown-model', message, { data: { model: name } });
    }
    const near = didYouMean(name, [...models.flatMap((each) => [each.id, ...each.aliases]), ...(await this.#onNearEndpoints(name))]);
    const failed = infos.flatMap(({ warning }) => (warning === undefined ? [] : [` Not searched: ${warning}`])).join('');
    const hint = near === '' && /^[^/]+$/.test(name) ? ' Models of a server are named after it: openai/…, anthropic/…, ollama/….' : near;
    throw new LmdeckError('unknown-model', `There is no model "${name}".${hint} List them: lmdeck models${failed}`, {
      data: { model: name },
    });
  }

  /** The same name on endpoints that are called almost like the one given. */
  async #onNearEndpoints(name: string): Promise<readonly string[]> {
    const slash = name.indexOf('/');
    if (slash <= 0) return [];
    const names = (await this.#options.endpoints.list()).map((each) => each.name);
    return nearNames(name.slice(0, slash), names).map((each) => `${each}${name.slice(slash)}`);
  }
}
