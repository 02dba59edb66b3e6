import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { languageModel, type JsonObject } from '../../core/index.ts';
import { anthropicPreset, chatModel, echo, geminiModel, geminiPreset, messagesModel, mock, presets } from '../../models/index.ts';
import { withDefaultOptions } from '../default-options.ts';
import { openDeck, type Deck } from '../index.ts';
import { describeModel, loadModel, modelTypes, saveModel } from './index.ts';

let folder: string;
let deck: Deck;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lmdeck-saved-'));
  deck = await openDeck({ home: join(folder, 'home'), cwd: folder, env: { LMDECK_PLUGINS: '' }, retry: false });
});
afterEach(async () => {
  await deck.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

describe('saving', () => {
  test.each(['model.yaml', 'model.yml', 'model.json'])('%s gives the same model again, its options too', async (name) => {
    const model = withDefaultOptions(mock({ id: 'm', outputs: ['one', 'two'] }), { temperature: 0, stop: ['x'] });
    await saveModel(model, at(name));
    const again = await loadModel(at(name));
    expect(describeModel(again)).toEqual(describeModel(model));
    const response = again.prompt('hi', { options: { temperature: 1 } });
    expect(await response.text()).toBe('one');
    expect(response.prompt.options).toEqual({ temperature: 1, stop: ['x'] });
  });

  test('leaves out what is or may be a secret', async () => {
    const model = chatModel({
      ...presets.openai,
      baseUrl: 'https://user:pass-in-url@api.openai.com/v1?api-version=3&sig=signed',
      model: 'm',
      apiKey: 'sk-very-secret',
      headers: { 'x-secret': 'header-value' },
      proxy: 'http://who:pass-of-proxy@proxy.example:3128',
      extraBody: { api_key: 'body-secret' },
    });
    await saveModel(model, at('model.yaml'));
    const text = await readFile(at('model.yaml'), 'utf8');
    expect(text).not.toMatch(/secret|header-value|pass-|signed/);
    expect(text).toContain('baseUrl: https://api.openai.com/v1?api-version=3');
    expect(text).toContain('key: openai');
  });

  test.each([
    messagesModel({ ...anthropicPreset, model: 'claude-x', extraBody: { container: 'c' } }),
    geminiModel({ ...geminiPreset, model: 'gemini-x', batches: false }),
  ])('a model of another protocol comes back: $id', async (model) => {
    await saveModel(model, at('protocol.yaml'));
    const again = await loadModel(at('protocol.yaml'));
    expect(describeModel(again)).toEqual(describeModel(model));
    expect([again.id, again.revision, again.batches === undefined]).toEqual([model.id, model.revision, model.batches === undefined]);
    expect(again.capabilities).toEqual(model.capabilities);
    expect(again.options).toEqual(model.options);
  });

  test.each(Object.values(presets))('a model of $name comes back', async (preset) => {
    const model = chatModel({ ...preset, model: 'gpt-4o' });
    await saveModel(model, at('preset.yaml'));
    const again = await loadModel(at('preset.yaml'));
    expect(again.toJSON?.()).toEqual(JSON.parse(JSON.stringify(model)));
    expect([again.id, again.capabilities, again.tokenizer === undefined]).toEqual([
      model.id,
      model.capabilities,
      model.tokenizer === undefined,
    ]);
  });

  test('any settings of an endpoint come back', async () => {
    const settings = fc.record(
      {
        refuses: fc.array(fc.constantFrom('seed', 'n', 'stream_options')),
        maxTokensField: fc.constantFrom('max_tokens' as const, 'max_completion_tokens' as const),
        reasoningField: fc.constantFrom('thinking', 'thoughts'),
        batchPrompts: fc.integer({ min: 1, max: 64 }),
        batchScores: fc.integer({ min: 1, max: 64 }),
        tokenizer: fc.constantFrom('remote', 'tiktoken', 'o200k_base', '/models/qwen3', false as const),
        contextSize: fc.integer({ min: 1, max: 1_000_000 }),
        extraBody: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.integer(), fc.boolean(), fc.string())),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(settings, async (given) => {
        const model = chatModel({ name: 'mine', baseUrl: 'http://127.0.0.1:9/v1', model: 'a/b', ...given });
        await saveModel(model, at('any.yaml'));
        const again = await loadModel(at('any.yaml'));
        expect(again.toJSON?.()).toEqual(JSON.parse(JSON.stringify(model)));
        expect([again.id, again.endpoint, again.revision, again.capabilities]).toEqual([
          model.id,
          model.endpoint,
          model.revision,
          model.capabilities,
        ]);
      }),
      { numRuns: 30 },
    );
  });

  test('says which models cannot be saved, and in which files', async () => {
    const ofFunctions = languageModel({ id: 'own', capabilities: {}, async *generate() {} });
    await expect(saveModel(ofFunctions, at('x.yaml'))).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('own'),
    });
    await expect(saveModel(mock({ outputs: [() => 'x'] }), at('x.yaml'))).rejects.toMatchObject({ code: 'capability' });
    await expect(saveModel(echo(), at('x.txt'))).rejects.toMatchObject({ code: 'usage' });
    await expect(saveModel(echo(), at('none/x.json'))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('none/x.json'),
    });
  });
});

describe('loading', () => {
  test.each<[string, string, RegExp]>([
    ['x.yaml', 'type: [', /x\.yaml is not YAML/],
    ['x.json', '{', /x\.json is not JSON/],
    ['x.yaml', '- 1', /x\.yaml: A model is described by an object/],
    ['x.yaml', 'type: ecko', /x\.yaml: There is no type of model "ecko"\. Did you mean .*echo/],
    ['x.yaml', 'type: node:child_process', /There is no type/],
    ['x.yaml', 'type: mock\nid: m\noutputs: 3', /x\.yaml: A mock needs/],
    ['x.yaml', 'type: echo\noptions: 3', /"options" must be an object/],
    [
      'x.yaml',
      'type: chat\nmodel: m\nendpoint: { name: e, baseUrl: "http://h/v1", refused: [n] }',
      /unknown key "refused"\. Did you mean refuses/,
    ],
    ['x.yaml', 'type: chat\nmodel: m\nendpoint: { name: e }', /needs a "baseUrl"/],
    ['x.yaml', 'type: deck\nid: tiny', /open one and give it along/],
  ])('%s with %j', async (name, text, message) => {
    await writeFile(at(name), text);
    await expect(loadModel(at(name))).rejects.toMatchObject({ code: 'config', message: expect.stringMatching(message) });
  });

  test('own types are made by their makers, also within others', async () => {
    const types = modelTypes({ types: { twice: async ({ of = null }, { make }) => make(of) } });
    const model = await types.make({ type: 'twice', of: { type: 'mock', id: 'm', outputs: ['x'] }, options: { seed: 1 } });
    const response = model.prompt('hi');
    expect([await response.text(), response.prompt.options]).toEqual(['x', { seed: 1 }]);
  });
});

describe('a deck', () => {
  test('takes the path of a file where a model is named', async () => {
    await writeFile(at('m.json'), JSON.stringify({ type: 'mock', id: 'saved', outputs: ['from the file'], options: { seed: 7 } }));
    const response = (await deck.model('./m.json')).prompt('hi');
    expect(await response.text()).toBe('from the file');
    expect(response.prompt.options).toEqual({ seed: 7 });
    expect((await deck.tape()).calls()[0]?.model).toBe('saved');
  });

  test('knows its own models by name, with the options of the file', async () => {
    await writeFile(at('e.yaml'), 'type: deck\nid: echo\noptions: { temperature: 0.5 }\n');
    const response = (await deck.model('e.yaml')).prompt('hi');
    expect(await response.json()).toMatchObject({ prompt: 'hi', options: { temperature: 0.5 } });
  });

  test('sends a key to servers alone that are known to get it', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1`;
    try {
      await deck.keys.set('mine', 'k-123456789');
      const saved: JsonObject = { type: 'chat', model: 'm', endpoint: { name: 'mine', baseUrl, key: 'mine' } };
      await writeFile(at('m.json'), JSON.stringify(saved));
      await expect(deck.model('m.json')).rejects.toMatchObject({
        code: 'config',
        message: expect.stringContaining('would send the key mine to'),
      });
      await deck.endpoints.add({ name: 'mine', baseUrl, key: 'mine' });
      expect(await (await deck.model('m.json')).prompt('hi').text()).toBe('ok');
      await writeFile(at('other.json'), JSON.stringify({ ...saved, endpoint: { name: 'mine', baseUrl } }));
      expect(await (await deck.model('other.json')).prompt('hi').text()).toBe('ok');
      expect(seen).toEqual(['Bearer k-123456789', undefined]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
