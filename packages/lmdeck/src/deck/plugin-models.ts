import { LmdeckError, type Model } from '../core/index.ts';
import { pluginCallError } from './plugin-import.ts';
import type { PluginManifest } from './plugin-manifest.ts';
import type { ModelInfo, ModelProvider, ModelRegistry } from './plugin.ts';

interface Registered<T> {
  readonly value: T;
  readonly owner: PluginManifest;
}

interface SingleModel {
  readonly model: Model;
  readonly aliases: readonly string[];
  readonly description?: string;
}

/** The models and providers of all plugins that were loaded. No two may have the same id, alias or prefix. */
export class PluginModels {
  readonly #models = new Map<string, Registered<SingleModel>>();
  readonly #providers = new Map<string, Registered<ModelProvider>>();

  readonly #reserved: ReadonlySet<string>;

  /** @param reserved ids, and prefixes with a slash, that no plugin can have. */
  constructor(reserved: ReadonlySet<string>) {
    this.#reserved = reserved;
  }

  /** The registry as one plugin sees it. */
  registryFor(owner: PluginManifest): ModelRegistry {
    return {
      register: (model, { aliases = [], description } = {}) => {
        for (const name of [model.id, ...aliases]) this.#refuseClash(name, owner);
        const value = description === undefined ? { model, aliases } : { model, aliases, description };
        for (const name of [model.id, ...aliases]) this.#models.set(name, { value, owner });
      },
      registerProvider: (provider) => {
        this.#refuseClash(`${provider.prefix}/`, owner);
        this.#providers.set(provider.prefix, { value: provider, owner });
      },
    };
  }

  /** Takes back what a plugin registered before it failed. */
  forget(owner: PluginManifest): void {
    for (const [name, { owner: each }] of this.#models) if (each === owner) this.#models.delete(name);
    for (const [prefix, { owner: each }] of this.#providers) if (each === owner) this.#providers.delete(prefix);
  }

  /** The model of this id, alias or path, from plugins that are loaded. @throws LmdeckError what the provider throws. */
  async find(name: string): Promise<Model | undefined> {
    const single = this.#models.get(name);
    if (single !== undefined) return single.value.model;
    const slash = name.indexOf('/');
    const provider = slash > 0 ? this.#providers.get(name.slice(0, slash)) : undefined;
    if (provider !== undefined) return resolved(provider, name.slice(slash + 1));
    const claimer = [...this.#providers.values()].find(({ value }) => value.claims?.(name));
    return claimer === undefined ? undefined : resolved(claimer, name);
  }

  /** The model that one of a plugin's providers lists under this alias. */
  async findAlias(alias: string, owner: PluginManifest): Promise<Model | undefined> {
    const info = (await this.list(owner)).find((each) => each.aliases.includes(alias));
    return info === undefined ? undefined : this.find(info.id);
  }

  /** The ids of a plugin's models, and the prefixes of its providers with a slash. */
  registered(owner: PluginManifest): readonly string[] {
    const ids = [...this.#models.values()].flatMap(({ value, owner: each }) => (each === owner ? [value.model.id] : []));
    const prefixes = [...this.#providers].flatMap(([prefix, { owner: each }]) => (each === owner ? [`${prefix}/`] : []));
    return [...new Set([...ids, ...prefixes])];
  }

  /** What a plugin can name beforehand. */
  async list(owner: PluginManifest): Promise<readonly ModelInfo[]> {
    const infos: ModelInfo[] = [];
    for (const single of new Set([...this.#models.values()].map((each) => (each.owner === owner ? each.value : undefined)))) {
      if (single !== undefined) infos.push(infoOf(single, owner));
    }
    for (const { value, owner: each } of this.#providers.values()) {
      if (each === owner) for (const info of await value.list()) infos.push({ ...info, source: owner.name });
    }
    return infos;
  }

  #refuseClash(name: string, owner: PluginManifest): void {
    const other = name.endsWith('/') ? this.#providers.get(name.slice(0, -1)) : this.#models.get(name);
    const holder =
      other === undefined ? (this.#reserved.has(name) ? 'lmdeck' : undefined) : `the plugin ${other.owner.name} (${other.owner.path})`;
    if (holder === undefined) return;
    const what = name.endsWith('/') ? `the prefix ${name}` : `the model ${name}`;
    throw new LmdeckError(
      'plugin',
      `The plugin ${owner.name} (${owner.path}) registers ${what}, which ${holder} has already. Remove one of them, or choose with LMDECK_PLUGINS.`,
      { data: { plugin: owner.name, path: owner.path, name } },
    );
  }
}

async function resolved({ value: provider, owner }: Registered<ModelProvider>, name: string): Promise<Model | undefined> {
  try {
    return await provider.resolve(name);
  } catch (error) {
    throw pluginCallError(owner, `failed to make the model ${name}`, error);
  }
}

function infoOf({ model, aliases, description }: SingleModel, owner: PluginManifest): ModelInfo {
  return {
    id: model.id,
    aliases,
    source: owner.name,
    capabilities: model.capabilities,
    ...(description === undefined ? {} : { description }),
    ...(model.options === undefined ? {} : { options: model.options }),
  };
}
