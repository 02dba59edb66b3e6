import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { raw, type JsonObject } from '../core/index.ts';
import type { Deck } from './deck.ts';
import { parseEndpoints } from './endpoint-file.ts';
import { openDeck } from './open-deck.ts';

let home: string;
let deck: Deck | undefined;
const servers: Server[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lmdeck-trainable-'));
});

afterEach(async () => {
  await deck?.close();
  deck = undefined;
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  await rm(home, { recursive: true, force: true });
});

interface Seen {
  readonly path: string;
  readonly body: JsonObject;
  readonly authorization: string | undefined;
}

/** A server that answers when it is told to, or at once. */
async function serve(wait: () => Promise<void> = async () => {}): Promise<{ readonly url: string; readonly seen: Seen[]; most: number }> {
  const seen: Seen[] = [];
  let running = 0;
  const state = { url: '', seen, most: 0 };
  const server = createServer((request, response) => {
    void (async () => {
      const text = Buffer.concat(await Array.fromAsync(request)).toString();
      const body: JsonObject = text === '' ? {} : JSON.parse(text);
      seen.push({ path: request.url ?? '', body, authorization: request.headers.authorization });
      state.most = Math.max(state.most, ++running);
      await wait();
      running--;
      const logprobs = { content: [{ token: 'token_id:42', logprob: -0.25, bytes: null, top_logprobs: [] }] };
      const prompts = Array.isArray(body['prompt']) ? body['prompt'].length : 1;
      const choices = Array.from({ length: prompts }, (_, index) =>
        body['prompt'] === undefined
          ? { index, message: { role: 'assistant', content: 'ok' }, logprobs, finish_reason: 'stop' }
          : { index, text: `ok ${index}`, finish_reason: 'stop' },
      );
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: 'x', model: 'm', choices, usage: { prompt_tokens: 1, completion_tokens: 1 } }));
    })();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  state.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`;
  return state;
}

async function deckWith(endpoints: string, env: Readonly<Record<string, string>> = {}): Promise<Deck> {
  await writeFile(join(home, 'endpoints.yaml'), endpoints);
  return (deck = await openDeck({ home, env, cwd: home }));
}

describe('an endpoint to train from', () => {
  test('collects log-probabilities of every call on the tape, with the key from the environment', async () => {
    const { url, seen } = await serve();
    const opened = await deckWith(
      `train:\n  baseUrl: ${url}\n  key: { env: TRAIN_KEY }\n  logprobs: true\n  extraBody: { include_stop_str_in_output: true, skip_special_tokens: false }\n`,
      { TRAIN_KEY: 'secret' },
    );
    const model = await opened.model('train/m');
    await model.prompt('Hi', { stream: false }).text();
    await model.prompt('Hi', { stream: false, options: { logprobs: false } }).text();
    const tape = await opened.tape();
    await tape.flush();
    expect(tape.calls().map((call) => call.samples[0]?.logprobs)).toContainEqual([{ token: 'token_id:42', tokenId: 42, logprob: -0.25 }]);
    expect(seen.map(({ body, authorization }) => [body['logprobs'], body['include_stop_str_in_output'], authorization])).toEqual([
      [true, true, 'Bearer secret'],
      [false, true, 'Bearer secret'],
    ]);
  });

  test('gets no more at once than it can bear, all its models together', async () => {
    const gates: (() => void)[] = [];
    const server = await serve(() => new Promise((resolve) => gates.push(resolve)));
    const opened = await deckWith(`train: { baseUrl: "${server.url}", concurrency: 2 }\nother: { baseUrl: "${server.url}" }\n`);
    const [small, large] = await Promise.all([opened.model('train/small'), opened.model('train/large')]);
    const answers = [small, large, small, large, small].map((model) => model.prompt('Hi', { stream: false }).text());
    for (let done = 0; done < 5; done++) {
      await expect.poll(() => gates.length).toBeGreaterThan(0);
      gates.shift()?.();
    }
    await Promise.all(answers);
    expect(server.most).toBe(2);
    const others = [1, 2, 3].map(async () => (await opened.model('other/m')).prompt('Hi', { stream: false }).text());
    await expect.poll(() => gates.length).toBe(3);
    for (const open of gates.splice(0)) open();
    await Promise.all(others);
  });

  test('takes several raw prompts in one request', async () => {
    const { url, seen } = await serve();
    const opened = await deckWith(`train: { baseUrl: "${url}", batchPrompts: 8, concurrency: 1 }\n`);
    const model = await opened.model('train/m');
    const answers = await Promise.all(['a', 'b', 'c'].map((text) => model.prompt(raw(text), { stream: false }).text()));
    expect(answers).toEqual(['ok 0', 'ok 1', 'ok 2']);
    expect(seen.map(({ body }) => body['prompt'])).toEqual([['a', 'b', 'c']]);
    const tape = await opened.tape();
    await tape.flush();
    expect(tape.calls()).toHaveLength(3);
  });

  test('scores in batches of the size that it says', async () => {
    const opened = await deckWith(
      'train: { baseUrl: "http://127.0.0.1:9/v1", batchScores: 64, capabilities: { raw: false, hiddenStates: true } }\n',
    );
    const model = await opened.model('train/m');
    expect(model.capabilities).toMatchObject({ score: { batch: 64 }, raw: false, hiddenStates: true });
    expect(model.hiddenStates).toBeTypeOf('function');
  });
});

describe('tokenizer and context size', () => {
  test('are those of the model, else of the endpoint, else of the preset; paths are relative to the file', async () => {
    await mkdir(join(home, 'words'));
    const words = { model: { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, Hi: 1 } }, pre_tokenizer: { type: 'Whitespace' } };
    await writeFile(join(home, 'words', 'tokenizer.json'), JSON.stringify(words));
    const opened = await deckWith(`
train:
  preset: vllm
  baseUrl: http://127.0.0.1:9/v1
  tokenizer: ./words
  contextSize: 2048
  models:
    - { id: own, tokenizer: cl100k_base, contextSize: 512 }
    - { id: none, tokenizer: false }
remote: { preset: vllm, baseUrl: "http://127.0.0.1:9/v1" }
openai: { models: [gpt-4o] }
`);
    const known = async (id: string): Promise<unknown[]> => {
      const model = await opened.model(id);
      return [(await model.tokenizer?.())?.id, await model.contextSize?.()];
    };
    expect(await known('train/any')).toEqual(['huggingface/words', 2048]);
    expect(await known('train/own')).toEqual(['tiktoken/cl100k_base', 512]);
    expect(await known('train/none')).toEqual([undefined, 2048]);
    expect(await known('openai/gpt-4o')).toEqual(['tiktoken/o200k_base', 128_000]);
    await expect(known('remote/any')).rejects.toMatchObject({ code: 'network' });
  });

  test('a server is asked with the key and the headers of its entry', async () => {
    const { url, seen } = await serve();
    const opened = await deckWith(`train: { preset: vllm, baseUrl: "${url}", key: { env: TRAIN_KEY } }\n`, { TRAIN_KEY: 'secret' });
    // It answers, but not as a tokenizer does.
    await expect((await opened.model('train/m')).tokenizer?.()).rejects.toMatchObject({ code: 'invalid-response' });
    expect(seen[0]).toMatchObject({ path: '/tokenize', body: { model: 'm' }, authorization: 'Bearer secret' });
  });
});

describe('mistakes in the file are told with their place', () => {
  test.each([
    ['concurrency: 0', '"concurrency" must be a whole number from 1'],
    ['batchPrompts: many', '"batchPrompts" must be a whole number from 1'],
    ['batchScores: 1.5', '"batchScores" must be a whole number from 1'],
    ['logprobs: yes please', '"logprobs" must be true or false'],
    ['tokenizer: o200k_bse', 'Did you mean o200k_base?'],
    ['tokenizer: qwen3', 'or the path of a tokenizer.json or its folder, such as ./qwen3'],
    ['tokenizer: true', '"tokenizer" must be a text: remote, tiktoken, an encoding'],
    ['contextSize: 0', '"contextSize" must be a whole number from 1'],
    ['models: [{ id: m, tokenizer: qwen3 }]', 'such as ./qwen3'],
    ['capabilities: { hiddenState: true }', 'unknown key "hiddenState". Did you mean hiddenStates?'],
  ])('%s', async (line, message) => {
    const text = `train:\n  baseUrl: http://127.0.0.1:9/v1\n  ${line}\n`;
    await expect(parseEndpoints({ path: 'endpoints.yaml', presets: [] }, text)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^endpoints\.yaml:3:\d+: /),
    });
    await expect(parseEndpoints({ path: 'endpoints.yaml', presets: [] }, text)).rejects.toThrow(message);
  });
});
