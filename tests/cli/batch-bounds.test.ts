import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { user, type User } from './support/lmdeck.ts';
import { rowServer, say } from './support/row-server.ts';
import { runOnTerminal } from './support/terminal.ts';

function writeRows(anna: User, count: number): void {
  writeFileSync(join(anna.home, 'in.jsonl'), Array.from({ length: count }, (_, i) => `"row ${i}"\n`).join(''));
}

function texts(anna: User, name = 'out.jsonl'): unknown[] {
  return readFileSync(join(anna.home, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line).text);
}

const RUN = ['batch', 'run', 'in.jsonl', '-o', 'out.jsonl'];
const answers = (count: number): string[] => Array.from({ length: count }, (_, i) => `re row ${i}`);

test('--window bounds how many rows have begun and are not written', async () => {
  let [open, most] = [0, 0];
  await using server = await rowServer(async (prompt, response) => {
    most = Math.max(most, ++open);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    open--;
    say(response, `re ${prompt}`);
  });
  using anna = user(server.url);
  writeRows(anna, 30);
  expect((await anna.run([...RUN, '--concurrency', '8', '--window', '2'])).code).toBe(0);
  expect([texts(anna), most]).toEqual([answers(30), 2]);
}, 60_000);

test('--cache answers from what any run has asked', async () => {
  await using server = await rowServer((prompt, response) => say(response, `re ${prompt}`));
  using anna = user(server.url);
  writeRows(anna, 5);
  expect((await anna.run(RUN)).code).toBe(0);
  expect((await anna.run([...RUN, '--new', '--overwrite', '--cache'])).code).toBe(0);
  expect([texts(anna), server.count]).toEqual([answers(5), 5]);
  expect((await anna.run([...RUN, '--new', '--overwrite'])).code).toBe(0);
  expect([texts(anna), server.count]).toEqual([answers(5), 10]);
}, 60_000);

test('--max-cost ends the run before it costs more; with a higher one it goes on', async () => {
  await using server = await rowServer((prompt, response) => say(response, `re ${prompt}`));
  using anna = user(server.url);
  // A row takes 5 tokens and gives 2: a tenth of a cent.
  writeFileSync(join(anna.home, 'prices.yaml'), 'local/small: { input: 100, output: 250 }\n');
  writeRows(anna, 40);
  const first = await anna.run([...RUN, '--concurrency', '2', '--max-cost', '0.02']);
  expect([first.code, first.stderr]).toEqual([1, expect.stringContaining('(--max-cost)')]);
  expect(server.count).toBeGreaterThan(10);
  expect(server.count).toBeLessThanOrEqual(20);
  expect(await anna.run([...RUN, '--max-cost', '$1'])).toMatchObject({ code: 0, stderr: expect.stringContaining('40 rows, 40 ok') });
  expect([texts(anna), server.count]).toEqual([answers(40), 40]);
  expect(JSON.parse((await anna.run(['batch', 'show', '--json'])).stdout)).toMatchObject({ tally: { cost_micros: 40_000 } });
}, 60_000);

test('a full disk under the output: the run says so and stops; what was answered is not asked again', async ({ skip }) => {
  await using server = await rowServer((prompt, response) => say(response, `re ${prompt}`));
  using anna = user(server.url);
  const disk = join(anna.home, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status !== 0) skip('needs the right to mount');
  onTestFinished(() => void spawnSync('umount', [disk]));
  try {
    writeRows(anna, 2000);
    const run = ['batch', 'run', 'in.jsonl', '-o', 'disk/out.jsonl'];
    const first = await anna.run(run);
    expect([first.code, first.stderr]).toEqual([1, expect.stringMatching(/Cannot write .*disk\/out.jsonl: the disk is full.*on the tape/)]);
    expect(server.count).toBeLessThan(2000);
    spawnSync('mount', ['-o', 'remount,size=8m', disk]);
    expect((await anna.run(run)).code).toBe(0);
    expect([texts(anna, 'disk/out.jsonl'), server.count]).toEqual([answers(2000), 2000]);
  } finally {
    spawnSync('umount', [disk]);
  }
}, 60_000);

test('on a terminal a line tells how far it is; Ctrl-C there lets what is under way end', async () => {
  const held: (() => void)[] = [];
  let isHeld = true;
  // By row and not by arrival: requests overtake each other, and then a row below the others would be held.
  await using server = await rowServer((prompt, response) => {
    if (Number(/\d+/.exec(prompt)?.[0]) < 20 || !isHeld) say(response, `re ${prompt}`);
    else held.push(() => say(response, `re ${prompt}`));
  });
  using anna = user(server.url);
  writeRows(anna, 200);
  const terminal = runOnTerminal(anna, [...RUN, '--concurrency', '4']);
  // Nothing ends any more, and it is told all the same.
  await terminal.until('20 rows of about');
  terminal.type('\u0003');
  await terminal.until('Ctrl-C again stops at once');
  isHeld = false;
  for (const answer of held) answer();
  expect(await terminal.ended).toBe(130);
  const shown = terminal.shown();
  expect(shown).toMatch(/20 rows of about 2\d\d · \d+ under way · [\d.,]+ rows\/s/);
  for (const line of shown.split(/[\r\n]/).filter((each) => each.includes('rows/s')))
    expect(line.replace('\u001B[K', '').length).toBeLessThan(80);
  expect(shown).toContain('Nothing is lost');
  const written = texts(anna).length;
  expect(written).toBeGreaterThanOrEqual(20);
  expect(texts(anna)).toEqual(answers(written));
}, 60_000);

test.each([
  ['by itself', ''],
  ['with limits of the endpoint', '  limits: { requestsPerMinute: 100000 }\n'],
])(
  'a server that asks to wait longer than a minute is waited for, %s',
  async (_, limits) => {
    await using server = await rowServer((_prompt, response) => {
      response.on('finish', () => child.kill('SIGINT'));
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '3600' }).end('{"error": {"message": "come tomorrow"}}');
    });
    using anna = user(server.url);
    writeFileSync(join(anna.home, 'endpoints.yaml'), `local:\n  baseUrl: ${server.url}\n${limits}`);
    writeRows(anna, 1);
    const { child, ended, until } = anna.start(RUN);
    await until('Ctrl-C again stops at once');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stderr: expect.not.stringContaining('tomorrow') });
    expect(texts(anna)).toEqual([]);
  },
  60_000,
);
