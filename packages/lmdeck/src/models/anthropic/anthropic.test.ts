import { describe, expect, test } from 'vitest';
import { assistant, createRequest, system, toolResult, user, type Message, type ModelRequestInput } from '../../core/index.ts';
import { readAll, serveHttp } from '../../transport/test-support/loopback.ts';
import { decodeAnswer } from '../decode-answer.ts';
import { anthropic } from './anthropic.ts';
import { encodeMessagesRequest } from './encode-messages-request.ts';

const target = { name: 'anthropic', model: 'claude-x' };

function body(input: ModelRequestInput) {
  return encodeMessagesRequest(createRequest(input), target);
}

describe('a request', () => {
  test('of text, system and options', () => {
    const options = {
      maxTokens: 50,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      stop: ['END'],
      thinkingBudget: 1024,
      reasoningEffort: 'low',
      user: 'u1',
      extraBody: { container: 'c' },
    };
    const messages = [system('Be brief.'), user('Hi'), assistant('Hello'), user('Bye')];
    expect(body({ messages, options })).toEqual({
      model: 'claude-x',
      max_tokens: 50,
      system: 'Be brief.',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'Bye' },
      ],
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      stop_sequences: ['END'],
      thinking: { type: 'enabled', budget_tokens: 1024 },
      output_config: { effort: 'low' },
      metadata: { user_id: 'u1' },
      container: 'c',
    });
    expect(body({ messages: [user('Hi')] })).toEqual({ model: 'claude-x', max_tokens: 8192, messages: [{ role: 'user', content: 'Hi' }] });
  });

  test('with tools: calls go back as objects, results of one round in one turn', () => {
    const call = (id: string, args: string): Message => ({
      role: 'assistant',
      parts: [{ type: 'tool-call', id, name: 'weather', arguments: args }],
    });
    const tools = [{ name: 'weather', description: 'Weather', parameters: { type: 'object' } }];
    const messages = [user('?'), call('a', '{"city":"Rome"}'), toolResult('a', '20 °C'), toolResult('b', 'no', true), call('c', '')];
    expect(body({ messages, tools, toolChoice: 'required', options: { parallelToolCalls: false } })).toMatchObject({
      tools: [{ name: 'weather', description: 'Weather', input_schema: { type: 'object' } }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      messages: [
        { role: 'user', content: '?' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Rome' } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: '20 °C' },
            { type: 'tool_result', tool_use_id: 'b', content: 'no', is_error: true },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'weather', input: {} }] },
      ],
    });
    const choices = (['auto', 'none', { name: 'weather' }] as const).map(
      (toolChoice) => body({ messages, tools, toolChoice })['tool_choice'],
    );
    expect(choices).toEqual([{ type: 'auto' }, { type: 'none' }, { type: 'tool', name: 'weather' }]);
  });

  test('with a schema: objects are closed, everything else stays', () => {
    const schema = {
      type: 'object',
      properties: {
        items: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
        additionalProperties: { type: 'string' },
      },
    };
    expect(body({ messages: [user('?')], schema })['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            items: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false } },
            additionalProperties: { type: 'string' },
          },
          additionalProperties: false,
        },
      },
    });
  });

  test('with attachments', () => {
    const data = Buffer.from('hi').toString('base64');
    const messages = [
      user('Look', [
        { type: 'attachment', mediaType: 'image/png', data },
        { type: 'attachment', mediaType: 'image/png', url: 'https://x.test/a.png' },
        { type: 'attachment', mediaType: 'application/pdf', data, name: 'a.pdf' },
        { type: 'attachment', mediaType: 'text/markdown', data },
      ]),
    ];
    expect(body({ messages })['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
          { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data }, title: 'a.pdf' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
        ],
      },
    ]);
    const audio = [user('', [{ type: 'attachment', mediaType: 'audio/wav', data }])];
    expect(() => body({ messages: audio })).toThrow('audio/wav');
  });

  test.each<[string, ModelRequestInput]>([
    ['samples', { messages: [user('?')], samples: 2 }],
    ['scores', { messages: [user('?')], continuation: 'x' }],
    ['an option it does not have', { messages: [user('?')], options: { seed: 1 } }],
  ])('is refused for %s', (_, input) => {
    expect(() => body(input)).toThrow(expect.objectContaining({ code: 'capability' }));
  });
});

describe('an answer', () => {
  const decoded = (answer: object, status = 200) => decodeAnswer({ api: 'anthropic', body: Buffer.from(JSON.stringify(answer)), status });
  const usage = { input_tokens: 7, cache_creation_input_tokens: 2, cache_read_input_tokens: 1, output_tokens: 5 };
  const answer = (content: readonly object[], stop_reason = 'end_turn') => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-x-2026',
    content,
    stop_reason,
    stop_sequence: null,
    usage,
  });

  test('of text, thinking and a call', async () => {
    const said = await decoded(
      answer(
        [
          { type: 'thinking', thinking: 'Hm.', signature: 's1' },
          { type: 'redacted_thinking', data: 'opaque' },
          { type: 'text', text: 'Let me see.' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } },
        ],
        'tool_use',
      ),
    );
    expect(said).toMatchObject({
      responseId: 'msg_1',
      resolvedModel: 'claude-x-2026',
      error: null,
      // Cached input is part of the input.
      usage: { inputTokens: 10, outputTokens: 5, cachedInputTokens: 1, cacheWriteTokens: 2, raw: usage },
      samples: [{ finish: { reason: 'tool-calls', raw: 'tool_use' } }],
    });
    const parts = said.samples[0]?.message.parts;
    expect(parts).toEqual([
      { type: 'reasoning', text: 'Hm.', providerMetadata: { anthropic: { signature: 's1' } } },
      { type: 'reasoning', text: '', redacted: true, providerMetadata: { anthropic: { data: 'opaque' } } },
      { type: 'text', text: 'Let me see.' },
      { type: 'tool-call', id: 'toolu_1', name: 'weather', arguments: '{"city":"Rome"}' },
    ]);
  });

  test.each([
    [
      [
        { type: 'thinking', thinking: 'Hm.', signature: 's' },
        { type: 'text', text: 'So.' },
      ],
    ],
    [
      [
        { type: 'text', text: 'I search.' },
        { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} },
        { type: 'text', text: 'Found.' },
      ],
    ],
    [
      [
        { type: 'thinking', thinking: 'a', signature: 's' },
        { type: 'thinking', thinking: 'b', signature: 't' },
        { type: 'text', text: 'x' },
      ],
    ],
    [[{ type: 'text', text: 'cited', citations: [{ type: 'x' }] }]],
    [
      [
        { type: 'redacted_thinking', data: 'd' },
        { type: 'tool_use', id: 'a', name: 'f', input: { n: 1 } },
      ],
    ],
  ])('goes back as it came: %j', async (content) => {
    const { samples } = await decoded(answer(content));
    const message = samples[0]?.message ?? assistant('');
    expect(body({ messages: [user('?'), message] })['messages']).toMatchObject([{}, { role: 'assistant', content }]);
  });

  test.each([
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
  ])('that ends with %s', async (raw, reason) => {
    const said = await decoded({ ...answer([{ type: 'text', text: 'x' }], raw), stop_details: { category: 'cyber' } });
    expect(said.samples[0]).toMatchObject({
      finish: { reason, raw },
      message: { providerMetadata: { anthropic: { stop_details: { category: 'cyber' } } } },
    });
  });

  test('that is an error, or something else', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect((await decoded(error, 529)).error).toMatchObject({
      code: 'server',
      retryable: true,
      message: expect.stringContaining('Overloaded'),
    });
    expect((await decoded(error)).error).toMatchObject({ code: 'server' });
    expect((await decoded({ hello: 1 })).error).toMatchObject({ code: 'invalid-response' });
    expect((await decodeAnswer({ api: 'anthropic', body: Buffer.from('{"content":[') })).error).toMatchObject({
      code: 'incomplete-response',
    });
  });
});

test('a model asks over HTTP with its own headers', async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp(async (request, response) => {
    seen.push([request.url, request.headers['x-api-key'], request.headers['anthropic-version'], request.headers.authorization]);
    seen.push(JSON.parse(await readAll(request)));
    response.end('{"id":"m","model":"claude-x","content":[{"type":"text","text":"Paris"}],"stop_reason":"end_turn","usage":{}}');
  });
  const model = anthropic({ model: 'claude-x', apiKey: 'k', baseUrl: `${server.url}/v1` });
  expect(model).toMatchObject({ id: 'anthropic/claude-x', endpoint: `${server.url}/v1` });
  expect(await model.prompt('Capital of France?').text()).toBe('Paris');
  expect(seen).toEqual([
    ['/v1/messages', 'k', '2023-06-01', undefined],
    { model: 'claude-x', max_tokens: 8192, messages: [{ role: 'user', content: 'Capital of France?' }] },
  ]);
  const keyless = anthropic({ model: 'claude-x', apiKey: '', baseUrl: `${server.url}/v1` });
  await expect(keyless.prompt('?').text()).rejects.toMatchObject({
    code: 'missing-key',
    message: expect.stringContaining('ANTHROPIC_API_KEY'),
  });
});
