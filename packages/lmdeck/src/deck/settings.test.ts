import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openSettings } from './settings.ts';

let home: string;
let path: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmdeck-settings-'));
  path = join(home, 'config.json');
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('no file means no settings', async () => {
  expect(await openSettings(path).read()).toEqual({});
});

test('options of a model are set and cleared, the rest stays', async () => {
  await writeFile(path, '{ "// why": "tests", "defaultModel": "mock", "plugins": ["./p.ts"] }');
  const settings = openSettings(path);
  await settings.setModelOption('openai/x', 'temperature', 0.5);
  await settings.setModelOption('openai/x', 'stop', ['a']);
  expect(await settings.modelOptions('openai/x')).toEqual({ temperature: 0.5, stop: ['a'] });
  expect(await settings.modelOptions('toString')).toEqual({});
  expect(await settings.clearModelOptions('openai/x', 'nothing')).toBe(false);
  expect(await settings.clearModelOptions('openai/x', 'stop')).toBe(true);
  expect(await settings.modelOptions('openai/x')).toEqual({ temperature: 0.5 });
  expect(await settings.clearModelOptions('openai/x')).toBe(true);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ '// why': 'tests', defaultModel: 'mock', plugins: ['./p.ts'] });
});

test('update replaces what it returns', async () => {
  const settings = openSettings(path);
  await settings.update((before) => ({ ...before, logging: false, timeouts: { idleMs: 5 } }));
  await settings.update(({ logging: _logging, ...rest }) => ({ ...rest, defaultModel: 'echo' }));
  expect(await settings.read()).toEqual({ timeouts: { idleMs: 5 }, defaultModel: 'echo' });
});

test.each([
  [
    '{\n  "defaultmodel": "x"\n}',
    ':2:3: unknown key "defaultmodel". Did you mean defaultModel? Known here: defaultModel, logging, plugins, timeouts, models.',
  ],
  ['{\n  "logging": "off"\n}', ':2:3: "logging" must be true or false.'],
  ['{\n  "plugins": [\n    "./a.ts",\n    7\n  ]\n}', ':4:5: entry 2 of "plugins" must be a text: such as those in ["./my-plugin.ts"].'],
  ['{ "plugins": "./a.ts" }', ':1:3: "plugins" must be a list, such as ["./my-plugin.ts"].'],
  [
    '{ "timeouts": { "idle": 5 } }',
    ':1:17: unknown key "idle". Did you mean idleMs? Known here: connectMs, firstTokenMs, idleMs, totalMs.',
  ],
  ['{ "timeouts": { "idleMs": -5 } }', ':1:17: "idleMs" must be a number of milliseconds, 0 or more.'],
  ['{ "models": {\n "a/b": { "option": {} } } }', ':2:11: unknown key "option". Did you mean options? Known here: options.'],
  ['{ "models": {\n "a/b": { "options": 1 } } }', ':2:11: "options" must be an object, such as { "temperature": 0 }.'],
  ['{ "defaultModel": "x"\n', ':2:1: not valid JSON: expected "," or "}", but the file ends here.'],
])('%j', async (text, message) => {
  await writeFile(path, text);
  await expect(openSettings(path).read()).rejects.toMatchObject({ code: 'config', message: `${path}${message}` });
  await expect(openSettings(path).update((before) => before)).rejects.toMatchObject({ code: 'config' });
  expect(await readFile(path, 'utf8')).toBe(text);
});
