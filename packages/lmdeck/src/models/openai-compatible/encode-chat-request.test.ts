import { describe, expect, test } from 'vitest';
import {
  assistant,
  createRequest,
  system,
  toolResult,
  user,
  type JsonSchema,
  type JsonValue,
  type Message,
  type ModelRequestInput,
} from '../../core/index.ts';
import { CHAT_OPTIONS, chatOptions } from './chat-options.ts';
import { encodeChatRequest, type EncodingTarget } from './encode-chat-request.ts';
import { endpointCapabilities, type Endpoint } from './endpoint.ts';
import { presets } from './presets.ts';

function target(endpoint: Partial<Endpoint> = {}): EncodingTarget {
  return { name: 'here', model: 'm', ...endpoint, capabilities: endpointCapabilities(endpoint) };
}

function body(input: ModelRequestInput | readonly Message[], endpoint: Partial<Endpoint> = {}, stream = false): Record<string, JsonValue> {
  const request = createRequest('messages' in input ? input : { messages: input });
  const parsed: Record<string, JsonValue> = JSON.parse(encodeChatRequest(request, target(endpoint), stream));
  return parsed;
}

const hi = [user('Hi')];

describe('messages', () => {
  test('text goes as plain strings', () => {
    expect(body([system('Be brief.'), user('Hi'), assistant('Hello'), { ...user('Bye'), name: 'anna' }])).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'Bye', name: 'anna' },
      ],
    });
  });

  test('attachments go by their kind', () => {
    const { messages } = body([
      user('See', [
        { type: 'attachment', mediaType: 'image/png', data: 'AAAA' },
        { type: 'attachment', mediaType: 'image/jpeg', url: 'https://x.test/a.jpg' },
        { type: 'attachment', mediaType: 'audio/mpeg', data: 'BBBB' },
        { type: 'attachment', mediaType: 'audio/x-wav', data: 'CCCC' },
        { type: 'attachment', mediaType: 'video/mp4', url: 'https://x.test/a.mp4' },
        { type: 'attachment', mediaType: 'application/pdf', data: 'DDDD', name: 'a.pdf' },
      ]),
    ]);
    expect(messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'https://x.test/a.jpg' } },
          { type: 'input_audio', input_audio: { data: 'BBBB', format: 'mp3' } },
          { type: 'input_audio', input_audio: { data: 'CCCC', format: 'wav' } },
          { type: 'video_url', video_url: { url: 'https://x.test/a.mp4' } },
          { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,DDDD' } },
        ],
      },
    ]);
    expect(() => body([user('', [{ type: 'attachment', mediaType: 'audio/wav', url: 'https://x.test/a.wav' }])])).toThrow(/bytes only/);
  });

  test('tool calls and their results, attachments after the last one', () => {
    const calls: Message = {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x": 1}' },
        { type: 'tool-call', id: 'b', name: 'g', arguments: '' },
      ],
    };
    const withImage: Message = {
      role: 'tool',
      parts: [
        { type: 'tool-result', toolCallId: 'a', output: '1', attachments: [{ type: 'attachment', mediaType: 'image/png', data: 'AAAA' }] },
      ],
    };
    expect(body([user('Go'), calls, withImage, toolResult('b', 'no', true), user('And?')])['messages']).toEqual([
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x": 1}' } },
          { id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'tool', tool_call_id: 'b', content: 'no' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Attachments of the tool results above:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
      { role: 'user', content: 'And?' },
    ]);
  });

  test('reasoning goes back only where and when it is wanted', () => {
    const thought: Message = {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Hi' },
      ],
    };
    const called: Message = {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' },
      ],
    };
    const fields = (endpoint: Partial<Endpoint>): JsonValue[] => {
      const { messages } = body([thought, called], endpoint);
      return Array.isArray(messages)
        ? messages.map((message) =>
            Object.keys(message ?? {})
              .filter((key) => key.startsWith('reasoning'))
              .join(),
          )
        : [];
    };
    expect(fields({})).toEqual(['', '']);
    expect(fields({ sendReasoning: { field: 'reasoning', when: 'always' } })).toEqual(['reasoning', 'reasoning']);
    expect(fields({ sendReasoning: { field: 'reasoning_content', when: 'with-tool-calls' } })).toEqual(['', 'reasoning_content']);
  });

  test('what came from this endpoint goes back to it unchanged, and to no other', () => {
    const details = [{ type: 'reasoning.encrypted', data: 'xyz', index: 0 }];
    const signature = { google: { thought_signature: 'S' } };
    const answer: Message = {
      role: 'assistant',
      parts: [{ type: 'tool-call', id: 'a', name: 'f', arguments: '{}', providerMetadata: { here: { extra_content: signature } } }],
      providerMetadata: { here: { reasoning_details: details, citations: ['c'] }, there: { reasoning_details: [] } },
    };
    const wire = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
    expect(body([answer])['messages']).toEqual([
      { role: 'assistant', content: null, tool_calls: [{ ...wire, extra_content: signature }], reasoning_details: details },
    ]);
    expect(body([answer], { name: 'elsewhere' })['messages']).toEqual([{ role: 'assistant', content: null, tool_calls: [wire] }]);
    expect(body([answer], { sendBack: ['citations'] })['messages']).toMatchObject([{ citations: ['c'] }]);
  });

  test('marks on a part go along (cache control)', () => {
    const marked: Message = {
      role: 'user',
      parts: [{ type: 'text', text: 'Long', providerMetadata: { here: { cache_control: { type: 'ephemeral' } } } }],
    };
    expect(body([marked])['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Long', cache_control: { type: 'ephemeral' } }] },
    ]);
    expect(body([marked], { name: 'elsewhere' })['messages']).toEqual([{ role: 'user', content: 'Long' }]);
  });
});

describe('options', () => {
  test('every option has its field', () => {
    const options = {
      temperature: 0.5,
      topP: 0.9,
      topK: 5,
      minP: 0.1,
      maxTokens: 7,
      stop: ['x'],
      seed: 1,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      repetitionPenalty: 1.1,
      logitBias: { 5: -100 },
      topLogprobs: 2,
      reasoningEffort: 'low',
      verbosity: 'low',
      serviceTier: 'flex',
      user: 'u',
    };
    expect(body({ messages: hi, options })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 5,
      min_p: 0.1,
      max_tokens: 7,
      stop: ['x'],
      seed: 1,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      repetition_penalty: 1.1,
      logit_bias: { 5: -100 },
      top_logprobs: 2,
      logprobs: true,
      reasoning_effort: 'low',
      verbosity: 'low',
      service_tier: 'flex',
      user: 'u',
    });
  });

  test('OpenAI takes the token limit under its new name', () => {
    expect(body({ messages: hi, options: { maxTokens: 7 } }, presets.openai)).toMatchObject({ max_completion_tokens: 7 });
  });

  test("extra fields come last, the call's after the endpoint's; stream stays what was asked", () => {
    const options = { temperature: 1, extraBody: { temperature: 2, b: 2, stream: true } };
    expect(body({ messages: hi, options }, { extraBody: { a: 1, b: 1 } })).toEqual({
      model: 'm',
      messages: expect.anything(),
      temperature: 2,
      a: 1,
      b: 2,
    });
  });

  test('what the endpoint refuses is no option of it', () => {
    expect(chatOptions(['seed']).properties).not.toHaveProperty('seed');
    expect(Object.keys(chatOptions().properties)).toEqual(Object.keys(CHAT_OPTIONS));
    expect(chatOptions().properties['temperature']).not.toHaveProperty('wire');
    expect(() => body({ messages: hi, options: { seed: 1 } }, { refuses: ['seed'] })).toThrow(/here\/m does not take the option "seed"/);
    expect(() => body({ messages: hi, options: { colour: 1 } })).toThrow(/extraBody/);
  });

  test('streams ask for the usage where the server lets them', () => {
    expect(body(hi, {}, true)).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(body(hi, { refuses: ['stream_options'] }, true)).toEqual({ model: 'm', messages: expect.anything(), stream: true });
  });

  test('several samples where the server can', () => {
    expect(body({ messages: hi, samples: 3 })).toMatchObject({ n: 3 });
    expect(() => body({ messages: hi, samples: 3 }, { refuses: ['n'] })).toThrow(/one sample per call/);
  });
});

describe('tools', () => {
  const tools = [{ name: 'f', description: 'Does f.', parameters: { type: 'object' } }];

  test('definitions and choice', () => {
    expect(body({ messages: hi, tools, toolChoice: { name: 'f' }, options: { parallelToolCalls: false } })).toEqual({
      model: 'm',
      messages: expect.anything(),
      tools: [{ type: 'function', function: { name: 'f', description: 'Does f.', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
    });
    expect(body({ messages: hi, tools, toolChoice: 'required' })).toMatchObject({ tool_choice: 'required' });
  });

  test('parallel_tool_calls without tools would be rejected, so it stays away', () => {
    expect(body({ messages: hi, options: { parallelToolCalls: false } })).not.toHaveProperty('parallel_tool_calls');
  });

  test('a model without tools says so', () => {
    expect(() => body({ messages: hi, tools }, { capabilities: { tools: false } })).toThrow(/here\/m takes no tools/);
  });
});

describe('schemas', () => {
  const strict = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };

  test.each<[string, JsonSchema, boolean]>([
    ['all required, nothing else allowed', strict, true],
    ['a nested object likewise', { ...strict, properties: { a: strict } }, true],
    ['further properties allowed', { ...strict, additionalProperties: true }, false],
    ['an optional property', { ...strict, required: [] }, false],
    ['a nested object that is not', { ...strict, properties: { a: { type: 'array', items: { type: 'object', properties: {} } } } }, false],
    ['a keyword that strict servers refuse', { ...strict, properties: { a: { type: 'string', hint_min_items: 1 } } }, false],
    ['a value of any type', { ...strict, properties: { a: { description: 'anything' } } }, false],
    ['one of theirs', { ...strict, properties: { a: { type: 'string', minLength: 2, description: 'two' } } }, true],
    ['a definition that is not', { ...strict, $defs: { d: { type: 'object', properties: {} } } }, false],
    ['no object', { type: 'array', items: strict }, false],
  ])('%s', (_, schema, expected) => {
    expect(body({ messages: hi, schema })['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'answer', schema, strict: expected },
    });
  });

  test('the title names it', () => {
    const schema = { ...strict, title: 'A dog & cat' };
    expect(body({ messages: hi, schema })).toMatchObject({ response_format: { json_schema: { name: 'A_dog_cat' } } });
  });

  test('a server that cannot enforce it is asked to follow it', () => {
    const refuses = ['response_format'];
    const asked = body({ messages: [system('Be brief.'), user('Hi')], schema: strict }, { refuses });
    expect(asked).not.toHaveProperty('response_format');
    expect(asked['messages']).toMatchObject([
      { role: 'system', content: expect.stringMatching(/^Be brief\.\n\nAnswer with nothing but JSON.*"additionalProperties":false/s) },
      { role: 'user' },
    ]);
    expect(body({ messages: hi, schema: strict }, { refuses })['messages']).toMatchObject([
      { role: 'system' },
      { role: 'user', content: 'Hi' },
    ]);
  });
});
