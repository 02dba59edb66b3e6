import { describe, expect, test } from 'vitest';
import { decodeResponse } from './decode-response.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const stream = bytes(
  'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Grüße"}}]}\n\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}\n\ndata: [DONE]\n\n',
);

describe('decodeResponse', () => {
  test('tells what a recorded stream says', () => {
    expect(decodeResponse({ api: 'chat', body: stream })).toEqual({
      samples: [{ message: { role: 'assistant', parts: [{ type: 'text', text: 'Grüße' }] }, finish: { reason: 'stop', raw: 'stop' } }],
      usage: { inputTokens: 1, raw: { prompt_tokens: 1 } },
      error: null,
      responseId: 'c',
      resolvedModel: 'm',
      events: 4,
    });
  });

  test('the split makes no difference', () => {
    for (let split = 1; split <= stream.length; split++) {
      expect(decodeResponse({ api: 'chat', body: stream, split })).toEqual(decodeResponse({ api: 'chat', body: stream }));
    }
  });

  test.each([0, -1, 1.5, Number.NaN])('a split of %s bytes is none', (split) => {
    expect(() => decodeResponse({ api: 'chat', body: stream, split })).toThrow(/split must be/);
  });

  test('an error body is no answer', () => {
    const body = bytes('{"error":"Internal Server Error","message":"Try later"}');
    expect(decodeResponse({ api: 'chat', body })).toMatchObject({
      samples: [],
      events: 0,
      error: { message: 'openai-compatible: Try later' },
    });
  });

  test('raw completions', () => {
    const body = bytes('{"object":"text_completion","choices":[{"text":"Once","index":0,"finish_reason":"length"}]}');
    expect(decodeResponse({ api: 'completions', body })).toMatchObject({
      samples: [{ message: { parts: [{ type: 'text', text: 'Once' }] }, finish: { reason: 'length' } }],
      usage: {},
      error: null,
    });
  });

  test('an error, by status or inside the body, keeps what came before', () => {
    expect(
      decodeResponse({ api: 'chat', status: 429, contentType: 'application/json', body: bytes('{"error":{"message":"slow down"}}') }),
    ).toMatchObject({
      samples: [],
      error: { code: 'rate-limit', status: 429, retryable: true, message: expect.stringContaining('slow down') },
    });
    expect(decodeResponse({ api: 'chat', body: bytes('data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {oops}\n\n') })).toMatchObject(
      {
        samples: [{ message: { parts: [{ type: 'text', text: 'a' }] } }],
        error: { code: 'invalid-response' },
      },
    );
  });
});
