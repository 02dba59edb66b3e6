import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.ts';
import { decodeAnswer } from '../decode-answer.ts';
import { messageStream, sse, type Cut } from './test-support/message-stream.ts';

const usage = { input_tokens: 7, cache_creation_input_tokens: 2, cache_read_input_tokens: 1, output_tokens: 50, service_tier: 'standard' };

function message(content: readonly JsonObject[], stop_reason = 'end_turn'): JsonObject {
  return { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x-2026', content, stop_reason, stop_sequence: null, usage };
}

const search = {
  type: 'web_search_tool_result',
  tool_use_id: 'srv_1',
  content: [{ type: 'web_search_result', url: 'https://x.test', title: 'X', encrypted_content: 'e' }],
};

const answers: Readonly<Record<string, JsonObject>> = {
  text: message([{ type: 'text', text: 'Grüße, 👩‍👩‍👧!' }]),
  'no content': message([]),
  thinking: message([
    { type: 'thinking', thinking: 'Hm, „so“.', signature: 's1' },
    { type: 'text', text: 'So.' },
  ]),
  'thinking that is not shown': message([
    { type: 'thinking', thinking: '', signature: 's1' },
    { type: 'text', text: 'So.' },
  ]),
  'several thoughts': message([
    { type: 'thinking', thinking: 'a', signature: 's' },
    { type: 'redacted_thinking', data: 'opaque' },
    { type: 'thinking', thinking: 'b', signature: 't' },
    { type: 'thinking', thinking: 'c', signature: 'u' },
    { type: 'text', text: 'x' },
  ]),
  'a call': message(
    [
      { type: 'text', text: 'I look.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Zürich "HB" 👍', days: 1.5e3, '': [true, null, -2] } },
    ],
    'tool_use',
  ),
  'parallel calls': message(
    [
      { type: 'tool_use', id: 'a', name: 'f', input: { n: 1 }, caller: { type: 'direct' } },
      { type: 'tool_use', id: 'b', name: 'g', input: {} },
      { type: 'tool_use', id: 'c', name: 'f', input: { n: { m: [] } } },
    ],
    'tool_use',
  ),
  citations: message([
    { type: 'text', text: 'It is ' },
    { type: 'text', text: 'green', citations: [{ type: 'char_location', cited_text: 'g' }, { type: 'page_location' }] },
  ]),
  "the server's tools": message([
    { type: 'text', text: 'I search.' },
    { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'x' } },
    search,
    { type: 'text', text: 'Found.' },
  ]),
  'a refusal': { ...message([{ type: 'text', text: 'I' }], 'refusal'), stop_details: { type: 'refusal', category: 'cyber' } },
  'a container': { ...message([{ type: 'text', text: 'x' }]), container: { id: 'c1' } },
};

const letters: Cut = (text) => text.split('');

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What a body decodes to, but for how many events that took. */
async function decoded(body: string, split?: number) {
  const { events: _events, ...rest } = await decodeAnswer({ api: 'anthropic', body: bytes(body), split });
  return rest;
}

describe('an answer says the same streamed and whole', () => {
  test.each(Object.entries(answers))('%s', async (_, answer) => {
    const whole = await decoded(JSON.stringify(answer));
    expect(whole.error).toBeNull();
    expect(await decoded(messageStream(answer).join(''))).toEqual(whole);
    const body = messageStream(answer, letters).join('');
    for (const split of [undefined, 1, 2, 3, 7, 64]) expect(await decoded(body, split)).toEqual(whole);
    expect(await decoded(body.replaceAll('\n', '\r\n'), 5)).toEqual(whole);
  });

  test('whatever it is, and wherever it is cut', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    // JSON.parse puts keys that are whole numbers first, wherever they stand.
    const key = text.filter((each) => !/^\d+$/.test(each) && each !== '__proto__');
    const input = fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }).filter(hasNoNumericKeys);
    const block = fc.oneof(
      fc.record({ type: fc.constant('text'), text }),
      fc.record({ type: fc.constant('thinking'), thinking: text, signature: fc.constantFrom('s', 't') }),
      fc.record({ type: fc.constant('redacted_thinking'), data: fc.constant('d') }),
      fc.record({ type: fc.constant('tool_use'), id: fc.constantFrom('a', 'b'), name: fc.constant('f'), input }),
      fc.record({ type: fc.constant('server_tool_use'), id: fc.constant('s'), name: fc.constant('search'), input }),
    );
    const content = fc.array(block, { maxLength: 5 }).map((blocks) => blocks.map((each): JsonObject => JSON.parse(JSON.stringify(each))));
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        fc.integer({ min: 1, max: 40 }),
        async (blocks, sizes, split) => {
          const cut: Cut = (all) => {
            const pieces = [];
            for (let at = 0; at < all.length;) {
              const size = sizes.next().value;
              pieces.push(all.slice(at, at + size));
              at += size;
            }
            return pieces;
          };
          const answer = message(blocks, 'tool_use');
          expect(await decoded(messageStream(answer, cut).join(''), split)).toEqual(await decoded(JSON.stringify(answer)));
        },
      ),
    );
  });
});

describe('a stream', () => {
  const events = messageStream(message([{ type: 'text', text: 'Paris' }]));

  test('may have events of kinds that nobody knows, blocks without an end, and proxies that add [DONE]', async () => {
    const strange = ['event: mood\ndata: sunny\n\n', sse({ type: 'mood', index: 9 }), ': comment\n\n'];
    const open = events.filter((event) => !event.includes('content_block_stop') && !event.includes('message_stop'));
    const whole = await decoded(events.join(''));
    expect(await decoded([...strange, ...open, 'data: [DONE]\n\n'].join(''))).toEqual(whole);
    for (const name of ['thinking', 'parallel calls', "the server's tools"]) {
      const answer = answers[name] ?? {};
      const endless = messageStream(answer).filter((event) => !event.includes('content_block_stop'));
      expect(await decoded(endless.join(''))).toEqual(await decoded(JSON.stringify(answer)));
    }
    const deltas = [sse({ type: 'content_block_delta', index: 0, delta: { type: 'mood_delta', mood: 'sunny' } })];
    expect(await decoded([...events.slice(0, 3), ...deltas, ...events.slice(3)].join(''))).toEqual(whole);
  });

  test('names the model that went on, where one gave up', async () => {
    const fallback = sse({ type: 'content_block_start', index: 1, content_block: { type: 'fallback', to: { model: 'claude-y' } } });
    expect(await decoded([...events.slice(0, 5), fallback, ...events.slice(5)].join(''))).toMatchObject({
      resolvedModel: 'claude-y',
      error: null,
    });
  });

  test('that ends before its reason has come is incomplete; what came stays, and counts only what is counted', async () => {
    for (const end of [1, 3, 4, 5]) {
      const { samples, error, usage: counted } = await decoded(events.slice(0, end).join(''));
      expect(error).toMatchObject({ code: 'incomplete-response', retryable: true, message: expect.stringContaining('stop_reason') });
      expect(samples[0]?.finish).toBeUndefined();
      expect(samples[0]?.message.parts ?? []).toEqual(end < 4 ? [] : [{ type: 'text', text: 'Paris' }]);
      expect(counted).toMatchObject({ inputTokens: 10 });
      expect(counted.outputTokens).toBeUndefined();
    }
    expect((await decoded('')).error).toMatchObject({ code: 'incomplete-response' });
    // The reason is there, the last word is not: nothing is missing.
    expect(await decoded(events.slice(0, -1).join(''))).toEqual(await decoded(events.join('')));
  });

  test('with a call that is cut off keeps its arguments as they came', async () => {
    const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
    const cut = [
      events[0],
      sse({ type: 'content_block_start', index: 0, content_block: call }),
      sse({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"city": "Ro' } }),
      sse({ type: 'content_block_stop', index: 0 }),
      sse({ type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 9 } }),
    ];
    const { samples } = await decoded(cut.join(''));
    expect(samples).toEqual([
      {
        message: { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'f', arguments: '{"city":"Ro' }] },
        finish: { reason: 'length', raw: 'max_tokens' },
      },
    ]);
  });

  test.each([
    ['overloaded_error', 'server', true],
    ['api_error', 'server', true],
    ['timeout_error', 'server', true],
    ['rate_limit_error', 'rate-limit', true],
    ['invalid_request_error', 'invalid-request', false],
    ['request_too_large', 'invalid-request', false],
    ['authentication_error', 'authentication', false],
    ['permission_error', 'permission', false],
    ['not_found_error', 'not-found', false],
  ])('may end in an error: %s', async (type, code, retryable) => {
    const error = sse({ type: 'error', error: { type, message: 'Sorry' } });
    for (const body of [
      [...events.slice(0, 4), error],
      [...events.slice(0, 4), error.replace('event: error\n', '')],
    ]) {
      const { samples, error: said } = await decoded(body.join(''));
      expect(said).toMatchObject({ code, retryable, message: 'anthropic: Sorry', data: { providerType: type } });
      expect(samples[0]?.message.parts).toEqual([{ type: 'text', text: 'Paris' }]);
    }
    // Behind the end nothing counts; in front of it, an error may stand as it is, in no event.
    expect((await decoded([...events, error].join(''))).error).toBeNull();
    const bare = JSON.stringify({ type: 'error', error: { type, message: 'Sorry' } }, undefined, 2);
    expect((await decoded([...events.slice(0, 4), bare].join(''), 9)).error).toMatchObject({ code, message: 'anthropic: Sorry' });
  });

  test.each([
    ['goes on with a block that it has not begun', events.filter((event) => !event.includes('block_start')).join(''), 'content block 0'],
    ['is no JSON', `${events[0]}data: {"type":\n\n`, 'event 2'],
    ['is a web page', '<html><title>Sign in</title></html>', 'Sign in'],
    ['is some text', 'Bad gateway\n', 'Bad gateway'],
  ])('that %s is invalid', async (_, body, shown) => {
    expect((await decoded(body)).error).toMatchObject({ code: 'invalid-response', message: expect.stringContaining(shown) });
  });
});

function hasNoNumericKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(hasNoNumericKeys);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, each]) => !/^\d+$/.test(key) && key !== '__proto__' && hasNoNumericKeys(each));
}
