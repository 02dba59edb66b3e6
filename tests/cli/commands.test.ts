import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { chatServer } from './support/chat-server.ts';
import { bin, user } from './support/lmdeck.ts';
import { runOnTerminal } from './support/terminal.ts';

describe('the command itself', () => {
  test('--version', async () => {
    using anna = user();
    const manifest = JSON.parse(readFileSync(join(bin, '../../package.json'), 'utf8'));
    expect(await anna.run(['--version'])).toEqual({ code: 0, stdout: `lmdeck ${manifest.version}\n`, stderr: '' });
  });

  test('--help shows every command with an example, each command its options and examples', async () => {
    using anna = user();
    const { code, stdout } = await anna.run(['--help']);
    expect(code).toBe(0);
    const names = Array.from(
      stdout.slice(stdout.indexOf('Commands:'), stdout.indexOf('Examples:')).matchAll(/^ {2}(\w+)/gm),
      (match) => match[1] ?? '',
    );
    expect(names).toEqual(
      expect.arrayContaining(['prompt', 'chat', 'logs', 'models', 'keys', 'aliases', 'plugins', 'completion', 'debug']),
    );
    for (const name of names) {
      for (const words of [
        [name, '--help'],
        [name, '-h'],
        ['help', name],
      ]) {
        const help = await anna.run(words);
        expect([words, help.code, help.stderr]).toEqual([words, 0, '']);
        expect(help.stdout).toMatch(new RegExp(`^Usage: lmdeck ${name}[^]*Examples:\\n`));
      }
    }
    expect((await anna.run(['prompt', '-h'])).stdout).toMatch(/stdin[^]*demo model/);
    for (const words of [['help'], ['help', 'help'], ['help', '-h']]) expect((await anna.run(words)).stdout).toBe(stdout);
  });

  test.each([
    [['modles'], 'Did you mean lmdeck models? To send the word to a model: lmdeck prompt modles'],
    [['logz', 'show', 'x'], 'Did you mean lmdeck logs?'],
    [['logs', 'shwo'], 'unknown command "shwo". Did you mean show?'],
    [['logs', '--jsno'], 'unknown option --jsno. Did you mean --json?'],
    [['hi', '--modle', 'x'], 'unknown option --modle. Did you mean --model?'],
    [['debug'], 'Commands: decode, sse.'],
    [['help', 'modles'], 'There is no command "modles". Did you mean models?'],
    [['help', 'poems'], 'There is no command "poems". List them: lmdeck --help'],
    [['aliases', 'set', 'a'], '<model> is missing'],
  ])('%j is a usage error with a hint', async (words, hint) => {
    using anna = user();
    const { code, stdout, stderr } = await anna.run(words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(hint);
  });

  test('words that only begin like a command are a prompt', async () => {
    await using server = await chatServer(() => ({ text: ['fine'] }));
    using anna = user(server.url);
    expect(await anna.run(['modles are good'])).toMatchObject({ code: 0, stdout: 'fine\n' });
    expect(await anna.run(['chart', 'me', 'that'])).toMatchObject({ code: 0, stdout: 'fine\n' });
    expect(await anna.run(['prompt', 'modles'])).toMatchObject({ code: 0, stdout: 'fine\n' });
    expect(await anna.run(['hello'])).toMatchObject({ code: 0, stdout: 'fine\n' });
  });

  test('an unknown model is one line, exit code 1', async () => {
    using anna = user();
    const { code, stderr } = await anna.run(['hi', '-m', 'nobody/nothing']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: [^\n]*nobody\/nothing[^\n]*\n$/);
  });

  test('an output that is full is told', async () => {
    using anna = user();
    const { status, stderr } = spawnSync('/bin/sh', ['-c', `'${process.execPath}' '${bin}' --help > /dev/full`], {
      env: { LMDECK_HOME: anna.home, LMDECK_PLUGINS: '' },
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error: Cannot write to stdout: ENOSPC[^\n]*\n$/);
  });

  test('a reader that leaves is nothing to complain about', async () => {
    using anna = user();
    const { status, stdout, stderr } = spawnSync(
      '/bin/bash',
      ['--norc', '-o', 'pipefail', '-c', `'${process.execPath}' '${bin}' prompt --help | head -n 1`],
      {
        env: { PATH: process.env['PATH'], LMDECK_HOME: anna.home, LMDECK_PLUGINS: '' },
        encoding: 'utf8',
      },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'Usage: lmdeck prompt [prompt...] [options]\n', stderr: '' });
  });
});

describe('lmdeck keys', () => {
  test('are stored from stdin or --value, for their owner alone, and listed without values', async () => {
    using anna = user();
    expect(await anna.run(['keys', 'set', 'openai'], { input: 'sk-one-secret\n' })).toMatchObject({ code: 0, stdout: '' });
    await anna.run(['keys', 'set', 'other', '--value', 'sk-two-secret']);
    expect((await anna.run(['keys'])).stdout).toBe('openai\nother\n');
    expect((await anna.run(['keys', 'get', 'openai'])).stdout).toBe('sk-one-secret\n');
    const path = (await anna.run(['keys', 'path'])).stdout.trim();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await anna.run(['keys', 'remove', 'other'])).code).toBe(0);
    expect(await anna.run(['keys', 'get', 'openia'])).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean openai?') });
  });

  test('are not shown while they are typed', async () => {
    using anna = user();
    const terminal = runOnTerminal(anna, ['keys', 'set', 'openai']);
    await terminal.until('Key for openai: ');
    terminal.type('sk-wronk\u007F\u007F\u007Fng-key\r');
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain('sk-');
    expect((await anna.run(['keys', 'get', 'openai'])).stdout).toBe('sk-wrng-key\n');
  });
});

describe('lmdeck aliases and models', () => {
  test('an alias, a default and default options change what is asked', async () => {
    await using server = await chatServer(() => ({ text: ['ok'] }));
    using anna = user(server.url);
    expect((await anna.run(['aliases', 'set', 'b', 'local/big'])).code).toBe(0);
    expect(JSON.parse((await anna.run(['aliases', 'list', '--json'])).stdout)).toEqual({ b: 'local/big' });
    expect((await anna.run(['models', 'options', 'set', 'b', 'max_tokens', '7'])).code).toBe(0);
    await anna.run(['hi', '-m', 'b']);
    expect(server.requests[0]?.body.model).toBe('big');
    expect(JSON.stringify(server.requests[0]?.body)).toMatch(/"max(_completion)?_tokens":7/);
    expect((await anna.run(['models', 'options', 'show', 'b'])).stdout).toBe('  maxTokens: 7\n');
    expect((await anna.run(['models', 'options', 'set', 'b', 'max_tokens', 'many'])).code).toBe(2);
    expect((await anna.run(['models', 'options', 'set', 'b', 'temprature', '0'])).stderr).toMatch(
      /^Error: local\/big: unknown option "temprature"\. Did you mean temperature\? Options: /,
    );
    expect((await anna.run(['models', 'options', 'clear', 'b'])).code).toBe(0);
    expect(await anna.run(['models', 'default', 'b'])).toMatchObject({ code: 0, stderr: 'The default model is local/big now.\n' });
    await anna.run(['hi'], { env: { LMDECK_MODEL: '' } });
    expect(server.requests[1]?.body.model).toBe('big');
    expect((await anna.run(['aliases', 'remove', 'b'])).code).toBe(0);
    expect((await anna.run(['aliases', 'remove', 'b'])).code).toBe(1);
  });

  test('a server is added, its models can be asked, and it is removed again', async () => {
    await using server = await chatServer(() => ({ text: ['ok'] }));
    using anna = user();
    expect((await anna.run(['models', 'add', 'mine', server.url, '--model', 'one'])).code).toBe(0);
    expect((await anna.run(['hi', '-m', 'mine/one'])).stdout).toBe('ok\n');
    const models = JSON.parse((await anna.run(['models', '--json', '-q', 'mine'])).stdout);
    expect(models).toMatchObject([{ id: 'mine/one', source: 'mine' }]);
    expect((await anna.run(['models', 'remove', 'mine'])).code).toBe(0);
    expect((await anna.run(['models', 'remove', 'mine'])).code).toBe(1);
  });

  test('plugins that cannot be loaded are shown with the reason', async () => {
    using anna = user();
    writeFileSync(join(anna.home, 'broken.js'), 'throw new Error("no good");');
    writeFileSync(join(anna.home, 'config.json'), '{ "plugins": ["./broken.js"] }');
    const { PATH = '' } = process.env;
    const ended = spawnSync(process.execPath, [bin, 'plugins'], {
      cwd: anna.home,
      env: { PATH, LMDECK_HOME: anna.home },
      encoding: 'utf8',
    });
    expect(ended.status).toBe(1);
    expect(ended.stdout).toContain('no good');
  });

  test('a command of a plugin is called like any other', async () => {
    using anna = user();
    writeFileSync(
      join(anna.home, 'shout.js'),
      `export const plugin = { name: 'shout', commands: [{ name: 'shout', summary: 'Shouts', arguments: ['<word>'],
        options: [{ flags: '--times <n>', description: 'How often', default: '1' }, { flags: '--no-mark', description: 'Quietly' }], examples: ['lmdeck shout hi'],
        async run({ args, options, io }) { io.stdout.write((args[0].toUpperCase() + (options.mark ? '!' : '')).repeat(Number(options.times)) + '\\n'); return 3; } }] };`,
    );
    writeFileSync(join(anna.home, 'config.json'), '{ "plugins": ["./shout.js"] }');
    const env = { PATH: process.env['PATH'], LMDECK_HOME: anna.home };
    const shout = (...words: string[]) => spawnSync(process.execPath, [bin, 'shout', ...words], { cwd: anna.home, env, encoding: 'utf8' });
    expect(shout('hi', '--times', '2')).toMatchObject({ status: 3, stdout: 'HI!HI!\n' });
    expect(shout('hi', '--no-mark')).toMatchObject({ status: 3, stdout: 'HI\n' });
    expect(shout('--help').stdout).toContain('Usage: lmdeck shout <word> [options]');
    expect(shout()).toMatchObject({ status: 2 });
  });
});

describe('lmdeck logs', () => {
  test('lists, filters, searches, shows, truncates', async () => {
    await using server = await chatServer((_, index) => ({
      text: [`answer ${index} about ${index % 2 === 0 ? 'pelicans' : 'walruses'}`],
      usage: { prompt_tokens: 5, completion_tokens: 4 },
    }));
    using anna = user(server.url);
    for (const text of ['zero', 'one', 'two', 'three']) await anna.run([text, ...(text === 'two' ? ['-m', 'local/big'] : [])]);
    const json = async (...words: string[]): Promise<{ id: string; prompt: string }[]> =>
      JSON.parse((await anna.run(['logs', ...words, '--json'])).stdout);
    const prompts = async (...words: string[]): Promise<string[]> => (await json(...words)).map(({ prompt }) => prompt);
    expect(await prompts()).toEqual(['one', 'two', 'three']);
    expect(await prompts('-n', '0')).toEqual(['zero', 'one', 'two', 'three']);
    expect(await prompts('-n', '2', '-l')).toEqual(['three', 'two']);
    expect(await prompts('-m', 'local/big')).toEqual(['two']);
    expect(await prompts('-q', 'pelicans')).toEqual(['two', 'zero']);
    expect(await prompts('search', 'walruses', '-n', '1')).toEqual(['three']);
    expect(await prompts('--until', '1d')).toEqual([]);
    expect(await prompts('--since', '1h', '-n', '0')).toHaveLength(4);
    expect(await prompts('-c')).toEqual(['three']);
    const all = await json('-n', '0');
    const id = all[2]?.id ?? '';
    expect(await prompts('--id-gt', id)).toEqual(['three']);
    expect(await prompts('--id-gte', id)).toEqual(['two', 'three']);
    expect(await prompts('show', id)).toEqual(['two']);
    expect((await anna.run(['logs', '-r'])).stdout).toBe('answer 3 about walruses\n');
    expect((await anna.run(['logs', '-n', '1', '-u'])).stdout).toMatch(
      /^# \S+ {4}conversation: \w+ id: \w+\n\nModel: \*\*local\/small\*\*[^]*## Prompt\n\nthree\n\n## Response\n\nanswer 3 about walruses\n\n## Token usage\n\n5 input, 4 output/,
    );
    expect((await anna.run(['logs', '-s', '-n', '1'])).stdout).toMatch(
      /^- model: local\/small\n {2}datetime: .*\n {2}conversation: \w+\n {2}id: \w+\n {2}prompt: three\n$/,
    );
    expect((await anna.run(['logs', 'show', 'zzz'])).code).toBe(2);
    expect(await anna.run(['logs', '-q', '"unclosed'])).toMatchObject({ code: 2, stdout: '' });
    expect((await anna.run(['logs', '--status', 'fine'])).stderr).toContain('--status is one of ok, error');
    expect(await anna.run(['logs', 'verify'])).toMatchObject({ code: 0, stderr: 'All 4 calls are as they were recorded.\n' });
  });

  test('status, path, on, off, backup', async () => {
    await using server = await chatServer(() => ({ text: ['ok'] }));
    using anna = user(server.url);
    expect((await anna.run(['logs', 'status'])).stdout).toContain('Nothing is recorded yet.');
    expect((await anna.run(['logs', '--json'])).stdout).toBe('[]\n');
    expect(existsSync(join(anna.home, 'tape.db'))).toBe(false);
    await anna.run(['hi']);
    expect((await anna.run(['logs', 'status'])).stdout).toMatch(/^Logging: on \(the default[^]*Calls: 1 \(1 ok\)\nConversations: 1\n/);
    expect((await anna.run(['logs', 'path'])).stdout).toBe(`${join(anna.home, 'tape.db')}\n`);
    await anna.run(['logs', 'off']);
    expect((await anna.run(['logs', 'status'])).stdout).toMatch(/^Logging: off \("logging": false in .*config\.json\)/);
    await anna.run(['logs', 'on']);
    expect(JSON.parse((await anna.run(['logs', 'status', '--json'])).stdout)).toMatchObject({ logging: true, tape: { calls: { ok: 1 } } });
    const copy = join(anna.home, 'copy.db');
    expect((await anna.run(['logs', 'backup', copy])).code).toBe(0);
    expect(JSON.parse((await anna.run(['logs', '--json', '-d', copy])).stdout)).toMatchObject([{ prompt: 'hi' }]);
    expect((await anna.run(['logs', 'backup', copy])).code).toBe(1);
  });
});

describe('lmdeck debug', () => {
  test('decodes a recorded answer, however it is split', async () => {
    using anna = user();
    const file = join(anna.home, 'answer.sse');
    writeFileSync(
      file,
      'data: {"id":"x","choices":[{"index":0,"delta":{"content":"Grüße"}}]}\n\ndata: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    );
    const decode = async (...words: string[]): Promise<unknown> => JSON.parse((await anna.run(['debug', 'decode', file, ...words])).stdout);
    expect(await decode()).toMatchObject({
      samples: [{ message: { parts: [{ type: 'text', text: 'Grüße' }] }, finish: { reason: 'stop' } }],
      error: null,
    });
    expect(await decode('--split', '1', '--api', 'chat')).toEqual(await decode());
    expect(await decode('--status', '429')).toMatchObject({ error: { code: 'rate-limit', status: 429 } });
    expect(await anna.run(['debug', 'decode', 'nowhere'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: Cannot read nowhere: there is no such file.\n',
    });
    expect((await anna.run(['debug', 'decode', file, '--api', 'fax'])).code).toBe(2);
  });

  test('decodes an event stream', async () => {
    using anna = user();
    const file = join(anna.home, 'stream.sse');
    writeFileSync(file, ': hello\r\nretry: 100\nevent: ping\nid: 7\ndata: a\ndata: b\n\ndata: incomplete');
    for (const split of [[], ['--split', '1']]) {
      expect(JSON.parse((await anna.run(['debug', 'sse', file, ...split])).stdout)).toEqual({
        events: [{ data: 'a\nb', event: 'ping', id: '7' }],
        retry: 100,
        comments: ['hello'],
      });
    }
  });
});

describe('completion', () => {
  test('knows commands, options, models and aliases, and never fails', async () => {
    using anna = user('http://127.0.0.1:9/v1');
    await anna.run(['aliases', 'set', 'mini', 'local/mini']);
    const complete = async (...words: string[]): Promise<string[]> =>
      (await anna.run(['__complete', '--', ...words])).stdout
        .split('\n')
        .map((line) => line.split('\t')[0] ?? '')
        .filter((line) => line !== '');
    expect(await complete('lo')).toEqual(['logs']);
    expect(await complete('logs', '')).toEqual(expect.arrayContaining(['list', 'show', 'search', 'status']));
    expect(await complete('logs', 'list', '--trun')).toEqual(['--truncate']);
    expect(await complete('logs', '--js')).toEqual(['--json']);
    expect(await complete('--usa')).toEqual(['--usage']);
    expect(await complete('-m', 'mi')).toEqual(['mini']);
    expect(await complete('chat', '-m', 'mi')).toEqual(['mini']);
    expect(await complete('aliases', 'remove', '')).toEqual(['mini']);
    writeFileSync(join(anna.home, 'aliases.json'), '{ broken');
    expect(await anna.run(['__complete', '--', '-m', ''])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('the bash script works in bash', async () => {
    using anna = user('http://127.0.0.1:9/v1');
    const script = `lmdeck() { '${process.execPath}' '${bin}' "$@"; }
eval "$(lmdeck completion bash)"
COMP_WORDS=(lmdeck logs sta); COMP_CWORD=2; _lmdeck; echo "\${COMPREPLY[@]}"
COMP_WORDS=(lmdeck ""); COMP_CWORD=1; _lmdeck; echo "\${#COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('/bin/bash', ['--norc', '-c', script], {
      env: { PATH: process.env['PATH'], LMDECK_HOME: anna.home, LMDECK_PLUGINS: '' },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const [status, count] = stdout.split('\n');
    expect(status).toBe('status');
    expect(Number(count)).toBeGreaterThan(8);
  });
});

describe('on a terminal', () => {
  test('Markdown is rendered, unless it is not wanted; the words are the same', async () => {
    await using server = await chatServer(() => ({ text: ['# Ti', 'tle\n\nSome **bo', 'ld** text\n'] }));
    using anna = user(server.url);
    const rendered = runOnTerminal(anna, ['hi']);
    expect(await rendered.ended).toBe(0);
    expect(rendered.shown()).toContain('\u001B[1mbold\u001B[22m');
    for (const [words, env] of [
      [['hi', '--no-markdown'], {}],
      [['hi'], { NO_COLOR: '1' }],
      [['hi'], { TERM: 'dumb' }],
      [['hi'], { LMDECK_MARKDOWN: '0' }],
    ] as const) {
      const raw = runOnTerminal(anna, words, env);
      expect(await raw.ended).toBe(0);
      expect(raw.shown()).toBe('# Title\r\n\r\nSome **bold** text\r\n');
    }
  });

  test('one that does not know its size is taken for one of 80 columns', async () => {
    await using server = await chatServer(() => ({ text: ['Some **bo', 'ld** text\n'] }));
    using anna = user(server.url);
    for (const words of [['hi'], ['logs']]) {
      const rendered = runOnTerminal(anna, words, {}, 'cols 0 rows 0');
      expect(await rendered.ended).toBe(0);
      expect(rendered.shown()).toContain('Some \u001B[1mbold\u001B[22m text\r\n');
      expect(rendered.shown()).not.toContain('Infinity');
    }
  });

  test('alone it shows its help', async () => {
    using anna = user();
    const terminal = runOnTerminal(anna, []);
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).toContain('Usage: lmdeck');
  });
});
