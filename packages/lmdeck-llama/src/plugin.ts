import { readdirSync } from 'node:fs';
import { dirname, join, resolve as absolute } from 'node:path';
import type { Model, ModelInfo, Plugin, PluginHost } from 'lmdeck';
import type { LoadOptions } from './loaded-model.ts';

const PREFIX = 'llama';
const SOURCE = 'lmdeck-llama';
const EXTENSION = /\.gguf$/i;

/**
 * Models `llama/tiny`, `llama/<name>` for the files in the `models` folder of the configuration directory, and any path that ends in
 * `.gguf`. Every module of this package is imported when it is needed: lmdeck imports this one to look a name up.
 */
export const plugin: Plugin = {
  name: SOURCE,
  models: (registry, host) => {
    // Read once: the models of a deck share one memory budget.
    let options: LoadOptions | undefined;
    const loading = async (): Promise<LoadOptions> => (options ??= (await import('./environment.ts')).loadOptions(host.env));
    registry.registerProvider({
      prefix: PREFIX,
      claims: (name) => EXTENSION.test(name),
      resolve: (name) => resolve(name, host, loading),
      list: () => list(host),
    });
  },
};

async function resolve(name: string, host: PluginHost, loading: () => Promise<LoadOptions>): Promise<Model | undefined> {
  const path = name === 'tiny' || EXTENSION.test(name) ? name : installed(name, host);
  if (path === undefined) return undefined;
  const [{ llamaModel }, options] = await Promise.all([import('./model.ts'), loading()]);
  return llamaModel(path, { ...options, id: idOf(name, path, host) });
}

/** A file that lies elsewhere keeps its whole path in its id: a conversation with it must find it again, from any folder. */
function idOf(name: string, path: string, host: PluginHost): string | undefined {
  return path === name && EXTENSION.test(name) && dirname(absolute(path)) !== absolute(modelsFolder(host))
    ? `${PREFIX}/${absolute(path)}`
    : undefined;
}

async function list(host: PluginHost): Promise<readonly ModelInfo[]> {
  const [{ llamaCapabilities, llamaOptions }, { tinyDescription }] = await Promise.all([import('./options.ts'), import('./tiny.ts')]);
  const info = (name: string, aliases: readonly string[], description: string): ModelInfo => ({
    id: `${PREFIX}/${name}`,
    aliases,
    source: SOURCE,
    description,
    capabilities: llamaCapabilities,
    options: llamaOptions,
  });
  const files = modelFiles(host).map((file) => info(file.replace(EXTENSION, ''), [], join(modelsFolder(host), file)));
  return [info('tiny', ['tiny'], tinyDescription), ...files];
}

function installed(name: string, host: PluginHost): string | undefined {
  const file = modelFiles(host).find((each) => each.replace(EXTENSION, '') === name);
  return file === undefined ? undefined : join(modelsFolder(host), file);
}

function modelsFolder(host: PluginHost): string {
  return join(host.home, 'models');
}

/** Parts of a split model belong to its first file. */
function modelFiles(host: PluginHost): readonly string[] {
  try {
    return readdirSync(modelsFolder(host))
      .filter((file) => EXTENSION.test(file) && !/-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(file))
      .sort();
  } catch {
    return [];
  }
}
