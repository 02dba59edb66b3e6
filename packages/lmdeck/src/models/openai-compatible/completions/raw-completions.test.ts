import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { languageModel, raw, system, user, type JsonObject, type LanguageModel } from '../../../core/index.ts';
import { chatModel, type ChatModelOptions } from '../chat-model.ts';
import { closeServers, promptsOf, serve } from '../test-support/score-server.ts';

const open: Server[] = [];

afterEach(() => {
  closeServers();
  for (const server of open.splice(0)) server.close().closeAllConnections();
});

function modelAt(baseUrl: string, options: Partial<ChatModelOptions> = {}): LanguageModel {
  return languageModel(chatModel({ name: 'here', baseUrl, model: 'm', ...options }));
}

/** Answers every prompt with its own text, reversed; as vLLM answers. */
function reversed(body: JsonObject): JsonObject {
  const n = typeof body['n'] === 'number' ? body['n'] : 1;
  const choices = promptsOf(body).flatMap((prompt, i) =>
    Array.from({ length: n }, (_, sample): JsonObject => {
      const text =
        (typeof prompt === 'string' ? Array.from(prompt).toReversed().join('') : prompt.toReversed().join(' ')) +
        (n > 1 ? `#${sample}` : '');
      const logprobs =
        body['logprobs'] === undefined
          ? null
          : { tokens: [text], token_logprobs: [-0.5], top_logprobs: [{ [text]: -0.5 }], text_offset: [0] };
      return { index: i * n + sample, text, logprobs, finish_reason: 'stop', stop_reason: null };
    }),
  );
  return {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'm-1',
    choices,
    usage: { prompt_tokens: 3 * choices.length, completion_tokens: 2 * choices.length, total_tokens: 5 * choices.length },
  };
}

describe('a raw prompt', () => {
  test('goes to /completions as it is, whole', async () => {
    const { baseUrl, seen } = await serve((_path, body) => [200, reversed(body)]);
    const response = modelAt(baseUrl).prompt(raw('Once'), {
      options: { temperature: 0, maxTokens: 5, stop: ['\n'], seed: 7, suffix: ' end', topK: 4, extraBody: { guided_regex: 'x' } },
      stream: false,
    });
    expect(await response.text()).toBe('ecnO');
    expect(await response.usage()).toMatchObject({ inputTokens: 3, outputTokens: 2 });
    expect([await response.finish(), await response.resolvedModel()]).toEqual([{ reason: 'stop', raw: 'stop' }, 'm-1']);
    expect(seen).toEqual([
      {
        path: '/v1/completions',
        body: {
          model: 'm',
          prompt: 'Once',
          temperature: 0,
          max_tokens: 5,
          stop: ['\n'],
          seed: 7,
          suffix: ' end',
          top_k: 4,
          guided_regex: 'x',
        },
      },
    ]);
  });

  test('may be token ids', async () => {
    const { baseUrl, seen } = await serve((_path, body) => [200, reversed(body)]);
    expect(
      await modelAt(baseUrl)
        .prompt(raw([1, 2, 3]))
        .text(),
    ).toBe('3 2 1');
    expect(seen[0]?.body['prompt']).toEqual([1, 2, 3]);
  });

  test('streams', async () => {
    const pieces = ['Gr', 'üße', ' 👩‍👩‍👧'];
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'text/event-stream');
      const events = pieces.map((text, i) =>
        JSON.stringify({
          id: 'cmpl-1',
          model: 'm-1',
          choices: [{ index: 0, text, logprobs: { tokens: [text], token_logprobs: [-1 - i] }, finish_reason: i === 2 ? 'length' : null }],
        }),
      );
      const usage = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":3}}';
      for (const event of [...events, usage, '[DONE]']) response.write(`data: ${event}\n\n`);
      response.end();
    });
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const response = modelAt(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`).prompt(raw('Hi'));
    expect(await Array.fromAsync(response)).toEqual(pieces);
    expect(await response.logprobs()).toEqual(pieces.map((token, i) => ({ token, logprob: -1 - i })));
    expect([await response.finish(), await response.usage()]).toMatchObject([{ reason: 'length' }, { inputTokens: 3 }]);
  });

  test('gives log-probabilities and samples', async () => {
    const { baseUrl, seen } = await serve((_path, body) => [200, reversed(body)]);
    const response = modelAt(baseUrl).prompt(raw('ab'), { samples: 2, options: { logprobs: true, topLogprobs: 3 } });
    expect((await response.samples()).map((sample) => sample.logprobs)).toEqual([
      [{ token: 'ba#0', logprob: -0.5, top: [{ token: 'ba#0', logprob: -0.5 }] }],
      [{ token: 'ba#1', logprob: -0.5, top: [{ token: 'ba#1', logprob: -0.5 }] }],
    ]);
    expect(seen[0]?.body).toMatchObject({ n: 2, logprobs: 3 });
  });

  test('reads token ids that a server gives in place of texts', async () => {
    const { baseUrl } = await serve((_path, body) => {
      const { choices: _, ...rest } = reversed(body);
      return [
        200,
        {
          ...rest,
          choices: [{ index: 0, text: 'x', finish_reason: 'stop', logprobs: { tokens: ['token_id:123'], token_logprobs: [-1] } }],
        },
      ];
    });
    expect(
      await modelAt(baseUrl)
        .prompt(raw('a'), { options: { logprobs: true } })
        .logprobs(),
    ).toEqual([{ token: 'token_id:123', tokenId: 123, logprob: -1 }]);
  });

  test.each([404, 405, 501])('on a server without /completions (%i) the error says so', async (status) => {
    const { baseUrl } = await serve(() => [
      status,
      { error: { message: 'This is a chat model and not supported in the v1/completions endpoint.' } },
    ]);
    await expect(modelAt(baseUrl).prompt(raw('a')).text()).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringMatching(/^here\/m takes no raw prompts: .*chat model/),
      data: { model: 'here/m', capability: 'raw' },
    });
  });

  test.each<[string, Parameters<LanguageModel['prompt']>[1], string]>([
    ['tools', { tools: [{ name: 'f', parameters: {} }] }, 'takes no tools with a raw prompt'],
    ['a schema', { schema: { type: 'object' } }, 'takes no schema with a raw prompt'],
    ['an option of chats', { options: { reasoningEffort: 'low' } }, 'does not take the option "reasoningEffort" with a raw prompt'],
  ])('takes no %s', async (_, options, message) => {
    await expect(modelAt('http://127.0.0.1:9/v1').prompt(raw('a'), options).text()).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining(message),
    });
  });

  test('is refused where the endpoint says so, and a chat takes no suffix', async () => {
    const model = modelAt('http://127.0.0.1:9/v1', { capabilities: { raw: false } });
    await expect(model.prompt(raw('a')).text()).rejects.toMatchObject({ code: 'capability', data: { capability: 'raw' } });
    await expect(model.prompt('a', { options: { suffix: 'b' } }).text()).rejects.toMatchObject({ code: 'capability' });
    await expect(
      modelAt('http://127.0.0.1:9/v1')
        .prompt([system('Be brief.'), raw('a')])
        .text(),
    ).rejects.toMatchObject({ code: 'usage' });
    await expect(
      modelAt('http://127.0.0.1:9/v1')
        .prompt([raw('a'), user('b')])
        .text(),
    ).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('raw prompts that are asked at the same time', () => {
  const words = ['one', 'two', 'three'];
  const answers = ['eno', 'owt', 'eerht'];

  test('go alone unless the endpoint says how many go together', async () => {
    const { baseUrl, seen } = await serve((_path, body) => [200, reversed(body)]);
    const model = modelAt(baseUrl);
    expect(await Promise.all(words.map((word) => model.prompt(raw(word)).text()))).toEqual(answers);
    expect(seen).toHaveLength(3);
  });

  test('go in one request, each with its own answer', async () => {
    const { baseUrl, seen } = await serve((_path, body) => {
      const answer = reversed(body);
      return [200, { ...answer, choices: Array.isArray(answer['choices']) ? answer['choices'].toReversed() : [] }];
    });
    const model = modelAt(baseUrl, { batchPrompts: 8 });
    const responses = words.map((word) => model.prompt(raw(word), { options: { logprobs: true } }));
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(answers);
    expect(seen.map(({ body }) => body['prompt'])).toEqual([words]);
    // The server counts for all together; the log-probabilities count for each.
    expect(await responses[0]?.usage()).toEqual({ outputTokens: 1 });
    expect(await responses[0]?.resolvedModel()).toBe('m-1');
  });

  test('with several samples each', async () => {
    const { baseUrl } = await serve((_path, body) => [200, reversed(body)]);
    const model = modelAt(baseUrl, { batchPrompts: 8 });
    const samples = await Promise.all(words.map((word) => model.prompt(raw(word), { samples: 2 }).samples()));
    expect(samples.map((each) => each.map(({ message }) => message.parts[0]))).toEqual(
      answers.map((answer) => [0, 1].map((sample) => ({ type: 'text', text: `${answer}#${sample}` }))),
    );
  });

  test('text, ids and other options apart; those that are read in pieces alone', async () => {
    const { baseUrl, seen } = await serve((_path, body) => [200, reversed(body)]);
    const model = modelAt(baseUrl, { batchPrompts: 8 });
    await Promise.all([
      model.prompt(raw('a')).text(),
      model.prompt(raw('b')).text(),
      model.prompt(raw([1])).text(),
      model.prompt(raw('c'), { options: { temperature: 0 } }).text(),
      Array.fromAsync(model.prompt(raw('d'))),
    ]);
    expect(seen.map(({ body }) => JSON.stringify(body['prompt'])).sort()).toEqual(['"c"', '"d"', '["a","b"]', '[1]']);
  });

  test('one that is rejected concerns nobody else', async () => {
    const { baseUrl } = await serve((_path, body) =>
      JSON.stringify(body['prompt']).includes('two') ? [400, { error: { message: 'too long' } }] : [200, reversed(body)],
    );
    const model = modelAt(baseUrl, { batchPrompts: 8 });
    const outcomes = await Promise.allSettled(words.map((word) => model.prompt(raw(word)).text()));
    expect(outcomes).toMatchObject([{ value: 'eno' }, { reason: { code: 'invalid-request' } }, { value: 'eerht' }]);
  });

  test('a server that takes one prompt at a time gets one at a time from then on', async () => {
    const { baseUrl, seen } = await serve((_path, body) =>
      Array.isArray(body['prompt']) ? [422, { detail: 'prompt must be a string' }] : [200, reversed(body)],
    );
    const model = modelAt(baseUrl, { batchPrompts: 8 });
    for (const requests of [4, 7]) {
      expect(await Promise.all(words.map((word) => model.prompt(raw(word)).text()))).toEqual(answers);
      expect(seen).toHaveLength(requests);
    }
  });

  test('a server that answers one prompt of the list is not believed', async () => {
    const { baseUrl } = await serve((_path, body) => {
      const answer = reversed(body);
      return [200, { ...answer, choices: Array.isArray(answer['choices']) ? answer['choices'].slice(0, 1) : [] }];
    });
    const model = modelAt(baseUrl, { batchPrompts: 8 });
    expect(await Promise.all(words.map((word) => model.prompt(raw(word)).text()))).toEqual(answers);
  });
});
