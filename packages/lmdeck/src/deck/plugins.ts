import { LmdeckError, type ErrorInfo, type Model } from '../core/index.ts';
import { reservedNames } from './built-in.ts';
import { discoverPlugins, type DiscoveryOptions } from './plugin-discovery.ts';
import { importPlugin, pluginCallError, pluginError } from './plugin-import.ts';
import { declaresPrefix, type PluginInfo, type PluginManifest } from './plugin-manifest.ts';
import { PluginModels } from './plugin-models.ts';
import type { ModelInfo, Plugin, PluginCommand, PluginHost } from './plugin.ts';
import type { PluginCommandInfo } from './deck.ts';

export interface PluginsOptions {
  /** Asked at the first look for plugins. */
  readonly discovery: () => Promise<DiscoveryOptions>;
  readonly host: PluginHost;
}

/** The plugins of a deck: found once, each loaded when something of it is asked for, failures kept to the one that failed. */
export class Plugins {
  readonly #options: PluginsOptions;
  #registry: Promise<PluginModels> | undefined;
  readonly #loads = new Map<PluginManifest, Promise<Plugin>>();
  readonly #loaded = new Map<PluginManifest, Plugin>();
  readonly #errors = new Map<PluginManifest, LmdeckError>();
  #manifests: Promise<readonly PluginManifest[]> | undefined;

  constructor(options: PluginsOptions) {
    this.#options = options;
  }

  /** What was found, and how it went with those that were loaded. */
  async infos(load: boolean): Promise<readonly PluginInfo[]> {
    const manifests = await this.manifests();
    if (load) await Promise.all(manifests.map((each) => this.#tryLoad(each)));
    const models = await this.#models();
    return manifests.map((manifest) => {
      const { name, version, path, declares } = manifest;
      const error: ErrorInfo | undefined = (this.#errors.get(manifest) ?? manifest.error)?.toInfo();
      const plugin = this.#loaded.get(manifest);
      return {
        name,
        path,
        loaded: plugin !== undefined,
        ...(version === undefined ? {} : { version }),
        ...(declares === undefined ? {} : { declares: withoutModule(declares) }),
        ...(plugin === undefined
          ? {}
          : { brings: { models: models.registered(manifest), commands: (plugin.commands ?? []).map((command) => command.name) } }),
        ...(error === undefined ? {} : { error }),
      };
    });
  }

  manifests(): Promise<readonly PluginManifest[]> {
    if (this.#manifests === undefined) {
      const manifests = (this.#manifests = this.#options.discovery().then(discoverPlugins));
      // A mistake in the configuration may be mended before the next try.
      manifests.catch(() => (this.#manifests = undefined));
    }
    return this.#manifests;
  }

  /**
   * The model of this id or path from the plugin that declares it.
   * @throws LmdeckError `plugin` when that plugin fails, or two declare it.
   */
  async declaredModel(name: string): Promise<Model | undefined> {
    const slash = name.indexOf('/');
    const lower = name.toLowerCase();
    const manifests = await this.manifests();
    const owners = manifests.filter(
      (each) => each.declares?.models?.includes(name) || (slash > 0 && declaresPrefix(each, name.slice(0, slash))),
    );
    const takers =
      owners.length > 0 ? owners : manifests.filter((each) => each.declares?.extensions?.some((end) => lower.endsWith(end.toLowerCase())));
    const [first, second] = takers;
    if (first === undefined) return undefined;
    if (second !== undefined) {
      throw new LmdeckError(
        'plugin',
        `Two plugins declare the model ${name}: ${first.name} (${first.path}) and ${second.name} (${second.path}). Remove one, or choose with LMDECK_PLUGINS=${first.name}`,
        { data: { name, plugins: [first.name, second.name] } },
      );
    }
    await this.#load(first);
    const models = await this.#models();
    return (await models.find(name)) ?? (await models.findAlias(name, first));
  }

  /** The model of this id or path from plugins that declare nothing: all of them have to be loaded. */
  async undeclaredModel(name: string): Promise<Model | undefined> {
    for (const manifest of await this.manifests()) if (manifest.declares === undefined) await this.#tryLoad(manifest);
    return (await this.#models()).find(name);
  }

  /** What every plugin lists; one that fails is an entry with a warning. */
  async models(): Promise<readonly ModelInfo[]> {
    const lists = (await this.manifests()).map(async (manifest): Promise<readonly ModelInfo[]> => {
      try {
        await this.#load(manifest);
        return await (await this.#models()).list(manifest);
      } catch (error) {
        const { message } = pluginError(manifest, 'failed to list its models', error);
        return [{ id: manifest.name, aliases: [], source: manifest.name, warning: message }];
      }
    });
    return (await Promise.all(lists)).flat();
  }

  async commands(): Promise<readonly PluginCommandInfo[]> {
    const lists = (await this.manifests()).map(async (manifest): Promise<readonly PluginCommandInfo[]> => {
      const { name: plugin, declares } = manifest;
      const commands = declares === undefined ? ((await this.#tryLoad(manifest))?.commands ?? []) : (declares.commands ?? []);
      return commands.map((command) =>
        typeof command === 'string' ? { name: command, plugin } : { name: command.name, plugin, summary: command.summary },
      );
    });
    return (await Promise.all(lists)).flat();
  }

  /** @throws LmdeckError `usage` when no plugin has the command, `plugin` when the one that has it fails. */
  async command(name: string): Promise<PluginCommand> {
    const info = (await this.commands()).find((each) => each.name === name);
    const manifest = (await this.manifests()).find((each) => each.name === info?.plugin);
    if (manifest === undefined) throw new LmdeckError('usage', `No plugin has a command ${name}. List the plugins: lmdeck plugins`);
    const command = (await this.#load(manifest)).commands?.find((each) => each.name === name);
    if (command === undefined) throw pluginError(manifest, `declares the command ${name}`, new TypeError('it does not export it'));
    return {
      ...command,
      run: async (call) => {
        try {
          return await command.run(call);
        } catch (error) {
          throw pluginCallError(manifest, `failed in its command ${name}`, error);
        }
      },
    };
  }

  #models(): Promise<PluginModels> {
    return (this.#registry ??= reservedNames().then((names) => new PluginModels(names)));
  }

  /** Imports a plugin and lets it register its models, once. */
  #load(manifest: PluginManifest): Promise<Plugin> {
    let load = this.#loads.get(manifest);
    if (load === undefined) this.#loads.set(manifest, (load = this.#register(manifest)));
    return load;
  }

  async #tryLoad(manifest: PluginManifest): Promise<Plugin | undefined> {
    return this.#load(manifest).catch(() => undefined);
  }

  async #register(manifest: PluginManifest): Promise<Plugin> {
    try {
      const plugin = await importPlugin(manifest);
      const models = await this.#models();
      try {
        await plugin.models?.(models.registryFor(manifest), this.#options.host);
      } catch (error) {
        models.forget(manifest);
        throw pluginError(manifest, 'failed to register its models', error);
      }
      this.#loaded.set(manifest, plugin);
      return plugin;
    } catch (error) {
      this.#errors.set(manifest, LmdeckError.from(error, 'plugin'));
      throw error;
    }
  }
}

function withoutModule({ plugin: _module, ...rest }: NonNullable<PluginManifest['declares']>): NonNullable<PluginInfo['declares']> {
  return rest;
}
