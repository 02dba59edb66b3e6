import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateLimitFacts, type RateLimitFact } from './rate-limit-headers.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('the headers of', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly RateLimitFact[]]>([
    [
      'OpenAI',
      {
        'x-ratelimit-limit-requests': '5000',
        'x-ratelimit-remaining-requests': '4999',
        'x-ratelimit-reset-requests': '12ms',
        'x-ratelimit-limit-tokens': '160000',
        'x-ratelimit-remaining-tokens': '80000',
        'x-ratelimit-reset-tokens': '30s',
      },
      [
        { kind: 'requests', limit: 5000, spanMs: 60_000, remaining: 4999, resetMs: 12 },
        { kind: 'tokens', limit: 160_000, spanMs: 60_000, remaining: 80_000, resetMs: 30_000 },
      ],
    ],
    [
      'OpenAI, requests by the day',
      { 'x-ratelimit-limit-requests': '10000', 'x-ratelimit-remaining-requests': '9999', 'x-ratelimit-reset-requests': '8.64s' },
      [{ kind: 'requests', limit: 10_000, spanMs: 86_400_000, remaining: 9999, resetMs: 8640 }],
    ],
    [
      'Groq: requests by the day, tokens by the minute',
      {
        'x-ratelimit-limit-requests': '14400',
        'x-ratelimit-remaining-requests': '14370',
        'x-ratelimit-reset-requests': '2m59.56s',
        'x-ratelimit-limit-tokens': '18000',
        'x-ratelimit-remaining-tokens': '17997',
        'x-ratelimit-reset-tokens': '7.66ms',
      },
      [
        { kind: 'requests', limit: 14_400, spanMs: 86_400_000, remaining: 14_370, resetMs: 179_560 },
        { kind: 'tokens', limit: 18_000, spanMs: 60_000, remaining: 17_997, resetMs: 7.66 },
      ],
    ],
    [
      'Anthropic',
      {
        date: 'Sun, 01 Mar 2026 11:00:00 GMT',
        'anthropic-ratelimit-requests-limit': '1000',
        'anthropic-ratelimit-requests-remaining': '999',
        'anthropic-ratelimit-requests-reset': '2026-03-01T11:00:00Z',
        'anthropic-ratelimit-input-tokens-limit': '80000',
        'anthropic-ratelimit-input-tokens-remaining': '40000',
        'anthropic-ratelimit-input-tokens-reset': '2026-03-01T11:00:30Z',
        'anthropic-ratelimit-output-tokens-limit': '16000',
        'anthropic-ratelimit-tokens-limit': '96000',
      },
      [
        { kind: 'requests', limit: 1000, spanMs: 60_000, remaining: 999, resetMs: 0 },
        { kind: 'inputTokens', limit: 80_000, spanMs: 60_000, remaining: 40_000, resetMs: 30_000 },
        { kind: 'outputTokens', limit: 16_000, spanMs: 60_000 },
      ],
    ],
    [
      'Azure, which leaves limits open',
      {
        'x-ratelimit-limit-tokens': '-1',
        'x-ratelimit-remaining-tokens': '-1',
        'x-ratelimit-reset-tokens': '0',
        'x-ratelimit-limit-requests': '300',
        'x-ratelimit-remaining-requests': '299',
      },
      [{ kind: 'requests', limit: 300, spanMs: 60_000, remaining: 299 }],
    ],
    [
      'Mistral',
      {
        'x-ratelimit-limit-req-minute': '50',
        'x-ratelimit-remaining-req-minute': '49',
        'x-ratelimit-limit-tokens-minute': '50000',
        'x-ratelimit-remaining-tokens-minute': '47300',
        'x-ratelimit-limit-tokens-month': '4000000',
        'x-ratelimit-tokens-query-cost': '1300',
      },
      [
        { kind: 'requests', limit: 50, spanMs: 60_000, remaining: 49 },
        { kind: 'tokens', limit: 50_000, spanMs: 60_000, remaining: 47_300 },
      ],
    ],
    [
      'Mistral, before',
      { 'x-ratelimitbysize-limit-minute': '2000000', 'x-ratelimitbysize-remaining-minute': '1999000', 'ratelimitbysize-reset': '2' },
      [{ kind: 'tokens', limit: 2_000_000, spanMs: 60_000, remaining: 1_999_000 }],
    ],
    ['a plan without the model', { 'x-ratelimit-limit-req-minute': '0' }, []],
    [
      'Cerebras',
      {
        'x-ratelimit-limit-requests-day': '14400',
        'x-ratelimit-remaining-requests-day': '14000',
        'x-ratelimit-limit-tokens-minute': '60000',
        'x-ratelimit-remaining-tokens-minute': '50',
        'x-ratelimit-reset-tokens-minute': '26.5',
      },
      [{ kind: 'tokens', limit: 60_000, spanMs: 60_000, remaining: 50, resetMs: 26_500 }],
    ],
    [
      'Together: by the second',
      {
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': '9',
        'x-ratelimit-reset': '1',
        'x-tokenlimit-limit': '3000',
        'x-tokenlimit-remaining': '2900',
      },
      [
        { kind: 'requests', limit: 10, spanMs: 1000, remaining: 9, resetMs: 1000 },
        { kind: 'tokens', limit: 3000, spanMs: 1000, remaining: 2900 },
      ],
    ],
    [
      'Together, with another name for tokens',
      { 'x-ratelimit-limit': '10', 'x-ratelimit-limit-tokens': '3000' },
      [
        { kind: 'requests', limit: 10, spanMs: 1000 },
        { kind: 'tokens', limit: 3000, spanMs: 1000 },
      ],
    ],
    [
      'Fireworks',
      { 'x-ratelimit-limit-tokens-prompt': '500', 'x-ratelimit-limit-tokens-generated': '125', 'x-ratelimit-over-limit': 'no' },
      [
        { kind: 'inputTokens', limit: 500, spanMs: 1000 },
        { kind: 'outputTokens', limit: 125, spanMs: 1000 },
      ],
    ],
    [
      'OpenRouter, free models by the minute',
      { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 24_000) },
      [{ kind: 'requests', limit: 20, spanMs: 60_000, remaining: 0, resetMs: 24_000 }],
    ],
    [
      'OpenRouter, free models by the day',
      { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 43_200_000) },
      [{ kind: 'requests', limit: 50, spanMs: undefined, remaining: 0, resetMs: 43_200_000 }],
    ],
    ['somebody who does not say what the number is of', { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '19' }, []],
    ['a server that says nothing', { 'content-type': 'application/json' }, []],
    ['a server that says nonsense', { 'x-ratelimit-limit-requests': 'many', 'x-ratelimit-reset-requests': 'soon' }, []],
  ])('%s', (_, headers, facts) => {
    expect(rateLimitFacts(headers, now)).toEqual(facts);
  });
});

test('durations as Go writes them', () => {
  const part = fc.nat(59);
  fc.assert(
    fc.property(part, part, part, fc.nat(999), (h, m, s, ms) => {
      const text = `${h}h${m}m${s}s${ms}ms`;
      const headers = { 'x-ratelimit-limit-tokens-minute': '1', 'x-ratelimit-reset-tokens-minute': text };
      expect(rateLimitFacts(headers)[0]?.resetMs).toBe(((h * 60 + m) * 60 + s) * 1000 + ms);
    }),
  );
});

test('whatever the headers are, nothing is thrown and every number is a count', () => {
  const name = fc.constantFrom(
    'x-ratelimit-limit',
    'x-ratelimit-limit-requests',
    'x-ratelimit-remaining-requests',
    'x-ratelimit-reset-requests',
    'date',
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.oneof(fc.string(), fc.double().map(String))), (headers) => {
      for (const { limit, remaining = 0, resetMs = 0 } of rateLimitFacts(headers, now)) {
        expect(limit > 0 && remaining >= 0 && resetMs >= 0).toBe(true);
        expect(Number.isFinite(limit + remaining + resetMs)).toBe(true);
      }
    }),
  );
});
