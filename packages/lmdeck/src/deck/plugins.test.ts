import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { Plugins } from './plugins.ts';

let root: string;
let cwd: string;
let home: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lmdeck-plugins-'));
  cwd = join(root, 'work', 'deep');
  home = join(root, 'home');
  await mkdir(cwd, { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

function plugins(paths: readonly string[] = [], only?: string): Plugins {
  // What the checkout itself has installed is not the subject here.
  const names = only ?? 'lmdeck-demo,@acme/lmdeck-demo,lmdeck-bad,lmdeck-other,lmdeck-late,file,folder,nothing,broken,silent';
  return new Plugins({
    discovery: async () => ({ cwd, home, paths, only: names }),
    host: { home, env: { WHO: 'me' }, key: async () => undefined },
  });
}

async function write(path: string, text: string): Promise<string> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

async function addPackage(folder: string, name: string, declaration: unknown, code: string): Promise<void> {
  await write(`${folder}/package.json`, JSON.stringify({ name, version: '1.2.3', type: 'module', lmdeck: declaration }));
  await write(`${folder}/plugin.js`, code);
}

const model = (id: string): string => `{ id: '${id}', capabilities: {}, async *generate() { yield { type: 'finish', reason: 'stop' }; } }`;
const registers = (...ids: string[]): string =>
  `export const plugin = { name: 'p', models: (registry) => { ${ids.map((id) => `registry.register(${model(id)});`).join(' ')} } };`;

describe('discovery', () => {
  test('npm packages upward, scoped ones, the home, paths; nearest first; only those that declare', async () => {
    await addPackage(
      'work/node_modules/lmdeck-demo',
      'lmdeck-demo',
      { plugin: './plugin.js', models: ['demo/'], extensions: ['.demo'], defaultModel: 'demo/a' },
      '',
    );
    await addPackage('node_modules/lmdeck-demo', 'lmdeck-demo', { plugin: './other.js' }, '');
    await addPackage(
      'node_modules/@acme/lmdeck-demo',
      '@acme/lmdeck-demo',
      { plugin: './plugin.js', commands: ['x', { name: 'y', summary: 'Does y.' }] },
      '',
    );
    await write('node_modules/lmdeck-types/package.json', '{ "name": "lmdeck-types" }');
    await write('node_modules/lmdeck-empty/readme', '');
    await addPackage('home/plugins/node_modules/lmdeck-other', 'lmdeck-other', { plugin: './plugin.js' }, '');
    await write('home/file.ts', '');
    await mkdir(join(home, 'folder'));
    await writeFile(join(home, 'folder', 'index.ts'), '');
    expect(await plugins(['./file.ts', './folder']).infos(false)).toEqual([
      { name: 'file', path: join(home, 'file.ts'), loaded: false },
      { name: 'folder', path: join(home, 'folder'), loaded: false },
      { name: 'lmdeck-other', version: '1.2.3', path: join(home, 'plugins/node_modules/lmdeck-other'), loaded: false, declares: {} },
      {
        name: 'lmdeck-demo',
        version: '1.2.3',
        path: join(root, 'work/node_modules/lmdeck-demo'),
        loaded: false,
        declares: { models: ['demo/'], extensions: ['.demo'], defaultModel: 'demo/a' },
      },
      {
        name: '@acme/lmdeck-demo',
        version: '1.2.3',
        path: join(root, 'node_modules/@acme/lmdeck-demo'),
        loaded: false,
        declares: { commands: ['x', { name: 'y', summary: 'Does y.' }] },
      },
    ]);
  });

  test('LMDECK_PLUGINS restricts, and nothing in it means none', async () => {
    await addPackage('work/node_modules/lmdeck-demo', 'lmdeck-demo', { plugin: './plugin.js' }, '');
    await addPackage('work/node_modules/lmdeck-other', 'lmdeck-other', { plugin: './plugin.js' }, '');
    expect((await plugins([], 'lmdeck-other, x').infos(false)).map((each) => each.name)).toEqual(['lmdeck-other']);
    expect(await plugins(['./file.ts'], '').infos(false)).toEqual([]);
    expect(await plugins(['./file.ts'], ' ').infos(false)).toEqual([]);
  });

  test('what is wrong with a declaration is said with its place', async () => {
    await write(
      'node_modules/lmdeck-bad/package.json',
      '{\n  "name": "lmdeck-bad",\n  "lmdeck": { "plugin": "./p.js", "model": ["x"] }\n}',
    );
    const [info] = await plugins(['./nothing']).infos(false);
    expect(info).toMatchObject({
      name: 'nothing',
      error: { code: 'plugin', message: expect.stringContaining('there is no such file or folder') },
    });
    const bad = (await plugins().infos(false)).find((each) => each.name === 'lmdeck-bad');
    expect(bad?.error?.message).toContain(
      `${join(root, 'node_modules/lmdeck-bad/package.json')}:3:35: unknown key "model". Did you mean defaultModel or models?`,
    );
  });
});

describe('models', () => {
  test('only the plugin that declares a model is loaded', async () => {
    await addPackage('node_modules/lmdeck-demo', 'lmdeck-demo', { plugin: './plugin.js', models: ['demo'] }, registers('demo'));
    await addPackage('node_modules/lmdeck-bad', 'lmdeck-bad', { plugin: './plugin.js', models: ['bad'] }, 'throw new Error("boom");');
    const all = plugins();
    expect((await all.declaredModel('demo'))?.id).toBe('demo');
    expect(await all.declaredModel('else')).toBeUndefined();
    expect((await all.infos(false)).map(({ name, loaded, error }) => [name, loaded, error])).toEqual([
      ['lmdeck-bad', false, undefined],
      ['lmdeck-demo', true, undefined],
    ]);
  });

  test('a provider serves its prefix and the paths that it claims', async () => {
    const code = `export const plugin = { name: 'p', models: (registry, host) => registry.registerProvider({
      prefix: 'demo',
      resolve: (name) => name === 'none' ? undefined : ({ ...${model('?')}, id: host.env.WHO + ':' + name }),
      list: () => [{ id: 'demo/a', aliases: ['aa'], source: '?' }],
      claims: (name) => /\\.demo$/i.test(name),
    }) };`;
    await addPackage(
      'node_modules/lmdeck-demo',
      'lmdeck-demo',
      { plugin: './plugin.js', models: ['demo/', 'aa'], extensions: ['.demo'] },
      code,
    );
    const all = plugins();
    expect((await all.declaredModel('demo/a/b'))?.id).toBe('me:a/b');
    expect((await all.declaredModel('./x.demo'))?.id).toBe('me:./x.demo');
    expect((await all.declaredModel('/a/X.DEMO'))?.id).toBe('me:/a/X.DEMO');
    expect((await all.declaredModel('aa'))?.id).toBe('me:a');
    expect(await all.declaredModel('demo/none')).toBeUndefined();
    expect(await all.models()).toEqual([{ id: 'demo/a', aliases: ['aa'], source: 'lmdeck-demo' }]);
  });

  test('files declare nothing and are loaded when nothing else fits', async () => {
    await write(
      'home/file.ts',
      `import type { Nothing } from 'nowhere';\nconst id: string = 'typed';\n${registers('typed').replace("'typed'", 'id')}`,
    );
    const all = plugins(['./file.ts']);
    expect(await all.declaredModel('typed')).toBeUndefined();
    expect((await all.undeclaredModel('typed'))?.id).toBe('typed');
  });

  test('a plugin that fails is named, and the others go on', async () => {
    await addPackage('node_modules/lmdeck-demo', 'lmdeck-demo', { plugin: './plugin.js', models: ['demo'] }, registers('demo'));
    await addPackage('node_modules/lmdeck-bad', 'lmdeck-bad', { plugin: './plugin.js', models: ['bad'] }, 'throw new Error("boom");');
    await addPackage(
      'node_modules/lmdeck-late',
      'lmdeck-late',
      { plugin: './plugin.js' },
      `export const plugin = { name: 'l', models(r) { r.register(${model('late')}); throw 'thrown text'; } };`,
    );
    await write('home/broken.ts', 'export const plugin = {');
    await write('home/silent.ts', 'export const other = 1;');
    const all = plugins(['./broken.ts', './silent.ts']);
    const bad = join(root, 'node_modules/lmdeck-bad');
    await expect(all.declaredModel('bad')).rejects.toMatchObject({
      code: 'plugin',
      message: `The plugin lmdeck-bad (${bad}) failed to load: boom`,
    });
    const listed = await all.models();
    expect(listed.map(({ id, warning }) => [id, warning === undefined])).toEqual([
      ['broken', false],
      ['silent', false],
      ['lmdeck-bad', false],
      ['demo', true],
      ['lmdeck-late', false],
    ]);
    expect(listed.map((each) => each.warning).join('\n')).toMatch(
      /silent.*must export `plugin`[^]*failed to load: boom[^]*failed to register its models: thrown text/,
    );
    expect(await all.undeclaredModel('late')).toBeUndefined();
    expect((await all.infos(true)).map(({ name, loaded, error }) => [name, loaded, error?.code])).toEqual([
      ['broken', false, 'plugin'],
      ['silent', false, 'plugin'],
      ['lmdeck-bad', false, 'plugin'],
      ['lmdeck-demo', true, undefined],
      ['lmdeck-late', false, 'plugin'],
    ]);
  });

  test('ids and prefixes that clash are refused with both plugins named', async () => {
    await addPackage('node_modules/lmdeck-demo', 'lmdeck-demo', { plugin: './plugin.js', models: ['same'] }, registers('same'));
    await addPackage('node_modules/lmdeck-other', 'lmdeck-other', { plugin: './plugin.js', models: ['same'] }, registers('same'));
    await addPackage('node_modules/lmdeck-late', 'lmdeck-late', { plugin: './plugin.js' }, registers('fine', 'mock'));
    const all = plugins();
    await expect(all.declaredModel('same')).rejects.toMatchObject({
      code: 'plugin',
      message: expect.stringMatching(/^Two plugins declare the model same: lmdeck-demo \(.*\) and lmdeck-other \(.*\)\./),
    });
    const listed = await all.models();
    const warnings = listed.flatMap(({ warning }) => warning ?? []);
    expect(listed.filter((each) => each.id === 'same')).toHaveLength(1);
    expect(warnings).toContainEqual(
      expect.stringMatching(/registers the model same, which the plugin lmdeck-(demo|other) \(.*\) has already/),
    );
    expect(warnings).toContainEqual(expect.stringContaining('registers the model mock, which lmdeck has already'));
    expect(await all.undeclaredModel('fine')).toBeUndefined();
  });
});

describe('commands', () => {
  const command = (run: string): string =>
    `export const plugin = { name: 'p', commands: [{ name: 'greet', summary: 'Greets.', run: async (call) => { ${run} } }] };`;
  const call = {
    args: [],
    options: {},
    io: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {} },
    signal: new AbortController().signal,
  };

  test('are known without loading, where they are declared', async () => {
    await addPackage(
      'node_modules/lmdeck-demo',
      'lmdeck-demo',
      { plugin: './plugin.js', commands: ['greet', { name: 'wave', summary: 'Waves.' }] },
      command('return 3;'),
    );
    await write('home/file.ts', command('').replaceAll('greet', 'filed'));
    const all = plugins(['./file.ts']);
    expect(await all.commands()).toEqual([
      { name: 'filed', plugin: 'file', summary: 'Greets.' },
      { name: 'greet', plugin: 'lmdeck-demo' },
      { name: 'wave', plugin: 'lmdeck-demo', summary: 'Waves.' },
    ]);
    expect((await all.infos(false)).map((each) => each.loaded)).toEqual([true, false]);
    expect(await (await all.command('greet')).run(call)).toBe(3);
    await expect(all.command('wave')).rejects.toMatchObject({ code: 'plugin', message: expect.stringContaining('does not export it') });
    await expect(all.command('nothing')).rejects.toMatchObject({ code: 'usage' });
  });

  test('their failures are named, but an error meant for the user stays what it is', async () => {
    await addPackage(
      'node_modules/lmdeck-demo',
      'lmdeck-demo',
      { plugin: './plugin.js', commands: ['greet'] },
      command('throw new Error("broke");'),
    );
    await expect((await plugins().command('greet')).run(call)).rejects.toMatchObject({
      code: 'plugin',
      message: expect.stringMatching(/lmdeck-demo .* failed in its command greet: broke/),
    });
    const lmdeckError = `const error = new Error('say which file'); error[Symbol.for('lmdeck.error')] = true; error.code = 'usage'; throw error;`;
    await addPackage('node_modules/lmdeck-other', 'lmdeck-other', { plugin: './plugin.js', commands: ['greet'] }, command(lmdeckError));
    await expect((await plugins([], 'lmdeck-other').command('greet')).run(call)).rejects.toMatchObject({
      code: 'usage',
      message: 'say which file',
    });
  });
});

test('a package that is linked into a workspace is found', async () => {
  await addPackage('work/packages/demo', 'lmdeck-demo', { plugin: './plugin.js', models: ['demo'] }, registers('demo'));
  await mkdir(join(root, 'work/node_modules'));
  await symlink(join(root, 'work/packages/demo'), join(root, 'work/node_modules/lmdeck-demo'));
  expect((await plugins().declaredModel('demo'))?.id).toBe('demo');
});
