import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { chatServer, type Answer, type ChatRequest } from './support/chat-server.ts';
import { user } from './support/lmdeck.ts';

const USAGE = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 };

function lastText({ body }: ChatRequest): unknown {
  return body.messages.at(-1)?.content;
}

const echo = (request: ChatRequest): Answer => ({ text: ['You said: ', String(lastText(request))], usage: USAGE });

describe('lmdeck prompt', () => {
  test('streams the answer to stdout and nothing else, and records it', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    const { code, stdout, stderr } = await anna.run([
      'Hello',
      'there',
      '-s',
      'Be brief',
      '-o',
      'max_tokens',
      '20',
      '-o',
      'temperature',
      '0',
    ]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'You said: Hello there\n', stderr: '' });
    expect(server.requests[0]?.body).toMatchObject({
      model: 'small',
      stream: true,
      temperature: 0,
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Hello there' },
      ],
    });
    const rows: unknown = JSON.parse((await anna.run(['logs', '--json'])).stdout);
    expect(rows).toMatchObject([
      {
        model: 'local/small',
        resolved_model: 'small-2026',
        prompt: 'Hello there',
        system: 'Be brief',
        response: 'You said: Hello there',
        options_json: { maxTokens: 20, temperature: 0 },
        input_tokens: 12,
        output_tokens: 3,
        status: 'ok',
        finish_reason: 'stop',
      },
    ]);
  });

  test('stdin comes first, then one space, then the argument', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    await anna.run(['summarise'], { input: 'line one\nline two\n' });
    await anna.run([], { input: 'only stdin' });
    expect(server.requests.map(lastText)).toEqual(['line one\nline two\n summarise', 'only stdin']);
  });

  test('with nothing to ask it says so', async () => {
    using anna = user();
    const { code, stdout, stderr } = await anna.run(['-m', 'local/small']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Error: There is nothing to ask\..*\n$/);
  });

  test('-c continues the conversation that was used last, with its model and options; --cid any', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    await anna.run(['one', '-m', 'local/big', '-o', 'temperature', '0.5', '-s', 'Be brief']);
    await anna.run(['-c', 'two']);
    expect(server.requests[1]?.body).toMatchObject({ model: 'big', temperature: 0.5 });
    expect(server.requests[1]?.body.messages.map((message) => message.content)).toEqual(['Be brief', 'one', 'You said: one', 'two']);
    await anna.run(['other']);
    const conversations: unknown = JSON.parse((await anna.run(['logs', 'conversations', '--json'])).stdout);
    expect(conversations).toMatchObject([
      { name: 'other', calls: 1 },
      { name: 'one', calls: 2 },
    ]);
    const id = String(Array.isArray(conversations) ? conversations[1].id : '');
    await anna.run(['--cid', id.slice(0, 20), 'three', '-s', 'Be long', '-m', 'local/small']);
    expect(server.requests[3]?.body).toMatchObject({ model: 'small' });
    expect(server.requests[3]?.body).not.toHaveProperty('temperature');
    expect(server.requests[3]?.body.messages.map((message) => message.content)).toEqual([
      'Be long',
      'one',
      'You said: one',
      'two',
      'You said: two',
      'three',
    ]);
  });

  test('-c without anything to continue is an error, and asks nobody', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    const { code, stderr } = await anna.run(['-c', 'two']);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no conversation to continue');
    expect((await anna.run(['--cid', '01xyz', 'two'])).stderr).toContain('There is no conversation 01xyz');
    expect(server.requests).toEqual([]);
    expect(existsSync(join(anna.home, 'tape.db'))).toBe(false);
  });

  test('--no-log records nothing, --log records although logging is off', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    await anna.run(['one', '-n']);
    await anna.run(['logs', 'off']);
    await anna.run(['two']);
    await anna.run(['three', '--log']);
    const prompts: unknown = JSON.parse((await anna.run(['logs', '--json', '-n', '0'])).stdout);
    expect(prompts).toMatchObject([{ prompt: 'three' }]);
    expect((await anna.run(['x', '--log', '-n'])).code).toBe(2);
  });

  test('--json prints what logs --json prints, recorded or not', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    const own = JSON.parse((await anna.run(['one', '--json'])).stdout);
    expect(own).toEqual(JSON.parse((await anna.run(['logs', '--json'])).stdout));
    expect(server.requests[0]?.body.stream ?? false).toBe(false);
    const unlogged = JSON.parse((await anna.run(['one', '--json', '-n'])).stdout);
    expect(Object.keys(unlogged[0])).toEqual(Object.keys(own[0]));
    expect(unlogged).toMatchObject([
      { prompt: 'one', response: 'You said: one', status: 'ok', input_tokens: 12, request_key: own[0].request_key },
    ]);
  });

  test('-x and --xl print a code block, or the text where there is none', async () => {
    const text = 'First:\n\n```sh\necho 1\n```\n\n```sh\necho 2\n```\n';
    await using server = await chatServer((request) => (lastText(request) === 'none' ? { text: ['no code'] } : { text: [text] }));
    using anna = user(server.url);
    expect((await anna.run(['code', '-x'])).stdout).toBe('echo 1\n');
    expect((await anna.run(['code', '--xl'])).stdout).toBe('echo 2\n');
    expect((await anna.run(['none', '-x'])).stdout).toBe('no code\n');
    expect((await anna.run(['logs', '-x'])).stdout).toBe('no code\n');
  });

  test('reasoning goes to stderr, unless it is hidden', async () => {
    await using server = await chatServer(() => ({ reasoning: 'Let me think.', text: ['42'] }));
    using anna = user(server.url);
    expect(await anna.run(['why'])).toEqual({ code: 0, stdout: '42\n', stderr: 'Let me think.\n\n' });
    expect(await anna.run(['why', '-R'])).toEqual({ code: 0, stdout: '42\n', stderr: '' });
    expect(await anna.run(['why', '-R', '--no-stream'])).toEqual({ code: 0, stdout: '42\n', stderr: '' });
    expect(server.requests.map(({ body }) => body.stream ?? false)).toEqual([true, true, false]);
  });

  test('-u tells the usage on stderr', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    const { stdout, stderr } = await anna.run(['hi', '-u']);
    expect(stdout).toBe('You said: hi\n');
    expect(stderr).toMatch(/^Usage: 12 input, 3 output, first token \d+ ms, .*\n$/);
  });

  test('and what it cost, by prices.yaml; the tape knows it too', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    writeFileSync(join(anna.home, 'prices.yaml'), 'local/*: { input: 0.15, output: 0.6 }\n');
    const cost = 'in all, $0.000004\n';
    expect((await anna.run(['hi', '-u'])).stderr).toContain(cost);
    expect((await anna.run(['hi', '-u', '--no-log'])).stderr).toContain(cost);
    expect(JSON.parse((await anna.run(['logs', '--json'])).stdout)).toMatchObject([{ cost_micros: 3.6 }]);
    expect(JSON.parse((await anna.run(['hi', '--json', '--no-log'])).stdout)).toMatchObject([{ cost_micros: 3.6 }]);
    writeFileSync(join(anna.home, 'prices.yaml'), 'local/*: { input: 0.15 }\n');
    const { code, stderr } = await anna.run(['hi']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Error: .*prices\.yaml:1:1: a price needs "input" and "output"/)]);
  });

  test('an error of the server is one line on stderr, exit code 1, and on the tape', async () => {
    await using server = await chatServer(() => ({
      status: 400,
      body: '{"error":{"message":"context too long","type":"invalid_request_error"}}',
    }));
    using anna = user(server.url);
    const { code, stdout, stderr } = await anna.run(['hi']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Error: [^\n]*context too long[^\n]*\n$/);
    expect(JSON.parse((await anna.run(['logs', '--json'])).stdout)).toMatchObject([
      { status: 'error', prompt: 'hi', error: { code: 'invalid-request' } },
    ]);
    expect((await anna.run(['logs'])).stdout).toContain('context too long');
  });

  test('a connection that breaks in the middle keeps what came', async () => {
    await using server = await chatServer(() => ({ text: ['Half an ', 'answ'], reset: true }));
    using anna = user(server.url);
    const { code, stdout, stderr } = await anna.run(['hi']);
    expect([code, stdout]).toEqual([1, 'Half an answ\n']);
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(JSON.parse((await anna.run(['logs', '--json'])).stdout)).toMatchObject([{ status: 'error', response: 'Half an answ' }]);
  });

  test('Ctrl-C stops the call, keeps what came, and is recorded; exit code 130', async () => {
    await using server = await chatServer(() => ({ text: ['So far'], hang: true }));
    using anna = user(server.url);
    const { child, ended, until } = anna.start(['hi'], { input: '' });
    await until('So far');
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, stdout: 'So far\n', stderr: '' });
    await server.left;
    expect(JSON.parse((await anna.run(['logs', '--json'])).stdout)).toMatchObject([{ status: 'aborted', response: 'So far' }]);
  });

  test('a reader that leaves ends the call quietly', async () => {
    await using server = await chatServer(() => ({
      text: Array.from({ length: 3000 }, (_, index) => `line ${index} ${'x'.repeat(200)}\n`),
    }));
    using anna = user(server.url);
    const { child, ended, until } = anna.start(['hi'], { input: '' });
    await until('line 0');
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('a process that is killed leaves a call that says so', async () => {
    await using server = await chatServer(() => ({ text: ['So far'], hang: true }));
    using anna = user(server.url);
    const { child, ended, until } = anna.start(['hi'], { input: '' });
    await until('So far');
    const rows = async (): Promise<unknown[]> => JSON.parse((await anna.run(['logs', '--json'])).stdout || '[]');
    // The tape commits in groups, some milliseconds after the start of a call.
    while ((await rows()).length === 0);
    expect(await rows()).toMatchObject([{ status: 'started', prompt: 'hi' }]);
    child.kill('SIGKILL');
    await ended;
    expect(await rows()).toMatchObject([{ status: 'interrupted', prompt: 'hi' }]);
    expect((await anna.run(['logs'])).stdout).toContain('Interrupted: its process ended before the answer did.');
  });

  test('an answer that cannot be recorded is printed all the same, with a warning and exit code 1', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    mkdirSync(join(anna.home, 'tape.db'));
    const { code, stdout, stderr } = await anna.run(['hi']);
    expect([code, stdout]).toEqual([1, 'You said: hi\n']);
    expect(stderr).toMatch(/^Warning: the call is not recorded: [^\n]+\n$/);
  });

  test('a schema is sent, in each of its forms', async () => {
    await using server = await chatServer(() => ({ text: ['{"name":"Rex","age":3}'] }));
    using anna = user(server.url);
    writeFileSync(join(anna.home, 'dog.json'), '{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}');
    expect((await anna.run(['dog', '--schema', 'name, age int'])).stdout).toBe('{"name":"Rex","age":3}\n');
    await anna.run(['dog', '--schema', join(anna.home, 'dog.json')]);
    await anna.run(['hounds', '--schema-multi', 'name']);
    const rows = JSON.parse((await anna.run(['logs', '--json'])).stdout);
    expect(rows).toMatchObject([
      { schema_json: { properties: { name: { type: 'string' }, age: { type: 'integer' } } } },
      { schema_json: { properties: { name: { type: 'string' } } } },
      { schema_json: { properties: { items: { type: 'array' } } } },
    ]);
    expect(JSON.parse((await anna.run(['logs', '--json', '--schema', 'name, age int'])).stdout)).toHaveLength(1);
  });

  test('attachments: files, URLs and stdin, their type sniffed or given', async () => {
    await using server = await chatServer(() => ({ text: ['A pixel'] }));
    using anna = user(server.url);
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    writeFileSync(join(anna.home, 'pixel'), png);
    const { code, stderr } = await anna.run(['what?', '-a', join(anna.home, 'pixel'), '-a', 'https://example.com/x.jpg']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.stringify(server.requests[0]?.body.messages)).toContain(`data:image/png;base64,${png.toString('base64')}`);
    expect(JSON.stringify(server.requests[0]?.body.messages)).toContain('https://example.com/x.jpg');
    expect(await anna.run(['what?', '-a', 'nowhere.png'])).toMatchObject({
      code: 2,
      stderr: 'Error: Cannot read the attachment nowhere.png: there is no such file.\n',
    });
    expect((await anna.run(['what?', '--at', 'pixel', 'picture'])).stderr).toContain('"picture" is not a media type');
    expect(await anna.run(['what?', '-a', 'https://'])).toMatchObject({
      code: 2,
      stderr: 'Error: The attachment https:// is not a valid URL.\n',
    });
  });

  test('--cache answers a second time from the tape', async () => {
    await using server = await chatServer((_, index) => ({ text: [`answer ${index}`] }));
    using anna = user(server.url);
    expect((await anna.run(['hi'])).stdout).toBe('answer 0\n');
    expect((await anna.run(['hi', '--cache'])).stdout).toBe('answer 0\n');
    expect((await anna.run(['hi'])).stdout).toBe('answer 1\n');
    expect(server.requests).toHaveLength(2);
    expect(JSON.parse((await anna.run(['logs', '--json'])).stdout)[1]).toMatchObject({ cached_from: expect.any(String) });
  });

  test('-d records on another tape', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    const other = join(anna.home, 'other.db');
    await anna.run(['hi', '-d', other]);
    expect(await anna.run(['logs'])).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing is recorded yet') });
    for (const asked of [
      ['show', '01k'],
      ['backup', join(anna.home, 'copy.db')],
    ])
      expect(await anna.run(['logs', ...asked])).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing is recorded yet') });
    expect(JSON.parse((await anna.run(['logs', '--json', '-d', other])).stdout)).toMatchObject([{ prompt: 'hi' }]);
  });

  test('an option that the model does not take is refused with a hint, before anything is sent', async () => {
    await using server = await chatServer(echo);
    using anna = user(server.url);
    const { code, stderr } = await anna.run(['hi', '-o', 'temprature', '1']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean temperature?');
    expect((await anna.run(['hi', '-o', 'temperature', 'warm'])).stderr).toContain('must be a number');
    expect(server.requests).toEqual([]);
  });

  test('--options shows what the model takes', async () => {
    using anna = user('http://127.0.0.1:9/v1');
    const { code, stdout } = await anna.run(['--options', '-m', 'local/small']);
    expect(code).toBe(0);
    expect(stdout).toContain('Options of local/small:');
    expect(stdout).toMatch(/ {2}temperature <number>/);
  });

  test('a key is never shown, not even when the server does', async () => {
    await using server = await chatServer(({ headers }) => ({
      status: 401,
      body: JSON.stringify({ error: { message: `bad key ${String(headers['authorization']).slice(7)}` } }),
    }));
    using anna = user(server.url);
    const { code, stderr } = await anna.run(['hi', '--key', 'sk-very-secret-key'], { env: { LMDECK_DEBUG: '1' } });
    expect(code).toBe(1);
    expect(stderr).toContain('Error: ');
    expect(server.requests[0]?.headers['authorization']).toBe('Bearer sk-very-secret-key');
    expect(stderr).not.toContain('sk-very-secret-key');
    expect((await anna.run(['logs', '--json'])).stdout).not.toContain('sk-very-secret-key');
  });
});

test('a conversation that waits for the results of tools is not gone on with', async () => {
  using anna = user();
  await anna.run(['-m', 'echo', '{"tool_calls": [{"name": "now", "arguments": {}}]}']);
  const { code, stdout, stderr } = await anna.run(['-c', 'And?']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^Error: The conversation \w+ ends with calls of tools that have no result yet \(now\): .* Start another conversation without -c, /,
  );
  expect((await anna.run(['-m', 'echo', 'Hello'])).code).toBe(0);
  expect((await anna.run(['-c', 'And?'])).code).toBe(0);
});
