import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { httpError } from './http-error.ts';

const at = (status: number, body = '', headers: Record<string, string> = {}) => httpError('acme', { status, headers }, body);

describe('httpError', () => {
  test.each([
    [301, 'config', false],
    [400, 'invalid-request', false],
    [401, 'authentication', false],
    [402, 'permission', false],
    [403, 'permission', false],
    [404, 'not-found', false],
    [405, 'invalid-request', false],
    [408, 'timeout', true],
    [409, 'conflict', true],
    [413, 'invalid-request', false],
    [422, 'invalid-request', false],
    [425, 'conflict', true],
    [429, 'rate-limit', true],
    [500, 'server', true],
    [503, 'server', true],
    [529, 'server', true],
  ])('%i is %s, retryable: %s', (status, code, retryable) => {
    expect(at(status, '{"error":{"message":"why"}}')).toMatchObject({ status, code, retryable });
  });

  test.each([
    [
      'OpenAI',
      '{"error":{"message":"Bad model","type":"invalid_request_error","param":"model","code":"model_not_found"}}',
      'Bad model',
      { providerCode: 'model_not_found', providerType: 'invalid_request_error', param: 'model' },
    ],
    [
      'OpenAI without details',
      '{"error":{"message":"Bad","type":"server_error","param":null,"code":null}}',
      'Bad',
      { providerType: 'server_error' },
    ],
    [
      'Anthropic',
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}',
      'Overloaded',
      { providerType: 'overloaded_error' },
    ],
    [
      'Google',
      '{"error":{"code":400,"message":"Bad key","status":"INVALID_ARGUMENT"}}',
      'Bad key',
      { providerCode: '400', providerType: 'INVALID_ARGUMENT' },
    ],
    [
      'Google, streaming',
      '[{"error":{"code":400,"message":"Bad key","status":"INVALID_ARGUMENT"}}]',
      'Bad key',
      { providerCode: '400', providerType: 'INVALID_ARGUMENT' },
    ],
    [
      'a router',
      '{"error":{"code":502,"message":"Provider returned error","metadata":{"provider_name":"P","raw":"upstream is down"}}}',
      'Provider returned error: upstream is down',
      { providerCode: '502' },
    ],
    ['Ollama', '{"error":"model \'x\' not found"}', "model 'x' not found", undefined],
    ['TGI', '{"error":"too long","error_type":"validation"}', 'too long', { providerType: 'validation' }],
    [
      'vLLM',
      '{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}',
      'too long',
      { providerCode: '400', providerType: 'BadRequestError' },
    ],
    ['FastAPI', '{"detail":"Not authenticated"}', 'Not authenticated', undefined],
    [
      'FastAPI, validation',
      '{"detail":[{"loc":["body","messages",0,"role"],"msg":"field required","type":"missing"},{"loc":["body"],"msg":"not JSON"}]}',
      'messages.0.role: field required; not JSON',
      undefined,
    ],
    ['FastAPI, an object', '{"detail":{"error":"no such model"}}', 'no such model', undefined],
    ['a list of errors', '{"errors":[{"message":"first","code":7000},{"message":"second"}]}', 'first', { providerCode: '7000' }],
    ['a text as JSON', '"just text"', 'just text', undefined],
    ['unknown JSON', '{"ok":false}', '{"ok":false}', undefined],
    [
      'an HTML page',
      '<!DOCTYPE html>\n<html><head><title>502 Bad\n  Gateway</title><style>p{}</style></head><body><p>nginx</p></body></html>',
      '502 Bad Gateway',
      undefined,
    ],
    [
      'an HTML page without title',
      '<html><head><style>p{}</style></head><body><p>Sorry &amp; goodbye</p></body></html>',
      'Sorry & goodbye',
      undefined,
    ],
    ['plain text', '\n upstream connect error\nreset reason: overflow \n', 'upstream connect error reset reason: overflow', undefined],
    ['broken JSON', '{"error":{"mess', '{"error":{"mess', undefined],
    ['nothing', '', 'the answer has no text', undefined],
    ['an empty list', '[]', '[]', undefined],
    ['null', 'null', 'null', undefined],
  ])('reads %s', (_, body, message, data) => {
    const error = at(500, body);
    expect(error.message).toBe(`acme: HTTP 500: ${message}`);
    expect(error.data).toEqual(data);
  });

  test('never fails, and stays on one line of bounded length, whatever the body is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 599 }),
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => `{"error":${json}}`),
        ),
        (status, body) => {
          const { message } = at(status, body);
          expect(message.startsWith(`acme: HTTP ${status}: `)).toBe(true);
          expect(message).not.toMatch(/[\r\n]/);
          expect(message.length).toBeLessThan(1_200);
        },
      ),
    );
  });

  test('long messages are clipped', () => {
    expect(at(400, JSON.stringify({ error: { message: 'x'.repeat(100_000) } })).message).toBe(`acme: HTTP 400: ${'x'.repeat(1_000)}…`);
  });

  test('keys that the server repeats are taken out', () => {
    const { message } = at(
      401,
      '{"error":{"message":"Incorrect API key provided: sk-proj-abcdefghij0123456789. Header: Bearer abcdefghijklmnop"}}',
    );
    expect(message).toBe('acme: HTTP 401: Incorrect API key provided: sk-… Header: Bearer … Check the API key.');
  });

  test('what to do, where it is known', () => {
    expect(at(401, 'no').message).toBe('acme: HTTP 401: no. Check the API key.');
    expect(at(404, '404 page not found').message).toBe("acme: HTTP 404: 404 page not found. Check the base URL and the model's name.");
    expect(at(308, '', { location: 'https://me:pass@new.example.com/v1/chat?token=1' }).message).toBe(
      'acme: HTTP 308: the server redirects to https://new.example.com/v1/chat. Correct the base URL, which ends with the version (…/v1).',
    );
  });

  test('a quota that is used up is not worth another try', () => {
    expect(at(429, '{"error":{"message":"quota","type":"insufficient_quota","code":"insufficient_quota"}}')).toMatchObject({
      code: 'rate-limit',
      retryable: false,
    });
    expect(at(429, '{"error":{"message":"slow","code":"rate_limit_exceeded"}}').retryable).toBe(true);
  });

  test('a refused prompt', () => {
    expect(at(400, '{"error":{"message":"no","code":"content_filter"}}')).toMatchObject({ code: 'content-filter', retryable: false });
  });

  test('x-should-retry decides', () => {
    expect(at(500, '', { 'x-should-retry': 'false' }).retryable).toBe(false);
    expect(at(400, '', { 'x-should-retry': 'true' }).retryable).toBe(true);
  });

  test('the wait: from the header, else from the body', () => {
    const body =
      '{"error":{"code":429,"message":"slow","details":[{"@type":"x.QuotaFailure"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}';
    expect(at(429, body).retryAfterMs).toBe(34_400);
    expect(at(429, body, { 'retry-after': '2' }).retryAfterMs).toBe(2_000);
    expect(at(503).retryAfterMs).toBeUndefined();
  });

  test('the request id, whatever its header is called', () => {
    expect(at(500, '', { 'x-request-id': 'req_1', 'cf-ray': 'ray' }).data).toEqual({ requestId: 'req_1' });
    expect(at(500, '', { 'request-id': 'req_2' }).data).toEqual({ requestId: 'req_2' });
    expect(at(500, '', { 'cf-ray': 'ray' }).data).toEqual({ requestId: 'ray' });
  });
});
