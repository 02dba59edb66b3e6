import { describe, expect, test } from 'vitest';
import { assistant, createRequest, system, toolResult, user, type Message, type ModelRequestInput } from '../../core/index.ts';
import { readAll, serveHttp } from '../../transport/test-support/loopback.ts';
import { decodeAnswer } from '../decode-answer.ts';
import { listModels } from '../openai-compatible/list-models.ts';
import { encodeGeminiRequest, modelPath } from './encode-gemini-request.ts';
import { gemini } from './gemini.ts';
import { geminiPreset } from './preset.ts';

const target = { name: 'gemini', model: 'gemini-x' };

function body(input: ModelRequestInput) {
  return encodeGeminiRequest(createRequest(input), target);
}

describe('a request', () => {
  test('of text, system, options, samples and schema', () => {
    const options = {
      maxTokens: 50,
      temperature: 0,
      stop: 'END',
      seed: 7,
      thinkingBudget: 0,
      showReasoning: true,
      extraBody: { cachedContent: 'c' },
    };
    const messages = [system('Be brief.'), user('Hi'), assistant('Hello'), user('Bye')];
    expect(body({ messages, options, samples: 2, schema: { type: 'object' } })).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ text: 'Hello' }] },
        { role: 'user', parts: [{ text: 'Bye' }] },
      ],
      generationConfig: {
        maxOutputTokens: 50,
        temperature: 0,
        stopSequences: ['END'],
        seed: 7,
        thinkingConfig: { thinkingBudget: 0, includeThoughts: true },
        candidateCount: 2,
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
      },
      cachedContent: 'c',
    });
    expect(body({ messages: [user('Hi')] })).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] });
  });

  test('with tools: results go by the name of the call, as objects', () => {
    const call: Message = {
      role: 'assistant',
      parts: [{ type: 'tool-call', id: 'lmdeck-r1-0-0', name: 'weather', arguments: '{"city":"Rome"}' }],
    };
    const tools = [{ name: 'weather', description: 'Weather', parameters: { type: 'object' } }];
    const messages = [user('?'), call, toolResult('lmdeck-r1-0-0', '20 °C'), toolResult('x', '{"a":1}'), toolResult('y', 'no', true)];
    expect(body({ messages, tools, toolChoice: { name: 'weather' } })).toEqual({
      contents: [
        { role: 'user', parts: [{ text: '?' }] },
        { role: 'model', parts: [{ functionCall: { name: 'weather', args: { city: 'Rome' } } }] },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'weather', response: { result: '20 °C' } } },
            { functionResponse: { name: 'x', id: 'x', response: { a: 1 } } },
            { functionResponse: { name: 'y', id: 'y', response: { error: 'no' } } },
          ],
        },
      ],
      tools: [{ functionDeclarations: [{ name: 'weather', description: 'Weather', parametersJsonSchema: { type: 'object' } }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] } },
    });
  });

  test('with attachments; what it does not have is refused', () => {
    const messages = [
      user('', [
        { type: 'attachment', mediaType: 'image/png', data: 'aGk=' },
        { type: 'attachment', mediaType: 'video/mp4', url: 'gs://x' },
      ]),
    ];
    expect(body({ messages })['contents']).toEqual([
      {
        role: 'user',
        parts: [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }, { fileData: { mimeType: 'video/mp4', fileUri: 'gs://x' } }],
      },
    ]);
    expect(() => body({ messages, options: { logitBias: {} } })).toThrow(expect.objectContaining({ code: 'capability' }));
    expect(() => body({ messages, continuation: 'x' })).toThrow(expect.objectContaining({ code: 'capability' }));
    expect([modelPath(target), modelPath({ ...target, model: 'tunedModels/a' })]).toEqual(['models/gemini-x', 'tunedModels/a']);
  });
});

describe('an answer', () => {
  const decoded = (answer: object, status = 200) => decodeAnswer({ api: 'gemini', body: Buffer.from(JSON.stringify(answer)), status });
  const answer = (parts: readonly object[], finishReason = 'STOP') => ({
    candidates: [{ content: { role: 'model', parts }, finishReason, index: 0 }],
    usageMetadata: {
      promptTokenCount: 9,
      candidatesTokenCount: 28,
      thoughtsTokenCount: 244,
      cachedContentTokenCount: 3,
      totalTokenCount: 281,
    },
    modelVersion: 'gemini-x-2026',
    responseId: 'r1',
  });

  test('of thoughts, text and a call; thoughts are output, which is what they cost', async () => {
    const parts = [
      { text: 'Hm.', thought: true },
      { text: 'So.', thoughtSignature: 'sig' },
      { functionCall: { name: 'weather', args: { city: 'Rome' } }, thoughtSignature: 'sig2' },
    ];
    const said = await decoded(answer(parts));
    expect(said).toMatchObject({
      responseId: 'r1',
      resolvedModel: 'gemini-x-2026',
      usage: { inputTokens: 9, outputTokens: 272, reasoningTokens: 244, cachedInputTokens: 3, totalTokens: 281 },
      samples: [{ finish: { reason: 'tool-calls', raw: 'STOP' } }],
    });
    const message = said.samples[0]?.message ?? assistant('');
    expect(message.parts).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'So.', providerMetadata: { gemini: { thoughtSignature: 'sig' } } },
      {
        type: 'tool-call',
        id: 'lmdeck-r1-0-2',
        name: 'weather',
        arguments: '{"city":"Rome"}',
        providerMetadata: { gemini: { thoughtSignature: 'sig2' } },
      },
    ]);
    // Thoughts without a signature mean nothing to the server.
    expect(body({ messages: [user('?'), message] })['contents']).toMatchObject([{}, { role: 'model', parts: parts.slice(1) }]);
  });

  test.each([
    [[{ executableCode: { code: '1+1' } }, { text: '2' }]],
    [
      [
        { text: 'a', thoughtSignature: 's' },
        { text: 'b', thoughtSignature: 't' },
      ],
    ],
    [[{ inlineData: { mimeType: 'image/png', data: 'x' } }]],
    [[{ functionCall: { name: 'f', args: {}, id: 'own' } }]],
  ])('goes back as it came: %j', async (parts) => {
    const { samples } = await decoded(answer(parts));
    expect(body({ messages: [user('?'), samples[0]?.message ?? assistant('')] })['contents']).toMatchObject([{}, { parts }]);
  });

  test('of several samples', async () => {
    const candidate = (text: string, index: number) => ({ content: { parts: [{ text }] }, finishReason: 'STOP', index });
    const said = await decoded({ candidates: [candidate('b', 1), candidate('a', 0)] });
    expect(said.samples.map(({ message }) => message.parts)).toEqual([[{ type: 'text', text: 'a' }], [{ type: 'text', text: 'b' }]]);
  });

  test.each([
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['SOMETHING_NEW', 'other'],
  ])('that ends with %s', async (raw, reason) => {
    expect((await decoded(answer([{ text: 'x' }], raw))).samples[0]?.finish).toEqual({ reason, raw });
  });

  test('that is an error, a refused prompt, or something else', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }];
    const error = { error: { code: 429, message: 'Slow down', status: 'RESOURCE_EXHAUSTED', details } };
    expect((await decoded(error, 429)).error).toMatchObject({ code: 'rate-limit', retryAfterMs: 34_400 });
    expect((await decoded(error)).error).toMatchObject({ code: 'rate-limit' });
    expect((await decoded({ promptFeedback: { blockReason: 'SAFETY' } })).error).toMatchObject({ code: 'content-filter' });
    expect((await decoded({})).error).toMatchObject({ code: 'invalid-response' });
  });
});

test('a model asks over HTTP with its own headers; its server lists models', async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp(async (request, response) => {
    seen.push([request.url, request.headers['x-goog-api-key'], request.headers.authorization]);
    if (request.method === 'GET') return response.end('{"models":[{"name":"models/gemini-x","inputTokenLimit":1000}]}');
    await readAll(request);
    return response.end('{"candidates":[{"content":{"parts":[{"text":"Paris"}]},"finishReason":"STOP"}]}');
  });
  const baseUrl = `${server.url}/v1beta`;
  expect(await gemini({ model: 'gemini-x', apiKey: 'k', baseUrl }).prompt('Capital of France?').text()).toBe('Paris');
  expect(await listModels({ ...geminiPreset, apiKey: 'k', baseUrl })).toEqual([{ id: 'gemini-x', contextTokens: 1000 }]);
  expect(seen).toEqual([
    ['/v1beta/models/gemini-x:generateContent', 'k', undefined],
    ['/v1beta/models?pageSize=1000', 'k', undefined],
  ]);
});
