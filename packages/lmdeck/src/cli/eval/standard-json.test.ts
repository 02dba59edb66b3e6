import { expect, test } from 'vitest';
import { standardJson } from './standard-json.ts';

test('numbers that JSON does not have are null, texts stay', () => {
  const text = '{"a": NaN, "NaN": ["Infinity \\" NaN", -Infinity, Infinity, 1.0]}';
  expect(standardJson(text)).toBe('{"a": null, "NaN": ["Infinity \\" NaN", null, null, 1.0]}');
});
