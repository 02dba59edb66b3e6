import { createServer } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { user } from './support/lmdeck.ts';
import { runOnTerminal } from './support/terminal.ts';

describe('lmdeck tokens', () => {
  test('counts what it is given, from words or from stdin', async () => {
    using anna = user();
    expect(await anna.run(['tokens', '-t', 'o200k_base', 'Hello', 'world'])).toEqual({ code: 0, stdout: '2\n', stderr: '' });
    expect(await anna.run(['tokens', '-t', 'cl100k_base'], { input: 'Hello world\n' })).toEqual({ code: 0, stdout: '3\n', stderr: '' });
    expect((await anna.run(['tokens', '-m', 'openai/gpt-5-mini'], { input: '' })).stdout).toBe('0\n');
    expect((await anna.run(['tokens', '-m', 'openai/gpt-5-mini', '--chat', 'Hello world'])).stdout).toBe('9\n');
  });

  test('shows ids, pieces or everything', async () => {
    using anna = user();
    const tokens = async (...words: readonly string[]): Promise<string> =>
      (await anna.run(['tokens', '-t', 'cl100k_base', ...words])).stdout;
    expect(await tokens('--ids', 'hi 👍')).toBe('6151 62904 235\n');
    expect(await tokens('--pieces', 'hi\n👍')).toBe('6151\t"hi"\n198\t"\\n"\n9468\t"�"\n239\t"�"\n235\t"�"\n');
    expect(JSON.parse(await tokens('--json', 'hi there'))).toEqual({
      tokenizer: 'tiktoken/cl100k_base',
      count: 2,
      ids: [6151, 1070],
      pieces: ['hi', ' there'],
      text: 'hi there',
    });
    expect(await tokens('<|endoftext|>')).toBe('7\n');
    expect(await tokens('--special', '<|endoftext|>')).toBe('1\n');
  });

  test('decodes', async () => {
    using anna = user();
    const run = await anna.run(['tokens', '-t', 'o200k_base', '--decode', '[13225, 2375]']);
    expect(run).toEqual({ code: 0, stdout: 'Hello world', stderr: '' });
    expect((await anna.run(['tokens', '-t', 'o200k_base', '--decode', '1,x'])).stderr).toBe(
      'Error: --decode takes token ids like "15339 1917", not "x".\n',
    );
  });

  test('takes the tokenizer in a folder, and its chat template', async () => {
    using anna = user();
    const folder = join(anna.home, 'model');
    mkdirSync(folder);
    const vocab = { '[UNK]': 0, user: 1, system: 2, hi: 3 };
    const tokenizer = { model: { type: 'WordPiece', unk_token: '[UNK]', vocab }, pre_tokenizer: { type: 'Whitespace' } };
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
    expect((await anna.run(['tokens', '-t', folder, '--chat', 'hi'])).stderr).toContain('has no chat template');
    writeFileSync(join(folder, 'chat_template.jinja'), '{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}');
    expect((await anna.run(['tokens', '-t', folder, 'hi'])).stdout).toBe('1\n');
    expect((await anna.run(['tokens', '-t', folder, '--chat', '--ids', 'hi'])).stdout).toBe('1 3\n');
    const messages = JSON.stringify([
      { role: 'system', content: 'hi' },
      { role: 'user', content: 'hi hi' },
    ]);
    expect((await anna.run(['tokens', '-t', folder, '--chat', '--ids'], { input: messages })).stdout).toBe('2 3 1 3 3\n');
  });

  test('asks the server that a model runs on', async () => {
    const server = createServer((request, response) => {
      void Array.fromAsync(request).then(() =>
        response.end(request.url === '/props' ? '{}' : JSON.stringify({ tokens: [1, 2, 3], content: 'x' })),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`;
    try {
      using anna = user(url);
      expect(await anna.run(['tokens', '-m', 'local/small', 'hi'])).toEqual({ code: 0, stdout: '3\n', stderr: '' });
      writeFileSync(
        join(anna.home, 'endpoints.yaml'),
        `local: { baseUrl: "${url}", tokenizer: cl100k_base, models: [{ id: own, tokenizer: remote }] }\n`,
      );
      expect((await anna.run(['tokens', '-m', 'local/small', 'hi'])).stdout).toBe('1\n');
      expect((await anna.run(['tokens', '-m', 'local/own', 'hi'])).stdout).toBe('3\n');
      expect((await anna.run(['tokens', '-t', url, '--ids', 'hi'])).stdout).toBe('1 2 3\n');
    } finally {
      server.close().closeAllConnections();
    }
  });

  test('colours the pieces on a terminal', async () => {
    using anna = user();
    const run = runOnTerminal(anna, ['tokens', '-t', 'cl100k_base', '-p', 'Hello world']);
    expect(await run.ended).toBe(0);
    expect(run.shown()).toContain('\u001B[30;48;5;194mHello\u001B[0m\u001B[30;48;5;225m world\u001B[0m');
    expect(run.shown()).toContain('2 tokens (tiktoken/cl100k_base)');
  });

  test.each([
    [['-t', 'o300k_base', 'x'], 2, 'Did you mean o200k_base'],
    [['-t', './nowhere.json', 'x'], 2, 'There is no file ./nowhere.json'],
    [['-t', 'o200k_base', '-m', 'x', 'y'], 2, '--tokenizer and --model exclude each other'],
    [['-t', 'o200k_base', '--ids', '--json', 'y'], 2, '--ids and --json exclude each other'],
    [['-m', 'openrouter/some/model', 'y'], 1, 'does not give its tokenizer'],
    [['-m', 'ollama/some-model', 'y'], 1, 'does not give its tokenizer'],
  ])('%j is refused', async (words, code, message) => {
    using anna = user();
    const run = await anna.run(['tokens', ...words]);
    expect([run.code, run.stdout]).toEqual([code, '']);
    expect(run.stderr).toContain(message);
  });
});
