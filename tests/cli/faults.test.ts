import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:https';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { testCertificate, testKey } from '../../packages/lmdeck/src/transport/test-support/certificate.ts';
import { closedPort, listen } from '../../packages/lmdeck/src/transport/test-support/loopback.ts';
import { chatServer, type Answer } from './support/chat-server.ts';
import { bin, user, type User } from './support/lmdeck.ts';
import { runOnTerminal } from './support/terminal.ts';

const LINE = /^Error: [^\n]+\n$/;

async function rows(anna: User): Promise<{ readonly [key: string]: unknown }[]> {
  return JSON.parse((await anna.run(['logs', '--json', '-n', '0'])).stdout);
}

describe('a server that does not do what it should', () => {
  test.each<[string, Answer, RegExp, string, number]>([
    [
      'a web page of a proxy',
      { status: 502, body: '<html><head><title>502 Bad Gateway</title></head>\n<body>nginx</body></html>', headers: html() },
      /HTTP 502: 502 Bad Gateway \(after 3 attempts\)/,
      'server',
      3,
    ],
    [
      'a web page instead of an answer',
      { body: '<title>Welcome</title>', headers: html() },
      /web page titled "Welcome"/,
      'invalid-response',
      1,
    ],
    ['bytes', { body: Uint8Array.of(0, 1, 255, 254, 10), headers: { 'content-type': 'x/y' } }, /instead of/, 'invalid-response', 1],
    ['an event that is not JSON', { body: 'data: {oops\n\n', headers: events() }, /event 1 .*\{oops/, 'invalid-response', 1],
    ['JSON that is cut off', { body: '{"choices":[{"index":0,"mess' }, /stopped in the middle of its JSON/, 'incomplete-response', 3],
    ['a rejected key', { status: 401, body: '{"error":{"message":"who?"}}' }, /HTTP 401: who\?.*key/, 'authentication', 1],
    ['an unknown model', { status: 404, body: '{"error":{"message":"no such model"}}' }, /no such model/, 'not-found', 1],
    [
      'a limit that ends tomorrow',
      { status: 429, body: '{"error":{"message":"quota"}}', headers: { 'retry-after': '86400' } },
      /HTTP 429: quota\. The server asks to wait 24 h\./,
      'rate-limit',
      1,
    ],
  ])('%s', async (_, answer, message, code, attempts) => {
    await using server = await chatServer(() => answer);
    using anna = user(server.url);
    const ended = await anna.run(['hi']);
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toMatch(LINE);
    expect(ended.stderr).toMatch(message);
    expect(await rows(anna)).toMatchObject([{ status: 'error', error: { code }, attempts, response: null }]);
  });

  test('an answer without any text is told', async () => {
    await using server = await chatServer(() => ({}));
    using anna = user(server.url);
    expect(await anna.run(['hi'])).toEqual({ code: 0, stdout: '', stderr: 'Warning: the answer is empty.\n' });
    expect(await anna.run(['logs', '-r'])).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('has no response') });
  });

  test('a server that is down, a name that does not exist', async () => {
    using down = user(`http://127.0.0.1:${await closedPort()}/v1`);
    expect(await down.run(['hi'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: .*nothing listens there.*\n$/),
    });
    expect(await rows(down)).toMatchObject([{ status: 'error', error: { code: 'network' } }]);
    using nowhere = user('http://nope.invalid/v1');
    expect(await nowhere.run(['hi'])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^Error: .*nope\.invalid.*\n$/) });
  });

  test('a certificate that nobody vouches for, and how it is trusted', async () => {
    const answer = '{"choices":[{"index":0,"message":{"role":"assistant","content":"safe"},"finish_reason":"stop"}]}';
    const tls = createServer({ cert: testCertificate, key: testKey }, (request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    });
    await using server = await listen(tls, 'https');
    using anna = user();
    const url = `https://127.0.0.1:${server.port}/v1`;
    writeFileSync(join(anna.home, 'endpoints.yaml'), `local:\n  baseUrl: ${url}\n`);
    const { code, stdout, stderr } = await anna.run(['hi']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(LINE);
    expect(stderr).toMatch(/certificate is not trusted.*tls\.ca/);
    writeFileSync(join(anna.home, 'ca.pem'), testCertificate);
    writeFileSync(join(anna.home, 'endpoints.yaml'), `local:\n  baseUrl: ${url}\n  tls:\n    ca: ca.pem\n`);
    expect(await anna.run(['hi', '--no-stream'])).toEqual({ code: 0, stdout: 'safe\n', stderr: '' });
  });

  test('who waits for another attempt is told why: on a terminal, and when debugging', async () => {
    const busy: Answer = { status: 429, body: '{"error":{"message":"slow down sk-very-secret"}}', headers: { 'retry-after-ms': '1' } };
    await using server = await chatServer((_, index) => (index % 2 === 0 ? busy : { text: ['fine'] }));
    using anna = user(server.url);
    expect(await anna.run(['hi'])).toEqual({ code: 0, stdout: 'fine\n', stderr: '' });
    const debugged = await anna.run(['hi', '--key', 'sk-very-secret'], { env: { LMDECK_DEBUG: '1' } });
    expect(debugged).toMatchObject({ code: 0, stdout: 'fine\n' });
    expect(debugged.stderr).toMatch(/^Retrying in \d+ ms \(attempt 2 of 7\): .*slow down …\n$/);
    const terminal = runOnTerminal(anna, ['hi', '--no-markdown']);
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).toMatch(/^Retrying in .*\r\nfine\r\n$/);
  });
});

describe('mistakes of the user', () => {
  test.each([
    ['keys.json', '{ "a": "b",\n  oops'],
    ['config.json', '{ "a": "b",\n  oops'],
    ['aliases.json', '{ "a": "b",\n  oops'],
    ['endpoints.yaml', 'local: {\n  oops'],
  ])('a broken %s is shown with its place', async (name, text) => {
    using anna = user('http://127.0.0.1:9/v1');
    writeFileSync(join(anna.home, name), text, { mode: 0o600 });
    const { code, stdout, stderr } = await anna.run(['hi']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(LINE);
    expect(stderr).toContain(`${join(anna.home, name)}:2:`);
  });

  test('no key', async () => {
    using anna = user();
    const { code, stderr } = await anna.run(['hi', '-m', 'openai/gpt-5']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: openai: no API key\..*lmdeck keys set openai.*OPENAI_API_KEY.*\n$/);
  });

  test('a server is not a model', async () => {
    using anna = user('http://127.0.0.1:9/v1');
    for (const name of ['local', 'local/']) {
      const { code, stderr } = await anna.run(['hi', '-m', name]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Error: "local\/?" is a server, not a model\..*local\/….*\n$/);
    }
  });

  test.each([
    ['{bad', 'this is not JSON'],
    ['name date', '"date" is not a type'],
    ['nofile.json', 'There is no schema file nofile.json'],
    ['./none/dog', 'There is no schema file ./none/dog'],
    ['list.json', 'list.json: a JSON Schema must be a JSON object'],
    ['broken.json', 'broken.json: schema: this is not JSON'],
  ])('--schema %s asks nobody', async (schema, message) => {
    await using server = await chatServer(() => ({ text: ['{}'] }));
    using anna = user(server.url);
    writeFileSync(join(anna.home, 'list.json'), '[1');
    writeFileSync(join(anna.home, 'broken.json'), '{ "type": ');
    const { code, stderr } = await anna.run(['hi', '--schema', schema]);
    expect(code).toBe(2);
    expect(stderr).toMatch(LINE);
    expect(stderr).toContain(message);
    expect(server.requests).toEqual([]);
  });

  test('a home that is a file', async () => {
    using anna = user();
    writeFileSync(join(anna.home, 'file'), '');
    const { code, stderr } = await anna.run(['hi'], { env: { LMDECK_HOME: join(anna.home, 'file') } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: .*is a file, not a folder\..*LMDECK_HOME.*\n$/);
  });
});

describe('what is asked', () => {
  test('a megabyte from stdin arrives whole', async () => {
    await using server = await chatServer(() => ({ text: ['long'] }));
    using anna = user(server.url);
    const input = 'line of text\n'.repeat(80_000);
    expect(await anna.run(['sum up'], { input })).toEqual({ code: 0, stdout: 'long\n', stderr: '' });
    expect(server.requests[0]?.body.messages).toEqual([{ role: 'user', content: `${input} sum up` }]);
    expect(await rows(anna)).toMatchObject([{ prompt: `${input} sum up` }]);
  });

  test('bytes that are no UTF-8 become replacement characters, with a warning, and are recorded as they were sent', async () => {
    await using server = await chatServer(() => ({ text: ['odd'] }));
    using anna = user(server.url);
    const input = Buffer.concat([Buffer.from('\uFEFFcaf'), Buffer.of(0xe9, 0x20, 0xff), Buffer.from('é')]);
    const { code, stdout, stderr } = await anna.run(['what?'], { input });
    expect([code, stdout]).toEqual([0, 'odd\n']);
    expect(stderr).toMatch(/^Warning: stdin is not UTF-8; [^\n]*\n$/);
    expect(server.requests[0]?.body.messages).toEqual([{ role: 'user', content: 'caf\uFFFD \uFFFDé what?' }]);
    expect(await rows(anna)).toMatchObject([{ prompt: 'caf\uFFFD \uFFFDé what?' }]);
  });
});

describe('output', () => {
  const text = Array.from({ length: 4000 }, (_, index) => `line ${index} ${'x'.repeat(50)}\n`);

  test.each([
    ['a pipe', '| cat'],
    ['a file', '> out; cat out'],
    ['a reader that begins late', '| (read -r first; echo "$first"; sleep 0.3; cat)'],
  ])('nothing is lost into %s', async (_, target) => {
    await using server = await chatServer(() => ({ text }));
    using anna = user(server.url);
    const child = spawn('/bin/bash', ['--norc', '-c', `'${process.execPath}' '${bin}' -m local/small hi < /dev/null ${target}`], {
      cwd: anna.home,
      env: { PATH: process.env['PATH'], LMDECK_HOME: anna.home, LMDECK_PLUGINS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let shown = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) shown += String(chunk);
    expect(shown.length).toBe(text.join('').length);
    expect(shown).toBe(text.join(''));
    expect(await rows(anna)).toMatchObject([{ status: 'ok', response: text.join('') }]);
  });
});

describe('processes', () => {
  test('many at once on a new tape: every call is there', async () => {
    await using server = await chatServer(() => ({ text: ['ok'] }));
    using anna = user(server.url);
    const names = Array.from({ length: 12 }, (_, index) => `prompt ${index}`);
    for (const ended of await Promise.all(names.map((name) => anna.run([name])))) {
      expect(ended).toEqual({ code: 0, stdout: 'ok\n', stderr: '' });
    }
    const prompts = (await rows(anna)).map((row) => row['prompt']);
    expect(prompts).toHaveLength(names.length);
    expect(new Set(prompts)).toEqual(new Set(names));
  });

  test('one that is killed in the middle leaves what had come', async () => {
    await using server = await chatServer(() => ({ text: ['So far. '], endless: true }));
    using anna = user(server.url);
    const { child, ended, until } = anna.start(['hi'], { input: '' });
    await until('So far');
    // Twice a second what has come is put on the tape.
    while ((await recorded(anna)) === null) continue;
    child.kill('SIGKILL');
    await ended;
    expect(await rows(anna)).toMatchObject([{ status: 'interrupted', response: expect.stringMatching(/^(So far\. )+$/) }]);
  });
});

/** What the tape has of the answer; null for nothing. */
async function recorded(anna: User): Promise<unknown> {
  const { stdout } = await anna.run(['logs', '--json']);
  return stdout === '' ? null : (JSON.parse(stdout)[0]?.response ?? null);
}

describe('lmdeck logs', () => {
  test('times are local, with the zone', async () => {
    await using server = await chatServer(() => ({ text: ['ok'] }));
    using anna = user(server.url);
    await anna.run(['hi']);
    const [row] = await rows(anna);
    const utc = String(row?.['datetime_utc']);
    expect(utc).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    for (const [zone, offset] of [
      ['Asia/Kolkata', '+05:30'],
      ['America/St_Johns', /-0[23]:30/.source],
      ['UTC', 'Z'],
    ] as const) {
      const shown = (await anna.run(['logs'], { env: { TZ: zone } })).stdout;
      const [, time = ''] = new RegExp(`^# (\\S+${offset.replace('+', '\\+')}) `).exec(shown) ?? [];
      expect(new Date(time).getTime()).toBe(Math.floor(Date.parse(utc) / 1000) * 1000);
      expect((await anna.run(['logs', '-s'], { env: { TZ: zone } })).stdout).toContain(`datetime: ${time}\n`);
      expect((await anna.run(['logs', 'conversations'], { env: { TZ: zone } })).stdout).toContain(time);
    }
  });

  test('a folder in place of the tape, a file that is none, no file', async () => {
    using anna = user();
    mkdirSync(join(anna.home, 'folder'));
    writeFileSync(join(anna.home, 'text'), 'not a database, but long enough to be looked at as one');
    for (const name of ['folder', 'text', 'nothing']) {
      const { code, stdout, stderr } = await anna.run(['logs', '-d', join(anna.home, name)]);
      expect([name, code, stdout]).toEqual([name, 1, '']);
      expect(stderr).toMatch(LINE);
      expect(stderr).toContain(join(anna.home, name));
    }
  });
});

test.each(['bash', 'zsh', 'fish'])('the completion script for %s can be sourced', (shell) => {
  const script = spawnSync(process.execPath, [bin, 'completion', shell], { encoding: 'utf8' }).stdout;
  expect(script).toContain('lmdeck __complete --');
  const checked = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
  // Shells that are not installed cannot say anything.
  if (checked.error === undefined) expect(checked).toMatchObject({ status: 0, stderr: '' });
});

function html(): Readonly<Record<string, string>> {
  return { 'content-type': 'text/html' };
}

function events(): Readonly<Record<string, string>> {
  return { 'content-type': 'text/event-stream' };
}

test('what is on a tape that may not be written can be continued and answers again, with a warning', async ({ skip }) => {
  await using server = await chatServer(({ body }) => ({ text: [`${body.messages.length} messages`] }));
  using anna = user(server.url);
  const disk = join(anna.home, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', disk]).status !== 0) skip('needs the right to mount');
  try {
    const tape = ['-d', join(disk, 'tape.db')];
    await anna.run(['hi', ...tape]);
    spawnSync('mount', ['-o', 'remount,ro', disk]);
    // What was answered before is not asked and paid for again.
    expect((await anna.run(['hi', '--cache', ...tape])).stdout).toBe('1 messages\n');
    expect(server.requests).toHaveLength(1);
    const { code, stdout, stderr } = await anna.run(['and?', '-c', ...tape]);
    expect([code, stdout]).toEqual([1, '3 messages\n']);
    expect(stderr).toContain('Warning: the call is not recorded: Cannot open the tape');
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
});
