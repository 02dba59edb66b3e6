import { afterEach, describe, expect, test } from 'vitest';
import { user, type JsonObject } from '../../../core/index.ts';
import { chatModel, type ChatModelOptions } from '../chat-model.ts';
import { closeServers, serve, type Reply } from '../test-support/score-server.ts';

afterEach(closeServers);

const ROWS = [
  [1, 0.5, -2],
  [3.25, 4, 1e-3],
];

function answer(data: JsonObject['data'], tokens = 2): Reply {
  return [
    200,
    {
      id: 'pool-1',
      object: 'list',
      model: 'm',
      data: [{ index: 0, object: 'pooling', data: data ?? null }],
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    },
  ];
}

const base64 = Buffer.from(new Float32Array(ROWS.flat()).buffer).toString('base64');

async function states(reply: (path: string, body: JsonObject) => Reply, options: Partial<ChatModelOptions> = {}) {
  const { baseUrl, seen } = await serve(reply);
  const model = chatModel({ name: 'here', baseUrl, model: 'm', capabilities: { hiddenStates: true }, ...options });
  const { hiddenStates } = model;
  if (hiddenStates === undefined) throw new Error('no hiddenStates');
  return { hiddenStates, seen };
}

describe('hidden states of a pooling server', () => {
  test.each([
    ['base64', base64],
    ['numbers', ROWS],
  ])('come as %s', async (_, data) => {
    const { hiddenStates, seen } = await states(() => answer(data));
    const { data: values, shape } = await hiddenStates('Hello world');
    expect(shape).toEqual([2, 3]);
    expect(values).toEqual(new Float32Array(ROWS.flat()));
    expect(seen).toEqual([
      {
        path: '/pooling',
        body: {
          model: 'm',
          input: 'Hello world',
          task: 'token_embed',
          use_activation: false,
          encoding_format: 'base64',
          embed_dtype: 'float32',
          endianness: 'little',
        },
      },
    ]);
  });

  test('of token ids and messages', async () => {
    const { hiddenStates, seen } = await states(() => answer(base64));
    expect((await hiddenStates([5, 6])).tokenIds).toEqual([5, 6]);
    await hiddenStates([user('Hi')]);
    expect(seen.map(({ body }) => [body['input'], body['messages']])).toEqual([
      [[5, 6], undefined],
      [undefined, [{ role: 'user', content: 'Hi' }]],
    ]);
  });

  test.each<[string, Reply, string, string]>([
    ['one vector for the text', answer([1, 2, 3]), 'capability', 'one vector for the whole text'],
    ['rows of different lengths', answer([[1, 2], [3]]), 'invalid-response', 'token 2'],
    ['bytes that do not divide', answer(base64, 5), 'invalid-response', 'do not divide among 5 tokens'],
    ['nothing', [200, { data: [] }], 'invalid-response', 'no states'],
    ['no JSON', [200, 'sorry'], 'invalid-response', 'instead of hidden states'],
    ['no such path', [404, { detail: 'Not Found' }], 'not-found', ''],
  ])('%s is an error', async (_, reply, code, message) => {
    const { hiddenStates } = await states(() => reply);
    await expect(hiddenStates('a')).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('are absent where the endpoint does not say that it has them', () => {
    expect(chatModel({ name: 'here', baseUrl: 'http://127.0.0.1:9/v1', model: 'm' }).hiddenStates).toBeUndefined();
  });
});
