import { expect, test } from 'vitest';
import { isSecretName } from './secret-name.ts';

test.each([
  'OPENAI_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'GITHUB_TOKEN',
  'DB_PASSWORD',
  'apiKey',
  'api-key',
  'Authorization',
  'proxy-authorization',
  'x-auth',
  'access_token',
  'cookie',
])('%s is one', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each(['max_tokens', 'maxTokens', 'eos_token', 'author', 'KEYBOARD', 'key', 'SSH_AUTH_SOCK', 'prompt_cache_key_prefix', 'signature'])(
  '%s is none',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);
