import { createServer } from 'node:http';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { user } from './support/lmdeck.ts';

/** A server that has two models and knows its clients by their header. */
async function modelServer(): Promise<AsyncDisposable & { readonly url: string; readonly headers: (string | string[] | undefined)[] }> {
  const headers: (string | string[] | undefined)[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers['x-team']);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'small' }, { id: 'large' }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`,
    headers,
    [Symbol.asyncDispose]: async () => {
      server.close().closeAllConnections();
    },
  };
}

const read = (home: string): string => readFileSync(join(home, 'endpoints.yaml'), 'utf8');

describe('lmdeck models add', () => {
  test('writes what it is told, and keeps what is there', async () => {
    using anna = user();
    writeFileSync(join(anna.home, 'endpoints.yaml'), '# mine\nold:\n  baseUrl: http://127.0.0.1:9/v1 # keep\n');
    const { code, stderr } = await anna.run([
      'models',
      'add',
      'train',
      '--url',
      'http://127.0.0.1:8000/v1',
      '--preset',
      'vllm',
      '--key-env',
      'TRAIN_KEY',
      '--header',
      'x-team=search',
      '--header',
      'x-token: env:TOKEN',
      '--header',
      'x-other=key:other',
      '--model',
      'small',
      '--concurrency',
      '32',
      '--timeout',
      '30',
      '--logprobs',
      '--batch-prompts',
      '8',
      '--batch-scores',
      '64',
      '--tokenizer',
      '.',
      '--context-size',
      '4096',
    ]);
    expect([code, stderr]).toEqual([0, expect.stringContaining('Try it: lmdeck -m train/small')]);
    expect(read(anna.home)).toBe(`# mine
old:
  baseUrl: http://127.0.0.1:9/v1 # keep
train:
  preset: vllm
  baseUrl: http://127.0.0.1:8000/v1
  key:
    env: TRAIN_KEY
  headers:
    x-team: search
    x-token:
      env: TOKEN
    x-other:
      key: other
  models:
    - id: small
  tokenizer: ${realpathSync(anna.home)}
  contextSize: 4096
  concurrency: 32
  timeouts:
    firstTokenMs: 30000
  logprobs: true
  batchPrompts: 8
  batchScores: 64
`);
    expect((await anna.run(['models', 'remove', 'train'])).code).toBe(0);
    expect(read(anna.home)).toBe('# mine\nold:\n  baseUrl: http://127.0.0.1:9/v1 # keep\n');
  });

  test('--check asks the server for its models', async () => {
    await using server = await modelServer();
    using anna = user();
    const { code, stderr } = await anna.run(['models', 'add', 'here', server.url, '--header', 'x-team=search', '--check']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('It has small, large. Try it: lmdeck -m here/small')]);
    expect(server.headers).toEqual(['search']);
  });

  test('--check adds nothing when the server does not answer', async () => {
    using anna = user();
    const { code, stdout, stderr } = await anna.run(['models', 'add', 'here', '--url', 'http://127.0.0.1:9/v1', '--check']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Error: here was not added\. .*ECONNREFUSED/);
    expect(read(anna.home).trim()).toBe('{}');
  });

  test.each([
    [['http://127.0.0.1:9/v1', '--url', 'http://127.0.0.1:8/v1'], 'Two URLs'],
    [['http://127.0.0.1:9/v1', '--key-name', 'a', '--key-env', 'B'], 'one key'],
    [['http://127.0.0.1:9/v1', '--tokenizer', 'o200k_bse'], 'Did you mean o200k_base?'],
    [['http://127.0.0.1:9/v1', '--header', 'nothing'], '--header takes NAME=VALUE'],
    [['http://127.0.0.1:9/v1', '--concurrency', '0'], '--concurrency takes a whole number of at least 1'],
    [[], 'needs a "baseUrl"'],
  ])('%j is a usage error', async (words, message) => {
    using anna = user();
    const { code, stderr } = await anna.run(['models', 'add', 'here', ...words]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
