import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { languageModel, LmdeckError, type Model } from '../core/index.ts';
import { record, replay } from '../middleware/index.ts';
import { mock } from '../models/index.ts';
import { fixtureStore } from './fixture-store.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lmdeck-fixture-'));
  path = join(folder, 'calls.yaml');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const silent: Model = {
  id: 'mock',
  capabilities: { streaming: true },
  generate: () => {
    throw new Error('the model was asked');
  },
};

/** Records these answers to these prompts, in this order. */
async function recorded(answers: Readonly<Record<string, string>>, keep = true): Promise<void> {
  await using store = await fixtureStore(path, { keep });
  for (const [prompt, answer] of Object.entries(answers))
    await languageModel(mock({ outputs: [answer] }), record(store))
      .prompt(prompt)
      .text();
}

const prompts = (): string[] => [...readFileSync(path, 'utf8').matchAll(/- user: (.*)/g)].map((match) => match[1] ?? '');

test('what was recorded is replayed by another process, in the pieces in which it came', async () => {
  {
    await using store = await fixtureStore(path);
    const model = languageModel(mock({ outputs: [{ text: 'Hello, you', chunks: 3, usage: { inputTokens: 1 } }] }), record(store));
    for await (const _piece of model.prompt('Hi'));
  }
  await using store = await fixtureStore(path);
  const pieces: string[] = [];
  for await (const piece of languageModel(silent, replay(store)).prompt('Hi')) pieces.push(piece);
  expect(pieces).toHaveLength(3);
  expect(pieces.join('')).toBe('Hello, you');
  expect(await languageModel(silent, replay(store)).prompt('Hi').usage()).toEqual({ inputTokens: 1 });
});

test('recording the same again changes nothing in the file, not even its time', async () => {
  await recorded({ a: '1', b: '2' });
  const before = readFileSync(path, 'utf8');
  const { mtimeMs, ino } = statSync(path);
  await recorded({ a: '1', b: '2' }, false);
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(statSync(path)).toMatchObject({ mtimeMs, ino });
  expect(before).not.toMatch(/\d{13}|startedAt|durationMs|01[0-9a-z]{24}/);
  expect(readdirSync(folder)).toEqual(['calls.yaml']);
});

test('how long pieces took is kept only where it is asked for', async () => {
  for (const timing of [false, true]) {
    await using store = await fixtureStore(path, { keep: false, timing });
    const model = languageModel(mock({ outputs: [{ text: 'Hello, you', chunks: 3, delayMs: 5 }] }), record(store));
    for await (const _piece of model.prompt('Hi'));
    await store.flush();
    const text = readFileSync(path, 'utf8');
    expect(/chunks: \S*\+/.test(text)).toBe(timing);
    expect(text.includes('durationMs')).toBe(timing);
  }
});

test('what is recorded again keeps its place, also when it comes in another order', async () => {
  await recorded({ a: '1', b: '2', c: '3' });
  await recorded({ c: '3', new: '4', a: '1', b: 'changed' }, false);
  expect(prompts()).toEqual(['a', 'b', 'c', 'new']);
  await recorded({ first: '0', a: '1', c: '3' }, false);
  expect(prompts()).toEqual(['first', 'a', 'c']);
});

test('calls that run at the same time stand in the order in which they began', async () => {
  {
    await using store = await fixtureStore(path);
    const model = languageModel(mock({ outputs: [{ text: 'slow', delayMs: 20 }, { text: 'quick' }] }), record(store));
    await Promise.all(['one', 'two'].map((prompt) => model.prompt(prompt).text()));
  }
  expect(prompts()).toEqual(['one', 'two']);
});

test('beginning anew without any call leaves no file', async () => {
  await recorded({ a: '1' });
  await recorded({}, false);
  expect(existsSync(path)).toBe(false);
  await recorded({});
  expect(existsSync(path)).toBe(false);
});

test('what is given up is not written, also not at the end of the process', async () => {
  await recorded({ a: '1' });
  const store = await fixtureStore(path, { keep: false });
  await languageModel(mock({ outputs: ['2'] }), record(store))
    .prompt('b')
    .text();
  store.discard();
  await store.close();
  expect(prompts()).toEqual(['a']);
  expect(process.listeners('exit').filter((each) => each.name === 'runAll')).toEqual([]);
});

test('which calls nobody asked for', async () => {
  await recorded({ a: '1', b: '2' });
  await using store = await fixtureStore(path);
  await languageModel(silent, replay(store, { order: 'sequence' }))
    .prompt('b')
    .text();
  expect(store.unused()).toEqual([{ id: '#1', model: 'mock', prompt: 'a' }]);
  await languageModel(silent, replay(store)).prompt('a').text();
  expect(store.unused()).toEqual([]);
});

test('a miss shows the closest call of the file', async () => {
  vi.stubEnv('FORCE_COLOR', '0');
  await recorded({ 'What is the capital of France?': 'Paris', 'Something else': 'x' });
  await using store = await fixtureStore(path);
  const asked = languageModel(silent, replay(store)).prompt('What is the capital of Spain?').text();
  await expect(asked).rejects.toThrow('Closest recorded prompt: call #1 (similarity 0.861).');
  await expect(languageModel(silent, replay(store)).prompt('What is the capital of Spain?').text()).rejects.toThrow(
    'capital of [-France-]{+Spain+}?',
  );
});

describe('secrets', () => {
  const key = 'sk-proj-abcDEF1234567890abcDEF';

  test('keys in prompts, answers, tools and errors are not written, and the request is found all the same', async () => {
    vi.stubEnv('LAB_API_KEY', 'plain words as a key');
    const failing: Model = {
      ...silent,
      generate: () => {
        throw new LmdeckError('authentication', `mock: wrong key ${key}`, { data: { given: key } });
      },
    };
    const ask = async (model: Model) => {
      await using store = await fixtureStore(path, { secrets: ['hunter2-hunter2'] });
      const wrapper = replay(store, { on: 'record', errors: true, normalize: store.normalize });
      const options = { tools: [{ name: 'x', description: 'uses hunter2-hunter2', parameters: {} }] };
      const answer = await languageModel(model, wrapper).prompt(`My key is ${key}, and plain words as a key.`, options).text();
      const error: unknown = await languageModel(model === silent ? silent : failing, wrapper)
        .prompt('fail')
        .text()
        .catch((each: unknown) => each);
      return [answer, LmdeckError.isInstance(error) ? error.message : error];
    };
    expect(await ask(mock({ outputs: [`Do not tell ${key}!`] }))).toEqual([`Do not tell ${key}!`, `mock: wrong key ${key}`]);
    const text = readFileSync(path, 'utf8');
    expect(text).not.toMatch(/abcDEF|hunter2|plain words/);
    expect(text).toContain('My key is sk-***, and ***.');
    expect(await ask(silent)).toEqual(['Do not tell sk-***!', 'mock: wrong key sk-***']);
  });

  test('fields that are called like secrets have none, headers and metadata are not kept, and the request is found all the same', async () => {
    const ask = async (model: Model, token: string): Promise<string> => {
      await using store = await fixtureStore(path);
      const wrapper = replay(store, { on: 'record', normalize: store.normalize });
      return await languageModel(model, wrapper)
        .prompt('Hi', {
          apiKey: 'key-of-the-call',
          headers: { 'x-team': 'header-of-the-call' },
          metadata: { note: 'metadata-of-the-call' },
          options: { stop: ['</answer>'], extraBody: { auth_token: token, nested: [{ apiKey: token }], eos_token: '<|im_end|>' } },
        })
        .text();
    };
    expect(await ask(mock({ outputs: ['Hello'] }), 'first-value-of-it')).toBe('Hello');
    const text = readFileSync(path, 'utf8');
    expect(text).not.toMatch(/of-the-call|first-value/);
    expect(text).toContain('auth_token: "***"');
    expect(text).toContain('<|im_end|>');
    expect(await ask(silent, 'another-value-of-it')).toBe('Hello');
  });

  test('words that only speak of keys stay', async () => {
    const prompt = 'Set api_key=YOUR_API_KEY_HERE, or authorization: required. sk-learn-is-a-library-of-python.';
    await recorded({ [prompt]: 'ok' });
    expect(prompts()[0]).toContain(prompt);
  });
});

test('a file that is no fixture is not overwritten', async () => {
  writeFileSync(path, 'my: notes\n');
  await expect(fixtureStore(path)).rejects.toMatchObject({ code: 'config' });
  expect(readFileSync(path, 'utf8')).toBe('my: notes\n');
});

test('a folder that cannot be written is an error that names the file', async () => {
  writeFileSync(join(folder, 'file'), '');
  const store = await fixtureStore(join(folder, 'x.yaml'));
  await languageModel(mock({ outputs: ['1'] }), record(store))
    .prompt('a')
    .text();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  await expect(store.close()).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining(`Cannot write the fixture ${join(folder, 'x.yaml')}`),
  });
  store.discard();
});
