/** What npm would publish, unpacked as npm would unpack it: the command answers, every subpath can be imported. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

const root = join(import.meta.dirname, '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lmdeck-package-'));
  for (const name of ['lmdeck', 'lmdeck-llama']) {
    const packed: unknown = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: join(root, 'packages', name),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    const tarball = /"filename":\s*"([^"]+)"/.exec(JSON.stringify(packed))?.[1] ?? '';
    const target = join(folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', target]);
  }
  symlinkSync(join(root, 'node_modules/node-llama-cpp'), join(folder, 'node_modules/node-llama-cpp'));
  // npm takes its time on a busy machine.
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the command answers from the embedded model, found as an installed plugin', async () => {
  const env = { LMDECK_HOME: join(folder, 'home'), OPENAI_API_KEY: '' };
  const { stdout } = await runProgram(['node_modules/lmdeck/bin/lmdeck.cjs', 'What is the capital of France?'], { cwd: folder, env });
  expect(stdout).toBe('Paris\n');
});

test('every exported subpath can be imported', async () => {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'node_modules/lmdeck/package.json'), 'utf8'));
  const subpaths = typeof manifest === 'object' && manifest !== null && 'exports' in manifest ? Object.keys(Object(manifest.exports)) : [];
  expect(subpaths.length).toBeGreaterThan(5);
  const imports = subpaths.filter((path) => path !== './package.json').map((path) => `await import('lmdeck${path.slice(1)}');`);
  const { stdout } = await runProgram(['--input-type=module', '-e', `${imports.join('')}console.log('all');`], { cwd: folder });
  expect(stdout).toBe('all\n');
});

test('tokenizers are not in what every start reads', () => {
  const chunks = join(folder, 'node_modules/lmdeck/dist/chunks');
  const files = readdirSync(chunks).filter((name) => name.endsWith('.js'));
  const having = (text: string): string[] => files.filter((name) => readFileSync(join(chunks, name), 'utf8').includes(text));
  expect(having('function languageModel(')).toEqual(['library.js']);
  // Of tokenizers it has the names of OpenAI's encodings alone.
  for (const late of ['function huggingFaceTokenizer(', 'function remoteTokenizer(', 'function servedContextSize('])
    expect(having(late)).not.toContain('library.js');
  expect(having('function remoteTokenizer(')).toHaveLength(1);
});

test('functions are generated with the TypeScript of the project; without one it is said what to install', async () => {
  const { stderr, code } = await runProgram(['node_modules/lmdeck/bin/lmdeck.cjs', 'functions', 'generate'], { cwd: folder });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'Error: Declarations are read by TypeScript 7, but TypeScript is not installed here. npm install --save-dev typescript@7 (or oxc-parser, for types without imports of other packages and utility types)\n',
  );
});

const useOfAll = `
  import { cache, echo, languageModel, mock, openTape, record, replay, schemaDsl } from 'lmdeck';
  const tape = openTape(':memory:');
  const model = languageModel(mock({ outputs: ['Paris'] }), record(tape), cache(tape));
  await model.prompt('Capital of France?').text();
  await model.prompt('Capital of France?').text();
  const again = languageModel(mock(), replay(tape));
  console.log(await again.prompt('Capital of France?').text(), tape.count(), tape.search('paris').length, schemaDsl('a int').type, echo().id);
  await tape.close();
`;

test('an import of the library loads what everybody needs; the rest comes with the first call of a function', async () => {
  const hooks = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => { if (url.includes('/lmdeck/')) process._rawDebug(url); return next(url, context); } });
  `;
  const watch = ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`, '--input-type=module', '-e'];
  const files = (output: string): string[] => [...output.matchAll(/\/lmdeck\/(?:dist\/)?(\S+)/g)].map(([, file = '']) => file).toSorted();
  const imported = await runProgram([...watch, `import 'lmdeck';`], { cwd: folder });
  expect(files(imported.stderr)).toEqual(['chunks/library.js', 'index.js']);
  const used = await runProgram([...watch, useOfAll], { cwd: folder });
  expect(used.stdout).toBe('Paris 2 2 object echo\n');
  expect(files(used.stderr)).toEqual(expect.arrayContaining(['chunks/library.js', 'chunks/recording.js', 'chunks/seldom.js']));
});

test('a program can be bundled with the library, which then needs no file of it', async () => {
  const bundled = await rolldown({ input: 'program', cwd: folder, platform: 'node', plugins: [programOf(useOfAll)] });
  const { output } = await bundled.generate({ format: 'esm', codeSplitting: false });
  await bundled.close();
  const alone = mkdtempSync(join(tmpdir(), 'lmdeck-bundled-'));
  writeFileSync(join(alone, 'program.mjs'), output[0].code);
  const { stdout } = await runProgram(['program.mjs'], { cwd: alone });
  rmSync(alone, { recursive: true, force: true });
  expect(stdout).toBe('Paris 2 2 object echo\n');
});

test('in Node there is one copy of the library, however it is imported', async () => {
  const program = `
    import * as all from 'lmdeck';
    import * as core from 'lmdeck/core';
    import * as tape from 'lmdeck/tape';
    const required = process.getBuiltinModule('node:module').createRequire(import.meta.url)('lmdeck');
    console.log(all.LmdeckError === core.LmdeckError, all.openTape === tape.openTape, all.EventPipe === required.EventPipe);
  `;
  writeFileSync(join(folder, 'one-copy.mjs'), program);
  const { stdout } = await runProgram(['one-copy.mjs'], { cwd: folder });
  expect(stdout).toBe('true true true\n');
});

test('bundled with the library beside a plugin that is not: two copies get on', async () => {
  const code = `
    import { languageModel, LmdeckError, openTape, record } from 'lmdeck';
    import { llama } from 'lmdeck-llama';
    const its = process.getBuiltinModule('node:module').createRequire(import.meta.url)('lmdeck');
    const tape = openTape(':memory:');
    await using tiny = llama({ model: 'tiny' });
    const model = languageModel(its.languageModel(tiny, its.record(tape)), record(tape));
    console.log(its.LmdeckError === LmdeckError, await model.prompt('What is the capital of France?').text(), tape.count());
    const error = await llama({ model: './none.gguf' }).load().catch((error) => error);
    console.log(error instanceof LmdeckError, LmdeckError.isInstance(error), error.code);
    await tape.close();
  `;
  const bundled = await rolldown({ input: 'program', cwd: folder, platform: 'node', external: 'lmdeck-llama', plugins: [programOf(code)] });
  const { output } = await bundled.generate({ format: 'esm', codeSplitting: false });
  await bundled.close();
  writeFileSync(join(folder, 'two-copies.mjs'), output[0].code);
  const { stdout } = await runProgram(['two-copies.mjs'], { cwd: folder });
  expect(stdout).toBe('false Paris 1\nfalse true not-found\n');
});

test('what is there for bundlers has neither source maps nor types of its own', () => {
  const whole = readdirSync(join(folder, 'node_modules/lmdeck/dist/whole'), { recursive: true, encoding: 'utf8' });
  const files = whole.filter((path) => path.includes('.'));
  expect(files).toContain('index.js');
  expect(files.filter((path) => !path.endsWith('.js'))).toEqual([]);
});

function programOf(code: string): Plugin {
  const id = join(folder, 'program.js');
  return { name: 'program', resolveId: (name) => (name === 'program' ? id : null), load: (name) => (name === id ? code : null) };
}
