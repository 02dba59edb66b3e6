import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelProvider, PluginHost } from 'lmdeck';
import { languageModel } from 'lmdeck/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { plugin } from './plugin.ts';
import { GgufFolder } from './test-support/gguf-files.ts';

const run = promisify(execFile);
let folder: GgufFolder;
beforeAll(() => {
  folder = new GgufFolder();
  mkdirSync(join(folder.path, 'models'));
  folder.variant('models/mine-q8.gguf', 'Tiny Demo', 'Some Name');
  folder.write('models/big-00001-of-00002.gguf', 'GGUF');
  folder.write('models/big-00002-of-00002.gguf', 'GGUF');
  folder.write('models/notes.txt', '');
});
afterAll(() => folder[Symbol.dispose]());

/** The provider that the plugin registers. */
async function provider(home: string, env: PluginHost['env'] = {}): Promise<ModelProvider> {
  const providers: ModelProvider[] = [];
  const registry = { register: () => undefined, registerProvider: (each: ModelProvider) => providers.push(each) };
  await plugin.models?.(registry, { home, env, key: async () => undefined });
  const [only] = providers;
  if (only === undefined || providers.length !== 1) throw new Error('one provider expected');
  return only;
}

test('the package tells what the plugin serves', async () => {
  const { prefix } = await provider(folder.path);
  expect(packageJson.lmdeck).toEqual({
    plugin: './dist/plugin.js',
    models: [`${prefix}/`, 'tiny'],
    extensions: ['.gguf'],
    defaultModel: `${prefix}/tiny`,
  });
});

test('lists the tiny model and the files of the models folder', async () => {
  const list = await (await provider(folder.path)).list();
  expect(list.map(({ id, aliases }) => [id, aliases])).toEqual([
    ['llama/tiny', ['tiny']],
    ['llama/big-00001-of-00002', []],
    ['llama/mine-q8', []],
  ]);
  expect(list[0]?.description).toContain('not a general assistant');
  expect(list[0]?.options?.properties).toHaveProperty('temperature');
  expect(await (await provider(join(folder.path, 'none'))).list()).toHaveLength(1);
});

test('resolves names and paths', async () => {
  const { resolve, claims } = await provider(folder.path);
  for (const [name, id] of [
    ['tiny', 'llama/tiny'],
    ['mine-q8', 'llama/mine-q8'],
    [join(folder.path, 'models', 'mine-q8.gguf'), 'llama/mine-q8'],
  ] as const) {
    const model = await resolve(name);
    expect(model?.id).toBe(id);
    if (model === undefined) continue;
    expect(await languageModel(model).prompt('What is the capital of France?').text()).toBe('Paris');
    await model.unload?.();
  }
  expect(await resolve('nope')).toBeUndefined();
  expect(['./a.gguf', '/m/A.GGUF', 'gpt-5', 'gguf'].map((name) => claims?.(name))).toEqual([true, true, false, false]);
});

test('the id of a file outside the models folder leads back to it', async () => {
  const { resolve } = await provider(folder.path);
  const path = folder.variant('elsewhere.gguf', 'Tiny Demo', 'Some Name');
  const model = await resolve(path);
  expect(model?.id).toBe(`llama/${path}`);
  expect((await resolve(model?.id.slice('llama/'.length) ?? ''))?.id).toBe(model?.id);
});

test('takes settings from the environment and refuses nonsense in it', async () => {
  const small = await (await provider(folder.path, { LMDECK_LLAMA_CONTEXT_SIZE: '256' })).resolve('tiny');
  if (small === undefined) throw new Error('no model');
  const long = languageModel(small).prompt('word '.repeat(300)).text();
  await expect(long).rejects.toMatchObject({ code: 'invalid-request', data: { contextTokens: 255 } });
  await small.unload?.();
  for (const env of [{ LMDECK_LLAMA_THREADS: 'many' }, { LMDECK_LLAMA_SEQUENCES: '0' }, { LMDECK_LLAMA_GPU: 'yes' }]) {
    const { resolve } = await provider(folder.path, env);
    await expect(resolve('tiny')).rejects.toMatchObject({ code: 'config' });
  }
});

test('a process that used a model ends by itself, quietly, and importing the plugin loads no engine', async () => {
  const script = `
    import { llama } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
    await import(${JSON.stringify(new URL('plugin.ts', import.meta.url).href)});
    if (process.report.getReport().sharedObjects.some((each) => each.includes('llama'))) throw new Error('the engine was loaded');
    const model = llama({ model: 'tiny' });
    console.log(await model.prompt('What is the capital of France?').text());
  `;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script]);
  expect({ stdout, stderr }).toEqual({ stdout: 'Paris\n', stderr: '' });
});
