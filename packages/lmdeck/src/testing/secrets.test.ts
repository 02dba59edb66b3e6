import { expect, test } from 'vitest';
import { scrubbed, scrubber, secretsIn } from './secrets.ts';

test.each([
  ['sk-abcdefghij1234567890abcd', 'sk-***'],
  ['ghp_abcdefghij1234567890abcd', 'ghp_***'],
  ['github_pat_11ABCDEFG0123456789_abc', 'github_pat_***'],
  ['AIzaSyA-1234567890abcdefghijklmnopqrstu', 'AIza***'],
  ['AKIAIOSFODNN7EXAMPLE', 'AKIA***'],
  ['Authorization: Bearer abcdef1234567890abcdef==', 'Authorization: Bearer ***'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4', 'eyJ***'],
])('%s becomes %s', (text, expected) => {
  expect(scrubber([])(`x ${text} y`)).toBe(`x ${expected} y`);
});

test.each([
  'sk-learn-and-other-libraries-of-python',
  'bearer of good news and of many other things',
  'api_key = "YOUR_API_KEY"',
  'a'.repeat(64),
])('%s stays', (text) => {
  expect(scrubber([])(text)).toBe(text);
});

test('given values, the longest first; words are too short to be secrets', () => {
  expect(scrubber(['secret-1', 'secret-12', 'the'])('the secret-123 and secret-1')).toBe('the ***3 and ***');
});

test('variables that are called like secrets', () => {
  const env = {
    OPENAI_API_KEY: 'a',
    GITHUB_TOKEN: 'b',
    DB_PASSWORD: 'c',
    MY_SECRET: 'd',
    AWS_SECRET_ACCESS_KEY: 'e',
    HOME: 'f',
    KEYBOARD: 'g',
    TOKENS: 'h',
  };
  expect(secretsIn(env).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('every text of a value, but not the data of attachments; an equal value stays the same object', () => {
  const scrub = scrubber(['line\nbreak"quoted']);
  const value = { a: ['x line\nbreak"quoted y', 1, null], b: { data: 'line\nbreak"quoted' } };
  expect(scrubbed(value, scrub)).toEqual({ a: ['x *** y', 1, null], b: { data: 'line\nbreak"quoted' } });
  const harmless = { a: 1 };
  expect(scrubbed(harmless, scrub)).toBe(harmless);
});
