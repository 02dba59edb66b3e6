import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

import { LmdeckError } from '../core/index.ts';
import { readPluginPackage, type PluginManifest } from './plugin-manifest.ts';

export interface DiscoveryOptions {
  /** Searched upward for `node_modules`. */
  readonly cwd: string;
  /** The configuration directory; its `plugins/node_modules` is searched. */
  readonly home: string;
  /** Files and folders from the configuration, relative to `home`. */
  readonly paths: readonly string[];
  /** `LMDECK_PLUGINS`: only these names, comma-separated; the empty string for none. */
  readonly only?: string | undefined;
}

const ENTRY_FILES = ['plugin.ts', 'plugin.js', 'plugin.mjs', 'index.ts', 'index.js', 'index.mjs'];

/**
 * The plugins there are: those that the configuration names, then packages called `lmdeck-*` or `@scope/lmdeck-*` with an
 * `lmdeck` field. The first one of a name counts. Folder names decide which package.json files are read at all.
 */
export function discoverPlugins({ cwd, home, paths, only }: DiscoveryOptions): readonly PluginManifest[] {
  const wanted = only === undefined ? undefined : new Set(only.split(',').map((name) => name.trim()));
  const found = new Map<string, PluginManifest>();
  const add = (manifest: PluginManifest | undefined): void => {
    if (manifest === undefined || found.has(manifest.name) || wanted?.has(manifest.name) === false) return;
    found.set(manifest.name, manifest);
  };
  if (only?.trim() === '') return [];
  for (const path of paths) add(configuredPlugin(resolve(home, path)));
  const own = join(home, 'plugins', 'node_modules');
  for (const folder of new Set([own, ...nodeModulesFrom(cwd), ...nodeModulesFrom(import.meta.dirname)])) {
    for (const name of pluginPackageNames(folder)) if (!found.has(name)) add(readPluginPackage(join(folder, name), folder === own));
  }
  return [...found.values()];
}

function configuredPlugin(path: string): PluginManifest {
  const name = basename(path, extname(path));
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return unusable(name, path, 'there is no such file or folder. Correct "plugins" in config.json.');
  if (!stats.isDirectory()) return { name, path, module: path, fromHome: true };
  const manifest = readPluginPackage(path, true);
  if (manifest !== undefined) return manifest;
  const entry = ENTRY_FILES.map((file) => join(path, file)).find((file) => existsSync(file));
  if (entry !== undefined) return { name, path, module: entry, fromHome: true };
  return unusable(name, path, `it has neither a package.json with an "lmdeck" field nor one of ${ENTRY_FILES.join(', ')}.`);
}

function unusable(name: string, path: string, reason: string): PluginManifest {
  const error = new LmdeckError('plugin', `The plugin ${name} (${path}) cannot be used: ${reason}`, { data: { plugin: name, path } });
  return { name, path, module: path, fromHome: true, error };
}

/** Every `node_modules` that a module in `folder` could be served from, nearest first. */
function nodeModulesFrom(folder: string): readonly string[] {
  const folders: string[] = [];
  for (let at = resolve(folder); ; at = dirname(at)) {
    folders.push(basename(at) === 'node_modules' ? at : join(at, 'node_modules'));
    if (at === dirname(at)) return folders;
  }
}

function pluginPackageNames(folder: string): readonly string[] {
  return namesIn(folder).flatMap((name) => {
    if (name.startsWith('lmdeck-')) return [name];
    if (!name.startsWith('@')) return [];
    return namesIn(join(folder, name))
      .filter((each) => each.startsWith('lmdeck-'))
      .map((each) => `${name}/${each}`);
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Missing or unreadable: no plugins from there.
    return [];
  }
}
