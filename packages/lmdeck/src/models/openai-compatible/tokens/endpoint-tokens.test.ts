import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assistant, languageModel, raw, system, user, type LanguageModel } from '../../../core/index.ts';
import { limitContext } from '../../../middleware/index.ts';
import { countMessages } from '../../../tokenize/index.ts';
import { chatModel, type ChatModelOptions } from '../chat-model.ts';
import { openai } from '../openai.ts';
import { presets } from '../presets.ts';
import { expectedScore } from '../test-support/fake-lm.ts';
import { closeServers, echoReply, serve, type Reply } from '../test-support/score-server.ts';
import { openAiContextSize } from './openai-context-size.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lmdeck-tokens-'));
});
afterEach(async () => {
  closeServers();
  await rm(folder, { recursive: true, force: true });
});

const MISSING: Reply = [404, { detail: 'Not Found' }];

function modelAt(baseUrl: string, options: Partial<ChatModelOptions> = {}): LanguageModel {
  return languageModel(chatModel({ name: 'here', baseUrl, model: 'm', ...options }));
}

/** A tokenizer.json that knows some words, and a chat template. */
async function writeTokenizer(
  template = '{% for m in messages %}<|{{ m.role }}|> {{ m.content }} {% endfor %}<|assistant|>',
): Promise<void> {
  const vocab = { '[UNK]': 0, The: 1, capital: 2, of: 3, France: 4, is: 5, Paris: 6 };
  const tokenizer = { model: { type: 'WordPiece', unk_token: '[UNK]', vocab }, pre_tokenizer: { type: 'Whitespace' } };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(folder, 'chat_template.jinja'), template);
}

describe('the tokenizer', () => {
  test('of a server is asked there, as the server is asked for answers', async () => {
    const { baseUrl, seen } = await serve((path, body) =>
      path === '/tokenize' ? [200, { count: 2, max_model_len: 512, tokens: [7, 8], seen: body }] : MISSING,
    );
    const model = modelAt(baseUrl, { tokenizer: 'remote', headers: { 'x-team': 'search' } });
    expect(seen).toEqual([]);
    const [first, second] = await Promise.all([model.tokenizer?.(), model.tokenizer?.()]);
    expect(first).toBe(second);
    expect(first?.id).toBe('vllm/m');
    expect(await first?.encode('hello')).toEqual([7, 8]);
    expect(seen.at(-1)).toEqual({ path: '/tokenize', body: { model: 'm', prompt: 'hello', add_special_tokens: false } });
    expect(await model.contextSize?.()).toBe(512);
  });

  test('that cannot be had now may be had later', async () => {
    let up = false;
    const { baseUrl } = await serve((path) => (up && path === '/tokenize' ? [200, { count: 1, tokens: [7] }] : MISSING));
    const model = modelAt(baseUrl, { tokenizer: 'remote' });
    await expect(model.tokenizer?.()).rejects.toMatchObject({ code: 'capability', message: expect.stringContaining('/tokenize') });
    up = true;
    expect((await model.tokenizer?.())?.id).toBe('vllm/m');
  });

  test('of OpenAI goes by the name of the model, and is absent where the name says nothing', async () => {
    const model = openai({ model: 'gpt-4o-mini', apiKey: 'k' });
    expect((await model.tokenizer?.())?.id).toBe('tiktoken/o200k_base');
    expect(await model.contextSize?.()).toBe(128_000);
    const tokenizer = await model.tokenizer?.();
    if (tokenizer === undefined) throw new Error('gpt-4o-mini has no tokenizer');
    expect(await countMessages(tokenizer, [user('Hello world')])).toBe(3 + 3 + 1 + 2);
    const tools = [{ name: 'look', description: 'Looks', parameters: { type: 'object' } }];
    const withTools = await countMessages(tokenizer, [user('Hello world')], { tools });
    expect(withTools).toBe(9 + (await tokenizer.count(JSON.stringify(tools))));
    expect(openai({ model: 'some-new-thing', apiKey: 'k' }).tokenizer).toBeUndefined();
    expect((await modelAt('http://127.0.0.1:9/v1', { tokenizer: 'cl100k_base' }).tokenizer?.())?.id).toBe('tiktoken/cl100k_base');
  });

  test('is absent where nobody says which it is', () => {
    expect(modelAt('http://127.0.0.1:9/v1').tokenizer).toBeUndefined();
    expect(modelAt('http://127.0.0.1:9/v1', { ...presets.vllm, tokenizer: false }).tokenizer).toBeUndefined();
    expect(modelAt('http://127.0.0.1:9/v1', presets.vllm).tokenizer).toBeTypeOf('function');
  });

  test('in a folder brings the chat template that scores on an echo server need', async () => {
    await writeTokenizer();
    const { baseUrl, seen } = await serve((_path, body) => echoReply(body, {}));
    const score = await modelAt(baseUrl, { tokenizer: folder }).score({
      context: [system('Be brief.'), user('Hi')],
      continuation: 'Paris',
    });
    const rendered = '<|system|> Be brief. <|user|> Hi <|assistant|>';
    expect(score.logprob).toBeCloseTo(expectedScore(rendered, 'Paris').logprob, 10);
    expect(seen.at(-1)?.body['prompt']).toBe(`${rendered}Paris`);
  });
});

describe('the context size', () => {
  test('that is given is not asked for', async () => {
    const { baseUrl, seen } = await serve(() => MISSING);
    expect(await modelAt(baseUrl, { contextSize: 4096 }).contextSize?.()).toBe(4096);
    expect(seen).toEqual([]);
  });

  test.each<[string, (path: string) => Reply, number | undefined]>([
    ['vLLM lists it', (path) => (path === '/v1/models' ? [200, { data: [{ id: 'x' }, { id: 'm', max_model_len: 2048 }] }] : MISSING), 2048],
    [
      'llama-server tells it of its slots, and not what the model was trained with',
      (path) =>
        path === '/v1/models'
          ? [200, { data: [{ id: 'm', meta: { n_ctx_train: 131_072 } }] }]
          : path === '/props'
            ? [200, { default_generation_settings: { n_ctx: 8192 } }]
            : MISSING,
      8192,
    ],
    ['TGI has it under /info', (path) => (path === '/info' ? [200, { max_input_tokens: 1000, max_total_tokens: 1512 }] : MISSING), 1512],
    [
      'a server that does not say',
      (path) => (path === '/v1/models' ? [200, { data: [{ id: 'm' }] }] : [200, '<html>Hello</html>']),
      undefined,
    ],
  ])('%s', async (_, reply, size) => {
    const { baseUrl } = await serve(reply);
    expect(await modelAt(baseUrl).contextSize?.()).toBe(size);
  });

  test('of a server that is away is an error, not unknown', async () => {
    const { baseUrl } = await serve(() => MISSING);
    closeServers();
    await expect(modelAt(baseUrl).contextSize?.()).rejects.toMatchObject({ code: 'network' });
  });

  test.each([
    ['gpt-4o-2024-08-06', 128_000],
    ['openai/gpt-4.1-mini', 1_047_576],
    ['ft:gpt-3.5-turbo:org::id', 16_385],
    ['gpt-4o-realtime-preview', undefined],
  ])('OpenAI: %s', (name, size) => {
    expect(openAiContextSize(name)).toBe(size);
  });
});

test('limitContext asks the model for both', async () => {
  await writeTokenizer('{% for m in messages %}{{ m.content }} {% endfor %}');
  const { baseUrl, seen } = await serve((path, body) =>
    path === '/v1/models'
      ? [200, { data: [{ id: 'm', max_model_len: 6 }] }]
      : [200, { choices: [{ index: 0, text: '!', message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }], seen: body }],
  );
  const model = languageModel(chatModel({ name: 'here', baseUrl, model: 'm', tokenizer: folder }), limitContext({ strategy: 'messages' }));
  await model.prompt([user('The capital'), assistant('of France'), user('is Paris is Paris')], { stream: false }).text();
  expect(seen.at(-1)?.body['messages']).toEqual([{ role: 'user', content: 'is Paris is Paris' }]);
  const refusing = languageModel(chatModel({ name: 'here', baseUrl, model: 'm', tokenizer: folder }), limitContext());
  await expect(refusing.prompt(raw('The capital of France is Paris'), { stream: false }).text()).rejects.toMatchObject({
    code: 'invalid-request',
    data: { tokens: 6, contextSize: 6 },
  });
});
