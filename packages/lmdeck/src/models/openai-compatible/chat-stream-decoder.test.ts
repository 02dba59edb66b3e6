import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  LmdeckError,
  MessageAssembler,
  type JsonObject,
  type JsonValue,
  type ModelEvent,
  type Part,
  type Sample,
  type Usage,
} from '../../core/index.ts';
import { ChatStreamDecoder } from './chat-stream-decoder.ts';

const settings = { endpoint: 'here', turn: 3, reasoningField: undefined };

interface Decoded {
  readonly events: readonly ModelEvent[];
  readonly samples: readonly Sample[];
  readonly usage: Usage | undefined;
  readonly error: unknown;
}

function decode(chunks: readonly JsonObject[], complete = true, reasoningField?: string): Decoded {
  const decoder = new ChatStreamDecoder({ ...settings, reasoningField });
  const events: ModelEvent[] = [];
  let error: unknown;
  try {
    for (const chunk of chunks) decoder.push(chunk, events);
    decoder.end(events, complete);
  } catch (thrown) {
    error = thrown;
  }
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  return { events, samples: assembler.samples(), usage: assembler.usage, error };
}

function delta(fields: Readonly<Record<string, JsonValue>>, finish: string | null = null, index = 0): JsonObject {
  return {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index, delta: fields, logprobs: null, finish_reason: finish }],
  };
}

function toolDelta(...calls: readonly JsonObject[]): JsonObject {
  return delta({ content: null, tool_calls: calls });
}

function parts(chunks: readonly JsonObject[]): readonly Part[] {
  const { samples, error } = decode(chunks);
  expect(error).toBeUndefined();
  return samples[0]?.message.parts ?? [];
}

function call(id: string, name: string, args: string): Part {
  return { type: 'tool-call', id, name, arguments: args };
}

describe('text, reasoning, refusal', () => {
  test('text comes as it is sent, empty deltas make no events', () => {
    const { events } = decode([
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'He', refusal: '' }),
      delta({ content: 'y' }),
      delta({}, 'stop'),
    ]);
    expect(events).toEqual([
      { type: 'metadata', responseId: 'c1', resolvedModel: 'm' },
      { type: 'text-delta', text: 'He' },
      { type: 'text-delta', text: 'y' },
      { type: 'finish', reason: 'stop', raw: 'stop' },
    ]);
  });

  test.each(['reasoning_content', 'reasoning', 'reasoning_text', 'own_field'])('reasoning in %s', (field) => {
    const { samples } = decode(
      [delta({ content: null, [field]: 'Hm' }), delta({ [field]: 'm' }), delta({ content: 'Hi' }, 'stop')],
      true,
      'own_field',
    );
    expect(samples[0]?.message.parts).toEqual([
      { type: 'reasoning', text: 'Hmm' },
      { type: 'text', text: 'Hi' },
    ]);
  });

  test('reasoning that is sent in two fields counts once', () => {
    const both = { reasoning: 'Hm', reasoning_content: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', index: 0 }] };
    expect(
      parts([delta(both), delta({ reasoning_details: [{ type: 'reasoning.text', text: 'Hm', index: 0 }] }), delta({}, 'stop')]),
    ).toEqual([{ type: 'reasoning', text: 'Hm' }]);
  });

  test('reasoning that is only in the details is shown and kept to go back', () => {
    const { samples } = decode([
      delta({ reasoning_details: [{ type: 'reasoning.text', text: 'Let', index: 0, format: 'f' }] }),
      delta({ reasoning_details: [{ type: 'reasoning.text', text: ' me', index: 0, signature: null }] }),
      delta({ reasoning_details: [{ type: 'reasoning.text', signature: 's1', index: 0 }] }),
      delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'xyz', index: 1 }] }),
      delta({ reasoning_details: [{ type: 'reasoning.summary', summary: 'Then', index: 2 }] }),
      delta({ content: 'Hi' }, 'stop'),
    ]);
    expect(samples[0]?.message).toEqual({
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Let me' },
        { type: 'reasoning', text: '', redacted: true },
        { type: 'reasoning', text: 'Then' },
        { type: 'text', text: 'Hi' },
      ],
      providerMetadata: {
        here: {
          reasoning_details: [
            { type: 'reasoning.text', text: 'Let me', index: 0, format: 'f', signature: 's1' },
            { type: 'reasoning.encrypted', data: 'xyz', index: 1 },
            { type: 'reasoning.summary', summary: 'Then', index: 2 },
          ],
        },
      },
    });
  });

  test('content as a list of parts', () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'One.' }] };
    const { samples, events } = decode([
      delta({ content: [thinking, { type: 'text', text: '' }] }),
      delta(
        {
          content: [
            { type: 'text', text: 'Two' },
            { type: 'reference', reference_ids: [1] },
          ],
        },
        'stop',
      ),
    ]);
    expect(samples[0]?.message.parts).toEqual([
      { type: 'reasoning', text: 'One.' },
      { type: 'text', text: 'Two' },
    ]);
    expect(events).toContainEqual({ type: 'raw', raw: { type: 'reference', reference_ids: [1] } });
  });

  test('a refusal stands apart from the text', () => {
    expect(parts([delta({ content: null, refusal: 'No' }), delta({ refusal: '.' }), delta({}, 'stop')])).toEqual([
      { type: 'refusal', text: 'No.' },
    ]);
  });
});

describe('tool calls', () => {
  test('parallel calls, id and name once, arguments in pieces', () => {
    expect(
      parts([
        toolDelta({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
        toolDelta({ index: 0, function: { arguments: '{"x"' } }),
        toolDelta({ index: 0, function: { arguments: ':1}' } }),
        toolDelta({ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }),
        delta({}, 'tool_calls'),
      ]),
    ).toEqual([call('a', 'f', '{"x":1}'), call('b', 'g', '{}')]);
  });

  test('interleaved pieces with index gaps, several calls in one chunk', () => {
    expect(
      parts([
        toolDelta(
          { index: 2, id: 'a', function: { name: 'f', arguments: '1' } },
          { index: 5, id: 'b', function: { name: 'g', arguments: '2' } },
        ),
        toolDelta({ index: 5, function: { arguments: '3' } }, { index: 2, function: { arguments: '4' } }),
        delta({}, 'tool_calls'),
      ]),
    ).toEqual([call('a', 'f', '14'), call('b', 'g', '23')]);
  });

  test('id and name on every delta, or an empty id later on', () => {
    const repeated = { index: 0, id: '0', function: { name: 'f', arguments: '' } };
    expect(parts([toolDelta(repeated), toolDelta({ ...repeated, function: { name: 'f', arguments: '{}' } }), delta({})])).toEqual([
      call('0', 'f', '{}'),
    ]);
    expect(
      parts([
        toolDelta({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        toolDelta({ index: 0, id: '', function: { name: '', arguments: '}' } }),
        delta({}, 'tool_calls'),
      ]),
    ).toEqual([call('a', 'f', '{}')]);
  });

  test('an id that is another on every delta does not split the call', () => {
    expect(
      parts([
        toolDelta({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        toolDelta({ index: 0, id: 'b', function: { arguments: '}' } }),
        delta({}, 'tool_calls'),
      ]),
    ).toEqual([call('a', 'f', '{}')]);
  });

  test('no arguments key, null, an object, never any', () => {
    expect(
      parts([
        toolDelta({ index: 0, id: 'a', function: { name: 'f' } }, { index: 1, id: 'b', function: { name: 'g', arguments: null } }),
        toolDelta({ index: 1, function: { arguments: { x: 1 } } }),
        delta({}, 'tool_calls'),
      ]),
    ).toEqual([call('a', 'f', ''), call('b', 'g', '{"x":1}')]);
  });

  test('calls without an index (Mistral), and with the index 0 for all (Ollama)', () => {
    const two = [call('a', 'f', '{"x":1}'), call('b', 'f', '{"x":2}')];
    const bare = [
      { id: 'a', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'b', function: { name: 'f', arguments: '{"x":2}' } },
    ];
    const zero = bare.map((each) => ({ index: 0, ...each }));
    for (const calls of [bare, zero]) {
      expect(parts([toolDelta(...calls), delta({}, 'tool_calls')])).toEqual(two);
      expect(parts([...calls.map((each) => toolDelta(each)), delta({}, 'tool_calls')])).toEqual(two);
    }
  });

  test('missing ids depend on the place alone, and differ', () => {
    const calls = [
      { index: 0, function: { name: 'f', arguments: '{"x":1}' } },
      { index: 0, function: { name: 'f', arguments: '{"x":2}' } },
      { index: 1, id: null, function: { name: 'g', arguments: '{}' } },
    ];
    const expected = [call('call00300', 'f', '{"x":1}'), call('call00301', 'f', '{"x":2}'), call('call00302', 'g', '{}')];
    expect(parts([...calls.map((each) => toolDelta(each)), delta({}, 'tool_calls')])).toEqual(expected);
    expect(parts([toolDelta(...calls), delta({}, 'tool_calls')])).toEqual(expected);
  });

  test('an id that comes one delta late is taken', () => {
    const { events } = decode([
      toolDelta({ index: 0, function: { name: 'f', arguments: '{' } }),
      toolDelta({ index: 0, id: 'late', function: { arguments: '}' } }),
      delta({}, 'tool_calls'),
    ]);
    expect(events.slice(1, 4)).toEqual([
      { type: 'tool-call-start', index: 0, id: 'late', name: 'f' },
      { type: 'tool-call-delta', index: 0, arguments: '{' },
      { type: 'tool-call-delta', index: 0, arguments: '}' },
    ]);
  });

  test('arguments that come before the name wait for it', () => {
    const { events } = decode([
      toolDelta({ index: 0, id: 'a', function: { arguments: '{"x"' } }),
      toolDelta({ index: 0, function: { arguments: ':1' } }),
      toolDelta({ index: 0, function: { name: 'f', arguments: '}' } }),
      delta({}, 'tool_calls'),
    ]);
    expect(events.slice(1, 4)).toEqual([
      { type: 'tool-call-start', index: 0, id: 'a', name: 'f' },
      { type: 'tool-call-delta', index: 0, arguments: '{"x":1' },
      { type: 'tool-call-delta', index: 0, arguments: '}' },
    ]);
  });

  test('the function_call of old servers', () => {
    expect(
      parts([
        delta({ function_call: { name: 'f', arguments: '' } }),
        delta({ function_call: { arguments: '{}' } }),
        delta({}, 'function_call'),
      ]),
    ).toEqual([call('call00300', 'f', '{}')]);
  });

  test('fields of the server are kept on their call', () => {
    const signature = { google: { thought_signature: 'S' } };
    expect(
      parts([
        toolDelta({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' }, extra_content: signature }),
        delta({}, 'tool_calls'),
      ]),
    ).toEqual([{ ...call('a', 'f', '{}'), providerMetadata: { here: { extra_content: signature } } }]);
  });

  test('a call that names no tool is an error and no call', () => {
    const { samples, error } = decode([
      delta({ content: 'Hi' }),
      toolDelta({ index: 0, id: 'a', function: { arguments: '{}' } }),
      delta({}, 'tool_calls'),
    ]);
    expect(error).toMatchObject({ code: 'invalid-response', message: expect.stringContaining('here') });
    expect(samples[0]?.message.parts).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  test('a stream that breaks off leaves the call open', () => {
    const { events, samples } = decode([toolDelta({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x' } })], false);
    expect(events.map((event) => event.type)).toEqual(['metadata', 'tool-call-start', 'tool-call-delta']);
    expect(samples[0]?.finish).toBeUndefined();
  });
});

describe('finish reasons', () => {
  test.each([
    ['stop', 'stop'],
    ['eos', 'stop'],
    ['STOP', 'stop'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['error', 'error'],
    ['constructor', 'other'],
    ['whatever', 'other'],
  ])('%s is %s', (raw, reason) => {
    expect(decode([delta({ content: 'x' }, raw)]).samples[0]?.finish).toEqual({ reason, raw });
  });

  test('null after a reason does not erase it', () => {
    expect(decode([delta({ content: 'x' }, 'length'), delta({ content: '' }), delta({}, '')]).samples[0]?.finish).toEqual({
      reason: 'length',
      raw: 'length',
    });
  });

  test('never said: tool-calls when there are any, else unknown', () => {
    expect(decode([toolDelta({ index: 0, id: 'a', function: { name: 'f' } })]).samples[0]?.finish).toEqual({ reason: 'tool-calls' });
    expect(decode([delta({ content: 'x' })]).samples[0]?.finish).toBeUndefined();
  });

  test('stop with tool calls means tool-calls', () => {
    const chunks = [toolDelta({ index: 0, id: 'a', function: { name: 'f' } }), delta({}, 'stop')];
    expect(decode(chunks).samples[0]?.finish).toEqual({ reason: 'tool-calls', raw: 'stop' });
  });
});

describe('several samples', () => {
  test('interleaved choices do not mix', () => {
    const { samples } = decode([
      delta({ content: 'b' }, null, 1),
      delta({ content: 'a' }, null, 0),
      { choices: [...choices(delta({ content: 'B' }, 'stop', 1)), ...choices(delta({ content: 'A' }, 'length', 0))] },
    ]);
    expect(samples.map((sample) => [sample.message.parts, sample.finish?.reason])).toEqual([
      [[{ type: 'text', text: 'aA' }], 'length'],
      [[{ type: 'text', text: 'bB' }], 'stop'],
    ]);
  });

  test('an index that no server means is an error', () => {
    expect(decode([delta({ content: 'x' }, null, 1e9)]).error).toMatchObject({ code: 'invalid-response' });
  });
});

describe('usage', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

  test('the last one counts, wherever it stands', () => {
    const later = { prompt_tokens: 3, completion_tokens: 9, total_tokens: 12 };
    for (const chunks of [
      [
        { ...delta({ content: 'x' }), usage },
        { ...delta({}, 'stop'), usage: later },
      ],
      [
        { ...delta({ content: 'x' }, 'stop'), usage: null },
        { choices: [], usage: later },
      ],
      [{ ...delta({ content: 'x' }, 'stop'), x_groq: { id: 'r', usage: later } }],
      [
        { ...delta({ content: 'x' }, 'stop'), usage: later },
        { choices: [], usage: null },
      ],
      [{ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop', usage: later }] }],
    ]) {
      const decoded = decode(chunks);
      expect(decoded.usage).toEqual({ inputTokens: 3, outputTokens: 9, totalTokens: 12, raw: later });
      expect(decoded.events.filter((event) => event.type === 'usage')).toHaveLength(1);
    }
  });

  test('details, and the names that some servers have for them', () => {
    const raw = {
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 2 },
    };
    const all = { inputTokens: 10, outputTokens: 5, cachedInputTokens: 4, cacheWriteTokens: 1, reasoningTokens: 2, raw };
    expect(decode([{ choices: [], usage: raw }]).usage).toEqual(all);
    expect(decode([{ choices: [], usage: { prompt_cache_hit_tokens: 7 } }]).usage).toMatchObject({ cachedInputTokens: 7 });
    expect(decode([{ choices: [], usage: { cached_tokens: 8 } }]).usage).toMatchObject({ cachedInputTokens: 8 });
  });

  test('unknown stays unknown', () => {
    expect(decode([delta({ content: 'x' }, 'stop')]).usage).toBeUndefined();
    expect(decode([{ choices: [], usage: { prompt_tokens: null, completion_tokens: '7', total_tokens: -1 } }]).usage).toEqual({
      raw: expect.anything(),
    });
  });
});

describe('logprobs', () => {
  test('of text and of a refusal, with bytes and alternatives', () => {
    const token = { token: 'é', logprob: -0.5, bytes: [195, 169], top_logprobs: [{ token: 'e', logprob: -1, bytes: null }] };
    const chunks = [
      { choices: [{ index: 0, delta: { content: 'é' }, logprobs: { content: [token], refusal: null } }] },
      { choices: [{ index: 0, delta: {}, logprobs: { content: [], refusal: [{ token: 'N', logprob: -2 }] }, finish_reason: 'stop' }] },
    ];
    expect(decode(chunks).samples[0]?.logprobs).toEqual([
      { token: 'é', logprob: -0.5, bytes: [195, 169], top: [{ token: 'e', logprob: -1 }] },
      { token: 'N', logprob: -2 },
    ]);
  });

  test('of raw completions, as parallel arrays', () => {
    const logprobs = { tokens: ['A', 'B'], token_logprobs: [null, -1], top_logprobs: [null, { B: -1, C: -2 }], text_offset: [0, 1] };
    const { samples } = decode([{ object: 'text_completion', choices: [{ index: 0, text: 'AB', logprobs, finish_reason: 'length' }] }]);
    expect(samples[0]).toMatchObject({
      message: { parts: [{ type: 'text', text: 'AB' }] },
      logprobs: [
        {
          token: 'B',
          logprob: -1,
          top: [
            { token: 'B', logprob: -1 },
            { token: 'C', logprob: -2 },
          ],
        },
      ],
    });
  });
});

describe('whatever else the server says', () => {
  test('is kept on the message: lists in deltas grow, of the rest the last value counts', () => {
    const { samples } = decode([
      { ...delta({ content: 'x', annotations: [{ n: 1 }] }), citations: ['a'], system_fingerprint: 'f' },
      { ...delta({ annotations: [{ n: 2 }] }), citations: ['a', 'b'], service_tier: '' },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: 'end', content_filter_results: null }] },
    ]);
    expect(samples[0]?.message.providerMetadata).toEqual({
      here: { annotations: [{ n: 1 }, { n: 2 }], citations: ['a', 'b'], native_finish_reason: 'end' },
    });
  });

  test('measurements and versions are no part of the message', () => {
    const { samples, events } = decode([{ ...delta({ content: 'x' }, 'stop'), system_fingerprint: 'f', timings: { predicted_ms: 3.1 } }]);
    expect(samples[0]?.message).toEqual({ role: 'assistant', parts: [{ type: 'text', text: 'x' }] });
    expect(events).toContainEqual({ type: 'raw', raw: { system_fingerprint: 'f', timings: { predicted_ms: 3.1 } } });
  });

  test('a field named like an object internal is a field', () => {
    const chunk: JsonObject = JSON.parse(
      '{"__proto__":{"polluted":1},"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}',
    );
    const own = decode([chunk]).samples[0]?.message.providerMetadata?.['here'];
    expect(Object.keys(own ?? {})).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });

  test('the message that Perplexity repeats beside each delta is not the delta', () => {
    const repeated = (text: string, all: string): JsonObject => ({
      choices: [{ index: 0, delta: { content: text }, message: { role: 'assistant', content: all } }],
    });
    expect(
      parts([repeated('a', 'a'), repeated('b', 'ab'), { choices: [{ index: 0, message: { content: 'ab' }, finish_reason: 'stop' }] }]),
    ).toEqual([{ type: 'text', text: 'ab' }]);
  });

  test('garbage of all kinds is ignored', () => {
    const message = { content: 7, tool_calls: 'no', reasoning: 3, refusal: 4 };
    const junk = { choices: [null, 3, { index: 0, delta: 'x', finish_reason: 5 }, { delta: message }], usage: 'no', id: 9, model: 4 };
    const { error, samples, usage } = decode([junk, delta({ tool_calls: [null, 1] })]);
    expect([error, usage, samples[0]?.finish, samples[0]?.message.parts]).toEqual([undefined, undefined, undefined, []]);
  });
});

describe('errors inside an answer', () => {
  test('keep what came before and the rest of their chunk', () => {
    const failed = {
      ...delta({ content: 'b' }, 'length'),
      error: { code: 502, message: 'Upstream broke', metadata: { provider_name: 'P', raw: 'oops' } },
      usage: { prompt_tokens: 1 },
    };
    const decoder = new ChatStreamDecoder(settings);
    const events: ModelEvent[] = [];
    decoder.push(delta({ content: 'a' }), events);
    expect(() => decoder.push(failed, events)).toThrow(/^here: Upstream broke: oops$/);
    decoder.end(events, false);
    expect(events.map((event) => event.type)).toEqual(['metadata', 'text-delta', 'text-delta', 'finish', 'usage']);
  });

  test.each([
    [{ error: { message: 'm', code: 429 } }, { code: 'rate-limit', status: 429, retryable: true }],
    [{ error: { message: 'm', code: '503' } }, { code: 'server', status: 503, retryable: true }],
    [{ error: { message: 'm', type: 'server_error', code: null } }, { code: 'server', status: undefined, retryable: true }],
    [{ error: { message: 'm', code: 400, type: 'provider_error' } }, { code: 'invalid-request', status: 400, retryable: false }],
    [{ error: { message: 'm', code: 'insufficient_quota', status: 429 } }, { code: 'rate-limit', status: 429, retryable: false }],
    [
      { error: { message: 'm', code: 'context_length_exceeded' } },
      { code: 'invalid-request', data: { providerCode: 'context_length_exceeded' } },
    ],
    [{ x_groq: { id: 'r', error: 'm' } }, { code: 'server', retryable: true }],
    [
      { error: 'm', code: 401 },
      { code: 'authentication', status: 401, retryable: false },
    ],
    [
      { object: 'error', message: 'm', type: 'BadRequestError', code: 400 },
      { code: 'invalid-request', status: 400, retryable: false },
    ],
    [
      { error: true, message: 'm' },
      { code: 'server', retryable: true },
    ],
  ])('%j', (chunk, expected) => {
    const { error } = decode([chunk]);
    expect(LmdeckError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ ...expected, message: 'here: m' });
  });

  test.each([{ error: null }, { error: '' }, { error: false }])('%j is none', (chunk) => {
    expect(decode([{ ...chunk, choices: [] }]).error).toBeUndefined();
  });
});

test('a stream cut into any deltas gives the message that the whole answer gives', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 30 });
  const answers = fc.record({
    reasoning: texts,
    content: texts,
    calls: fc.array(fc.record({ name: fc.constantFrom('f', 'g'), args: fc.json() }), { maxLength: 3 }),
    cuts: fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
    repeat: fc.boolean(),
  });
  fc.assert(
    fc.property(answers, ({ reasoning, content, calls, cuts, repeat }) => {
      const pieces = (text: string): string[] => {
        const cut: string[] = [];
        for (let rest = text; rest !== '';) {
          const size = cuts.next().value ?? 1;
          cut.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        return cut;
      };
      const chunks = [
        ...pieces(reasoning).map((text) => delta({ content: null, reasoning_content: text })),
        ...pieces(content).map((text) => delta({ content: text })),
        ...calls.flatMap(({ name, args }, index) => [
          toolDelta({ index, id: `id${index}`, type: 'function', function: { name, arguments: '' } }),
          ...pieces(args).map((piece) =>
            toolDelta(
              repeat ? { index, id: `id${index}`, function: { name, arguments: piece } } : { index, function: { arguments: piece } },
            ),
          ),
        ]),
        delta({}, calls.length > 0 ? 'tool_calls' : 'stop'),
      ];
      const message = {
        role: 'assistant',
        content: content === '' ? null : content,
        reasoning_content: reasoning,
        tool_calls: calls.map(({ name, args }, index) => ({ id: `id${index}`, type: 'function', function: { name, arguments: args } })),
      };
      const whole = { id: 'c1', model: 'm', choices: [{ index: 0, message, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }] };
      expect(decode(chunks).samples).toEqual(decode([whole]).samples);
    }),
  );
});

function choices(chunk: JsonObject): readonly JsonValue[] {
  return Array.isArray(chunk['choices']) ? chunk['choices'] : [];
}
