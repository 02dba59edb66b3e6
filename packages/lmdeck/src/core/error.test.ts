import { expect, test } from 'vitest';
import { LmdeckError, type ErrorCode } from './error.ts';

/** Users branch on these: codes may be added, never renamed, and their default for retrying never flips. */
const codes: Readonly<Record<ErrorCode, boolean>> = {
  aborted: false,
  authentication: false,
  capability: false,
  config: false,
  conflict: true,
  'content-filter': false,
  'incomplete-response': true,
  internal: false,
  'invalid-request': false,
  'invalid-response': false,
  'missing-key': false,
  network: true,
  'not-found': false,
  permission: false,
  plugin: false,
  'rate-limit': true,
  'replay-miss': false,
  server: true,
  tape: false,
  timeout: true,
  'unknown-model': false,
  usage: false,
};

test('whether a code is retryable is pinned', () => {
  for (const code of Object.keys(codes).filter(isCode)) expect([code, new LmdeckError(code, '').retryable]).toEqual([code, codes[code]]);
});

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(codes, code);
}

test('survives a copy of the library and JSON', () => {
  const error = new LmdeckError('rate-limit', 'slow down', { status: 429, retryAfterMs: 100, data: { type: 'requests' } });
  const foreign: unknown = Object.assign(new Error('x'), { [Symbol.for('lmdeck.error')]: true, code: 'server' });
  expect(LmdeckError.isInstance(foreign)).toBe(true);
  expect(LmdeckError.isInstance(new Error('x'))).toBe(false);
  expect(LmdeckError.fromInfo(JSON.parse(JSON.stringify(error))).toInfo()).toEqual({
    code: 'rate-limit',
    message: 'slow down',
    retryable: true,
    status: 429,
    retryAfterMs: 100,
    data: { type: 'requests' },
  });
});

test('wraps anything thrown, keeps its own, knows an abort', () => {
  const own = new LmdeckError('server', 'a');
  expect(LmdeckError.from(own)).toBe(own);
  expect(LmdeckError.from('text', 'network')).toMatchObject({ code: 'network', message: 'text' });
  expect(LmdeckError.from(new DOMException('gone', 'AbortError'))).toMatchObject({ code: 'aborted' });
});
