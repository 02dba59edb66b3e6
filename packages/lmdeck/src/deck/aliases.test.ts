import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openAliases } from './aliases.ts';

let home: string;
let path: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmdeck-aliases-'));
  path = join(home, 'aliases.json');
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('set, list, resolve through other aliases, remove', async () => {
  const aliases = openAliases(path);
  await aliases.set('luna', 'openai/gpt-5.6-luna');
  await aliases.set('fast', 'luna');
  expect(await aliases.list()).toEqual({ luna: 'openai/gpt-5.6-luna', fast: 'luna' });
  expect(await aliases.resolve('fast')).toBe('openai/gpt-5.6-luna');
  expect(await aliases.resolve('unknown')).toBe('unknown');
  expect(await aliases.resolve('constructor')).toBe('constructor');
  expect(await aliases.remove('fast')).toBe(true);
  expect(await aliases.remove('fast')).toBe(false);
});

test('nothing may lead back to itself', async () => {
  const aliases = openAliases(path);
  await aliases.set('a', 'b');
  await aliases.set('b', 'c');
  await expect(aliases.set('c', 'a')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('c → a → b → c') });
  await expect(aliases.set('a', 'a')).rejects.toMatchObject({ code: 'usage' });
  await expect(aliases.set('two words', 'a')).rejects.toMatchObject({ code: 'usage' });
  await expect(aliases.set('a', ' ')).rejects.toMatchObject({ code: 'usage' });
  expect(await aliases.list()).toEqual({ a: 'b', b: 'c' });
});

test('a loop in the file is named', async () => {
  await writeFile(path, '{ "x": "a", "a": "b", "b": "a" }');
  await expect(openAliases(path).resolve('x')).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('x → a → b → a') });
});

test('comments in the file stay', async () => {
  await writeFile(path, '{ "// Note": "mine" }');
  await openAliases(path).set('a', 'mock');
  expect(await openAliases(path).list()).toEqual({ a: 'mock' });
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ '// Note': 'mine', a: 'mock' });
});

test('a target that is no text is shown in its place', async () => {
  await writeFile(path, '{\n  "a": ["mock"]\n}');
  await expect(openAliases(path).list()).rejects.toMatchObject({
    code: 'config',
    message: `${path}:2:3: "a" must be a text: the id of a model, in double quotes.`,
  });
});
