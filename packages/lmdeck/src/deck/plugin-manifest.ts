import { basename, join, resolve } from 'node:path';

import { isJsonObject, LmdeckError, type ErrorInfo, type JsonObject, type JsonValue } from '../core/index.ts';
import { ConfigMistake, expectKeys, expectList, expectObject, expectText, expectTexts, type ConfigPath } from './config-shape.ts';
import { checked, readJsonObject } from './json-file.ts';
import type { PluginDeclaration } from './plugin.ts';

/** A plugin as lists show it. */
export interface PluginInfo {
  readonly name: string;
  readonly version?: string;
  /** Its folder, or its file. */
  readonly path: string;
  /** What its package.json says it has; absent for a plugin without one, which must be loaded to be known. */
  readonly declares?: Omit<PluginDeclaration, 'plugin'>;
  readonly loaded: boolean;
  /** What it has: ids of models, prefixes of providers with a slash, names of commands. Absent until it is loaded. */
  readonly brings?: { readonly models: readonly string[]; readonly commands: readonly string[] };
  /** Why it could not be used. */
  readonly error?: ErrorInfo;
}

/** A plugin that was found, not loaded yet. */
export interface PluginManifest {
  readonly name: string;
  readonly version?: string;
  readonly path: string;
  /** Absolute path of the module to import. */
  readonly module: string;
  readonly declares?: PluginDeclaration;
  /** True for a plugin outside any package tree, which may import `lmdeck` nevertheless. */
  readonly fromHome: boolean;
  /** Why the declaration cannot be used. */
  readonly error?: LmdeckError;
}

/**
 * What the package in `folder` declares.
 * @returns `undefined` when it has no package.json, or one without an `lmdeck` field: it is no plugin.
 */
export function readPluginPackage(folder: string, fromHome: boolean): PluginManifest | undefined {
  const file = join(folder, 'package.json');
  let name = basename(folder);
  let version: string | undefined;
  try {
    const source = readJsonObject(file);
    const { lmdeck: declared } = source.value;
    if (typeof source.value['name'] === 'string') name = source.value['name'];
    if (typeof source.value['version'] === 'string') version = source.value['version'];
    if (declared === undefined) return undefined;
    const declares = checked(source, declarationOf);
    return {
      name,
      path: folder,
      module: resolve(folder, declares.plugin),
      declares,
      fromHome,
      ...(version === undefined ? {} : { version }),
    };
  } catch (error) {
    const cause = LmdeckError.from(error, 'plugin');
    const problem = new LmdeckError('plugin', `The plugin ${name} cannot be used: ${cause.message}`, {
      cause,
      data: { plugin: name, path: folder },
    });
    return { name, path: folder, module: folder, fromHome, error: problem, ...(version === undefined ? {} : { version }) };
  }
}

/** True when a plugin says that it has models under this prefix (without the slash). */
export function declaresPrefix({ declares }: PluginManifest, prefix: string): boolean {
  return declares?.models?.includes(`${prefix}/`) ?? false;
}

function declarationOf(value: JsonObject): PluginDeclaration {
  const path: ConfigPath = ['lmdeck'];
  const declaration: { -readonly [K in keyof PluginDeclaration]: PluginDeclaration[K] } = { plugin: '' };
  const object = expectObject(value['lmdeck'], path, '{ "plugin": "./plugin.js" }');
  for (const [key, each] of expectKeys(object, path, ['plugin', 'models', 'commands', 'extensions', 'defaultModel'])) {
    const at = [...path, key];
    switch (key) {
      case 'plugin':
        declaration.plugin = expectText(each, at, 'the path of the module, such as "./plugin.js"');
        break;
      case 'models':
        declaration.models = expectTexts(each, at, '["my-prefix/", "my-model"]');
        break;
      case 'commands':
        declaration.commands = expectList(each, at, '["my-command"]').map((command, index) => commandOf(command, [...at, index]));
        break;
      case 'extensions':
        declaration.extensions = expectTexts(each, at, '[".gguf"]');
        break;
      case 'defaultModel':
        declaration.defaultModel = expectText(each, at, 'the id of a model');
        break;
    }
  }
  if (declaration.plugin === '') throw new ConfigMistake(path, '"plugin" is missing: the path of the module, such as "./plugin.js".');
  return declaration;
}

function commandOf(value: JsonValue, path: ConfigPath): string | { readonly name: string; readonly summary: string } {
  if (!isJsonObject(value)) return expectText(value, path, 'the name of a command');
  const command = { name: '', summary: '' };
  for (const [key, each] of expectKeys(value, path, ['name', 'summary'])) command[key] = expectText(each, [...path, key], 'one line');
  if (command.name === '') throw new ConfigMistake(path, '"name" is missing: the name of the command.');
  return command;
}
