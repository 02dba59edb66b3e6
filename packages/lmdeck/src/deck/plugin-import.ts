import { pathToFileURL } from 'node:url';

import { LmdeckError } from '../core/index.ts';
import type { PluginManifest } from './plugin-manifest.ts';
import type { Plugin } from './plugin.ts';

/**
 * The plugin that a module exports.
 * @throws LmdeckError `plugin` naming plugin and module.
 */
export async function importPlugin(manifest: PluginManifest): Promise<Plugin> {
  if (manifest.error !== undefined) throw manifest.error;
  const fallback = manifest.fromHome ? await resolveLmdeckFromHere() : undefined;
  try {
    const module: unknown = await import(pathToFileURL(manifest.module).href);
    return pluginOf(module);
  } catch (error) {
    throw pluginError(manifest, 'failed to load', error);
  } finally {
    fallback?.deregister();
  }
}

/** A plugin's failure, named after it. */
export function pluginError({ name, path }: PluginManifest, what: string, error: unknown): LmdeckError {
  if (LmdeckError.isInstance(error) && error.code === 'plugin') return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LmdeckError('plugin', `The plugin ${name} (${path}) ${what}: ${message}`, { cause: error, data: { plugin: name, path } });
}

/** Like {@link pluginError} for work done at the user's wish: an error that the plugin meant for the user passes unchanged. */
export function pluginCallError(manifest: PluginManifest, what: string, error: unknown): LmdeckError {
  return LmdeckError.isInstance(error) && error.code !== 'internal' ? error : pluginError(manifest, what, error);
}

/**
 * A plugin in the configuration directory has no node_modules above it: what it imports as `lmdeck` is this installation,
 * unless it finds another one by itself.
 */
async function resolveLmdeckFromHere(): Promise<{ deregister(): void }> {
  const { registerHooks } = await import('node:module');
  return registerHooks({
    resolve: (specifier, context, nextResolve) => {
      if (specifier !== 'lmdeck' && !specifier.startsWith('lmdeck/')) return nextResolve(specifier, context);
      try {
        return nextResolve(specifier, context);
      } catch {
        return nextResolve(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}

function pluginOf(module: unknown): Plugin {
  const plugin: unknown = typeof module === 'object' && module !== null && 'plugin' in module ? module.plugin : undefined;
  if (isPlugin(plugin)) return plugin;
  throw new TypeError('it must export `plugin`, an object with a name: export const plugin = definePlugin({ name: … })');
}

function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== 'object' || value === null || !('name' in value) || typeof value.name !== 'string') return false;
  if ('models' in value && value.models !== undefined && typeof value.models !== 'function') return false;
  return !('commands' in value) || value.commands === undefined || Array.isArray(value.commands);
}
