import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { languageModel, user, type JsonObject, type LanguageModel } from '../../core/index.ts';
import { listModels } from './list-models.ts';
import { chatModel, type ChatModelOptions } from './chat-model.ts';
import { presets } from './presets.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: JsonObject;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
}

type Answer = (response: ServerResponse, seen: Seen) => void | Promise<void>;

const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close().closeAllConnections();
});

/** A server on loopback that answers every request alike. */
async function serve(answer: Answer): Promise<{ readonly baseUrl: string; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const connections = new Map<unknown, number>();
  const server = createServer((request, response) => {
    connections.set(request.socket, connections.get(request.socket) ?? connections.size + 1);
    void (async () => {
      const text = Buffer.concat(await Array.fromAsync(request)).toString();
      const body: JsonObject = text === '' ? {} : JSON.parse(text);
      const one = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body,
        connection: connections.get(request.socket) ?? 0,
      };
      seen.push(one);
      await answer(response, one);
    })();
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { baseUrl: `http://127.0.0.1:${port}/v1`, seen };
}

function modelAt(baseUrl: string, options: Partial<ChatModelOptions> = {}): LanguageModel {
  return languageModel(chatModel({ name: 'here', baseUrl, model: 'm', ...options }));
}

function chunk(delta: JsonObject, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c1', model: 'm-1', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

const events = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Grüße, ' }), chunk({ content: '👩‍👩‍👧' }), chunk({}, 'stop')];
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n';
const stream = `${events.join('')}${usage}data: [DONE]\n\n`;
const whole = JSON.stringify({
  id: 'c1',
  model: 'm-1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße, 👩‍👩‍👧' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});

/** Answers as asked: an event stream or JSON. */
const answerAsAsked: Answer = (response, { body }) => {
  response.setHeader('content-type', body['stream'] === true ? 'text/event-stream' : 'application/json');
  response.end(body['stream'] === true ? stream : whole);
};

describe('a call', () => {
  test('says the same streamed and whole', async () => {
    const { baseUrl, seen } = await serve(answerAsAsked);
    const model = modelAt(baseUrl);
    for (const asStream of [true, false]) {
      const response = model.prompt('Hi', { stream: asStream });
      expect(await response.text()).toBe('Grüße, 👩‍👩‍👧');
      expect(await response.usage()).toMatchObject({ inputTokens: 3, outputTokens: 2, totalTokens: 5 });
      expect([await response.finish(), await response.resolvedModel()]).toEqual([{ reason: 'stop', raw: 'stop' }, 'm-1']);
    }
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      [
        'POST',
        '/v1/chat/completions',
        { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true, stream_options: { include_usage: true } },
      ],
      ['POST', '/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }],
    ]);
  });

  test('survives every split of the bytes', async () => {
    const bytes = Buffer.from(stream);
    const { baseUrl } = await serve(async (response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.socket?.setNoDelay(true);
      for (let start = 0, size = 1; start < bytes.length; start += size, size = (size % 7) + 1) {
        response.write(bytes.subarray(start, start + size));
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    expect((await Array.fromAsync(modelAt(baseUrl).prompt('Hi'))).join('')).toBe('Grüße, 👩‍👩‍👧');
  });

  test('keeps its connection for the next one, streamed or whole', async () => {
    const { baseUrl, seen } = await serve(async (response, one) => {
      if (one.body['stream'] !== true) return answerAsAsked(response, one);
      // The end of the body comes apart from the end of the answer, as it does over a network.
      response.write(stream);
      for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      response.end();
    });
    const model = modelAt(baseUrl);
    for (const asStream of [true, true, false, true]) await model.prompt('Hi', { stream: asStream }).text();
    expect(seen.map((each) => each.connection)).toEqual([1, 1, 1, 1]);
  });

  test('ends at [DONE] although the server leaves the body open', async () => {
    const { baseUrl } = await serve((response) => void response.write(stream));
    expect(await modelAt(baseUrl).prompt('Hi', { stream: true }).text()).toBe('Grüße, 👩‍👩‍👧');
  });

  test('closes the connection when its reader leaves', async () => {
    const closed = Promise.withResolvers<void>();
    const { baseUrl } = await serve((response) => {
      response.on('close', closed.resolve);
      response.write(events.join(''));
    });
    for await (const text of modelAt(baseUrl).prompt('Hi')) if (text !== '') break;
    await closed.promise;
  });

  test('ends with its signal, before and within the answer', async () => {
    const { baseUrl } = await serve((response) => void response.write(events[1]));
    const controller = new AbortController();
    const response = modelAt(baseUrl).prompt('Hi', { signal: controller.signal });
    const read = (async () => {
      for await (const _ of response) controller.abort();
    })();
    await expect(read).rejects.toMatchObject({ code: 'aborted' });
    expect(response.partial.parts).toEqual([{ type: 'text', text: 'Grüße, ' }]);
    await expect(modelAt(baseUrl).prompt('Hi', { signal: AbortSignal.abort() }).text()).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('the other way of answering', () => {
  test('a whole answer to a request for a stream, and a stream to a request for a whole one', async () => {
    const { baseUrl } = await serve((response, { body }) => void response.end(body['stream'] === true ? whole : stream));
    for (const asStream of [true, false]) expect(await modelAt(baseUrl).prompt('Hi', { stream: asStream }).text()).toBe('Grüße, 👩‍👩‍👧');
  });
});

describe('faults', () => {
  async function failure(answer: Answer, asStream: boolean): Promise<{ readonly error: unknown; readonly partial: string }> {
    const { baseUrl } = await serve(answer);
    const response = modelAt(baseUrl).prompt('Hi', { stream: asStream });
    const error: unknown = await response.text().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, partial: response.partial.parts.map((part) => ('text' in part ? part.text : '')).join('') };
  }

  test.each([true, false])('429 with Retry-After (stream: %s)', async (asStream) => {
    const { error } = await failure((response) => {
      response.writeHead(429, { 'retry-after': '3', 'content-type': 'application/json' });
      response.end('{"error":{"message":"slow down","type":"rate_limit_error"}}');
    }, asStream);
    expect(error).toMatchObject({
      code: 'rate-limit',
      status: 429,
      retryAfterMs: 3000,
      retryable: true,
      message: expect.stringContaining('slow down'),
    });
  });

  test.each([true, false])('a web page with status 200 (stream: %s)', async (asStream) => {
    const { error } = await failure((response) => void response.end('<html><title>Captive portal</title></html>'), asStream);
    expect(error).toMatchObject({ code: 'invalid-response', message: expect.stringMatching(/here.*"Captive portal"/) });
  });

  test('an error inside the stream keeps what came before', async () => {
    const { error, partial } = await failure(
      (response) => void response.end(`${events[1]}data: {"error":{"message":"overloaded","code":503}}\n\n`),
      true,
    );
    expect([error, partial]).toMatchObject([{ code: 'server', status: 503, retryable: true, message: 'here: overloaded' }, 'Grüße, ']);
  });

  test('what was certain before an error is told', async () => {
    const failed = `${events[1]}${chunk({}, 'length')}${usage}data: {"error":{"message":"broken"}}\n\n`;
    const { baseUrl } = await serve((response) => void response.end(failed));
    const told = await Array.fromAsync(modelAt(baseUrl).prompt('Hi', { stream: true }).events());
    expect(told.map((event) => event.type)).toEqual(['metadata', 'text-delta', 'finish', 'usage', 'error']);
  });

  test('garbage ends the call and closes the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const { error } = await failure((response) => {
      response.on('close', closed.resolve);
      response.write('data: {oops}\n\n');
    }, true);
    expect(error).toMatchObject({ code: 'invalid-response' });
    await closed.promise;
  });

  test('an error in a whole answer', async () => {
    const { error } = await failure((response) => void response.end('{"error":{"message":"no","code":"invalid_api_key"}}'), false);
    expect(error).toMatchObject({ code: 'authentication', retryable: false, message: 'here: no' });
  });

  test('a connection that breaks in the middle keeps what came before', async () => {
    const { error, partial } = await failure((response) => {
      response.write(events.slice(0, 2).join(''), () => response.socket?.resetAndDestroy());
    }, true);
    expect([error, partial]).toMatchObject([{ retryable: true }, 'Grüße, ']);
  });

  test('a stream that ends too early', async () => {
    const { error, partial } = await failure((response) => void response.end(events[1]), true);
    expect([error, partial]).toMatchObject([{ code: 'incomplete-response', retryable: true }, 'Grüße, ']);
  });

  test('a redirect names where to', async () => {
    const { error } = await failure((response) => void response.writeHead(308, { location: 'https://x.test/v1' }).end(), true);
    expect(error).toMatchObject({ code: 'config', message: expect.stringContaining('https://x.test/v1') });
  });

  test('nobody listens', async () => {
    const { baseUrl } = await serve(answerAsAsked);
    for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve).closeAllConnections());
    await expect(modelAt(baseUrl).prompt('Hi').text()).rejects.toMatchObject({ code: 'network' });
  });
});

describe('keys and headers', () => {
  test("the call's key and headers win over the endpoint's", async () => {
    const { baseUrl, seen } = await serve(answerAsAsked);
    const model = modelAt(baseUrl, { apiKey: async () => 'k1', headers: { 'X-Team': 'a', 'X-App': 'b' } });
    await model.prompt('Hi').text();
    await model.prompt('Hi', { apiKey: 'k2', headers: { 'x-team': 'c' } }).text();
    expect(seen.map(({ headers }) => [headers.authorization, headers['x-team'], headers['x-app']])).toEqual([
      ['Bearer k1', 'a', 'b'],
      ['Bearer k2', 'c', 'b'],
    ]);
  });

  test('what one call brought along does not stay with the next', async () => {
    const { baseUrl, seen } = await serve(answerAsAsked);
    let key = 'k1';
    const model = modelAt(baseUrl, { apiKey: () => key, headers: { 'x-app': 'b' } });
    await model.prompt('Hi').text();
    await model.prompt('Hi', { apiKey: 'own', headers: { 'X-Team': 'c' } }).text();
    await model.prompt('Hi').text();
    await model.prompt('Hi', { apiKey: 'own' }).text();
    key = 'k2';
    await model.prompt('Hi').text();
    expect(seen.map(({ headers }) => [headers.authorization, headers['x-team'], headers['x-app']])).toEqual([
      ['Bearer k1', undefined, 'b'],
      ['Bearer own', 'c', 'b'],
      ['Bearer k1', undefined, 'b'],
      ['Bearer own', undefined, 'b'],
      ['Bearer k2', undefined, 'b'],
    ]);
    await Array.fromAsync(model.prompt('Hi'));
    await listModels({ name: 'here', baseUrl, apiKey: 'k3' }).catch(() => []);
    expect(seen.slice(5).map(({ headers }) => [headers.accept, headers['content-type'], headers.authorization])).toEqual([
      ['text/event-stream', 'application/json', 'Bearer k2'],
      ['application/json', undefined, 'Bearer k3'],
    ]);
  });

  test('a missing key names the command that stores it, before anything is sent', async () => {
    const { baseUrl, seen } = await serve(answerAsAsked);
    const options = { keyName: 'team', keyEnv: 'LMDECK_TEST_NO_SUCH_KEY' };
    await expect(modelAt(baseUrl, options).prompt('Hi').text()).rejects.toMatchObject({
      code: 'missing-key',
      retryable: false,
      message: 'here: no API key. Store one with `lmdeck keys set team`, or set the environment variable LMDECK_TEST_NO_SUCH_KEY.',
    });
    expect(seen).toEqual([]);
    process.env['LMDECK_TEST_NO_SUCH_KEY'] = 'from-env\n';
    try {
      await modelAt(baseUrl, options).prompt('Hi').text();
    } finally {
      delete process.env['LMDECK_TEST_NO_SUCH_KEY'];
    }
    expect(seen[0]?.headers.authorization).toBe('Bearer from-env');
  });

  test('credentials and query of the base URL are sent and are no part of the endpoint', async () => {
    const { baseUrl, seen } = await serve(answerAsAsked);
    const model = modelAt(`${baseUrl.replace('http://', 'http://anna:p%40ss@')}/?api-version=1`);
    expect(model.endpoint).toBe(baseUrl);
    await model.prompt('Hi').text();
    expect(seen[0]).toMatchObject({
      url: '/v1/chat/completions?api-version=1',
      headers: { authorization: `Basic ${Buffer.from('anna:p@ss').toString('base64')}` },
    });
  });
});

describe('what a model is', () => {
  test('id, endpoint, options and capabilities of the presets', () => {
    const model = languageModel(chatModel({ ...presets.openai, model: presets.openai.defaultModel, apiKey: 'k' }));
    expect([model.id, model.endpoint]).toEqual(['openai/gpt-5.6-luna', 'https://api.openai.com/v1']);
    expect(() => model.prompt('Hi', { options: { topK: 3 } })).toThrow(/unknown option "topK"/);
    for (const [name, preset] of Object.entries(presets)) {
      expect(preset.name).toBe(name);
      expect(chatModel({ ...preset, model: 'm' }).capabilities.streaming).toBe(true);
    }
    expect(chatModel({ ...presets.ollama, model: 'm' }).capabilities.samples).toBe(false);
  });

  test('fields sent with every request are part of the identity', () => {
    const at = (options: Partial<ChatModelOptions>): string | undefined => modelAt('http://127.0.0.1:1/v1', options).revision;
    expect(at({})).toBeUndefined();
    expect(at({ revision: 'r1' })).toBe('r1');
    expect(at({ revision: 'r1', extraBody: { b: 1, a: { think: false } } })).toBe('r1 {"a":{"think":false},"b":1}');
  });

  test('a base URL that is none is told at once', () => {
    expect(() => chatModel({ name: 'here', baseUrl: 'localhost:8000', model: 'm' })).toThrow(/here: the base URL "localhost:8000" is not/);
  });
});

describe('listModels', () => {
  test('gives names, owners and context sizes', async () => {
    const { baseUrl, seen } = await serve(
      (response) =>
        void response.end('{"object":"list","data":[{"id":"a","owned_by":"me","created":2,"max_model_len":4096},{"id":"b"},{"no":1}]}'),
    );
    expect(await listModels({ name: 'here', baseUrl, apiKey: 'k' })).toEqual([
      { id: 'a', ownedBy: 'me', createdAt: 2000, contextTokens: 4096 },
      { id: 'b' },
    ]);
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/v1/models', headers: { authorization: 'Bearer k' } });
  });

  test('says what is wrong with an answer that is no list', async () => {
    for (const body of ['{"object":"list"}', '<title>No</title>']) {
      const { baseUrl } = await serve((response) => void response.end(body));
      await expect(listModels({ name: 'here', baseUrl })).rejects.toMatchObject({
        code: 'invalid-response',
        message: expect.stringMatching(/^here: .* instead of a list of models/),
      });
    }
  });
});

test("a conversation sends the server's own fields back", async () => {
  const details = [{ type: 'reasoning.text', text: 'Hm', index: 0, signature: 's' }];
  const { baseUrl, seen } = await serve(
    (response) => void response.end(`${chunk({ reasoning_details: details })}${chunk({ content: 'Hi' }, 'stop')}data: [DONE]\n\n`),
  );
  const first = modelAt(baseUrl).prompt([user('Hello')]);
  await first.text();
  await first.reply('And?').text();
  expect(seen[1]?.body['messages']).toEqual([
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hi', reasoning_details: details },
    { role: 'user', content: 'And?' },
  ]);
});
