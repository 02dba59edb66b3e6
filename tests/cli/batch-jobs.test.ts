import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { batchServer } from '../../packages/lmdeck/src/batch/test-support/batch-server.ts';
import { user, type User } from './support/lmdeck.ts';
import { rowServer, say } from './support/row-server.ts';

type Line = Readonly<Record<string, unknown>>;

function file(anna: User, name: string, text: string): void {
  writeFileSync(join(anna.home, name), text);
}

function lines(anna: User, name: string): Line[] {
  return readFileSync(join(anna.home, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Without what differs between two askings of the same. */
function comparable(line: Line): Line {
  const { calls: _calls, usage: _usage, ...rest } = line;
  return rest;
}

const PRICES = 'local/small: { input: 2, output: 8 }\n';
const halfPrice = (url: string): string => `local:\n  baseUrl: ${url}\n  batches: { protocol: openai, priceShare: 0.5 }\n`;
const ROWS =
  '{"id":"a","prompt":"first"}\n{"prompt":"second","samples":2,"options":{"temperature":1}}\nno JSON\n{"text":"third","system":"Be brief"}\n';
const OFFLINE = ['batch', 'run', 'in.jsonl', '-o', 'out.jsonl', '--offline'];

test('jobs read the same rows and write the same lines as calls one by one', async () => {
  await using jobs = await batchServer('openai', { looks: 0 });
  await using calls = await rowServer((prompt, response, _count, { n }) => say(response, `Re: ${prompt}`, n));
  using anna = user(jobs.url);
  using ben = user(calls.url);
  const line = (id: string, content: string): string => JSON.stringify({ custom_id: id, body: { messages: [{ role: 'user', content }] } });
  for (const each of [anna, ben]) {
    file(each, 'in.jsonl', ROWS);
    file(each, 'in.csv', 'word,note\ncat,"a ""b"""\nbroken\ndog,x\n');
    file(each, 'lines.jsonl', `${line('x', 'hi')}\n${line('y', 'ho')}\n${line('x', 'again')}\n`);
  }
  for (const args of [
    ['in.jsonl', '-o', 'plain.jsonl', '-s', 'Be kind', '-p', 'seed', '7'],
    ['in.csv', '-t', 'Plural of {{ word }} ({{ note }})?', '--join', 'flat', '--keep', 'word', '-o', 'flat.jsonl'],
    ['in.jsonl', '-o', 'limited.jsonl', '--limit', '2', '-n', '2', '--join', 'none'],
  ]) {
    const online = await ben.run(['batch', 'run', ...args]);
    const offline = await anna.run(['batch', 'run', ...args, '--offline']);
    expect([offline.code, offline.stderr]).toEqual([online.code, expect.stringContaining('is finished')]);
    const name = args.find((arg) => /^(?:plain|flat|limited)\./.test(arg)) ?? '';
    expect(lines(anna, name).map(comparable)).toEqual(lines(ben, name).map(comparable));
  }
  // What was handed in and is fetched later is the same, as a table too.
  const table = ['in.csv', '-t', 'Plural of {{ word }}?'];
  expect((await ben.run(['batch', 'run', ...table, '-o', 'out.csv'])).code).toBe(3);
  const run = (await anna.run(['batch', 'submit', ...table])).stdout.trim();
  expect((await anna.run(['batch', 'wait', run, '-o', 'out.csv'])).code).toBe(3);
  const csv = (each: User): string =>
    readFileSync(join(each.home, 'out.csv'), 'utf8')
      .replaceAll(/"\[""\w+""\]"/g, 'CALLS')
      .replaceAll(/,(?:5,2|10,5),CALLS/g, ',CALLS');
  expect(csv(anna)).toBe(csv(ben));
  expect(csv(anna)).toContain('Plural of dog?,stop,local/small,CALLS,dog,x');

  const [first, second, third] = (await anna.run(['batch', 'run', 'lines.jsonl', '-o', '-', '--offline'])).stdout.trim().split('\n');
  expect(JSON.parse(first ?? '')).toMatchObject({
    custom_id: 'x',
    response: { status_code: 200, body: { model: 'local/small' } },
    error: null,
  });
  expect([JSON.parse(second ?? '').custom_id, JSON.parse(third ?? '').error.message]).toEqual([
    'y',
    expect.stringContaining('occurs before'),
  ]);
}, 60_000);

test('left, killed and begun again, by the same command or by wait: one job, each row paid once', async () => {
  let onLook = (): void => undefined;
  let isOpen = true;
  await using server = await batchServer('openai', {
    looks: 0,
    look: () => {
      onLook();
      // The provider is not to be reached, until somebody says so.
      return isOpen ? 503 : undefined;
    },
  });
  using anna = user(server.url);
  file(anna, 'prices.yaml', PRICES);
  file(anna, 'endpoints.yaml', halfPrice(server.url));
  file(anna, 'in.jsonl', ROWS);
  const leave = async (signal: 'SIGINT' | 'SIGKILL', args = OFFLINE) => {
    const looked = Promise.withResolvers<undefined>();
    onLook = () => looked.resolve(undefined);
    const { child, ended } = anna.start(args);
    await looked.promise;
    child.kill(signal);
    return ended;
  };
  const first = await leave('SIGINT');
  const run = /lmdeck batch wait (\w{26})/.exec(first.stderr)?.[1] ?? '';
  expect([first.code, first.stderr]).toEqual([130, expect.stringContaining('Detached: the jobs go on.')]);
  expect((await leave('SIGKILL')).code).toBe(null);
  expect((await leave('SIGKILL', ['batch', 'wait', run])).code).toBe(null);
  expect((await anna.run(['batch', 'ls'])).stdout).toMatch(
    new RegExp(`^${run}.*offline  at the provider  local/small .*in.jsonl → .*out.jsonl  4 rows`),
  );

  // Other rows under the same output would pay for these twice, as long as they are open.
  file(anna, 'in.jsonl', `${ROWS}"fourth"\n`);
  const changed = await anna.run(OFFLINE);
  expect([changed.code, changed.stderr]).toEqual([2, expect.stringContaining(`lmdeck batch wait ${run}`)]);
  file(anna, 'in.jsonl', ROWS);

  isOpen = false;
  expect(await anna.run(OFFLINE)).toMatchObject({ code: 3, stderr: expect.stringContaining('Wrote 4 of 4 rows') });
  expect(server.store.jobs).toHaveLength(1);
  expect([...server.store.paid.values()]).toEqual([1, 1, 1]);
  const written = readFileSync(join(anna.home, 'out.jsonl'), 'utf8');
  rmSync(join(anna.home, 'out.jsonl'));
  // Again: nothing is asked, and the output is written where it was meant to be.
  expect((await anna.run(['batch', 'wait', run])).code).toBe(3);
  expect(readFileSync(join(anna.home, 'out.jsonl'), 'utf8')).toBe(written);
  expect((await anna.run(['batch', 'run', '--run', run])).code).toBe(3);

  const [listed] = JSON.parse((await anna.run(['batch', 'ls', '--json'])).stdout);
  // Half the price of two rows with one sample, 10 · 2 + 5 · 8 each, and of one with two.
  expect(listed).toMatchObject({ run, kind: 'offline', status: 'incomplete', tally: { rows: 4, ok: 3, failed: 1, cost_micros: 110 } });
  expect((await anna.run(['batch', 'show'])).stdout).toMatch(
    /incomplete \(jobs of the provider\)[^]*4 rows, 3 ok, 1 failed \(invalid-request 1\)[^]*\$0\.00011/,
  );
  expect((await anna.run(['batch', 'show', '--failed'])).stdout).toContain('in.jsonl:3');

  // When they are done, what both have is not asked again.
  file(anna, 'in.jsonl', `${ROWS}"fourth"\n`);
  expect((await anna.run(OFFLINE)).code).toBe(3);
  expect(server.store.jobs.map((job) => job.rows.length)).toEqual([3, 1]);
  expect(lines(anna, 'out.jsonl').map(({ status }) => status)).toEqual(['ok', 'ok', 'error', 'ok', 'ok']);
}, 60_000);

test('rows that failed are handed in again; what is left can be asked at once, and what was answered is on the tape', async () => {
  let isHealthy = false;
  await using server = await batchServer('openai', {
    looks: 0,
    row: ({ text }) => (text === 'second' && !isHealthy ? 'refused' : 'ok'),
  });
  using anna = user(server.url);
  file(anna, 'in.jsonl', '"first"\n"second"\n"third"\n');
  expect((await anna.run(OFFLINE)).code).toBe(3);
  const run = JSON.parse((await anna.run(['batch', 'ls', '--json'])).stdout)[0].run;

  // Online under the same run: the server of this test answers only jobs, so whatever is asked fails.
  const online = await anna.run(['batch', 'run', 'in.jsonl', '--run', run, '-o', 'online.jsonl', '--retries', '0']);
  expect([online.code, online.stderr]).toEqual([3, expect.stringContaining('3 rows, 2 ok, 1 failed (not-found 1)')]);
  expect(lines(anna, 'online.jsonl').map(({ text }) => text)).toEqual(['Re: first', undefined, 'Re: third']);
  const asked = JSON.parse((await anna.run(['logs', '--json', '-n', '0'])).stdout);
  expect(asked).toHaveLength(4);

  file(anna, 'in.jsonl', '"first"\n"second"\n"third"\n"fourth"\n');
  expect((await anna.run([...OFFLINE.slice(0, 4), 'jobs.jsonl', '--offline'])).code).toBe(3);
  isHealthy = true;
  const again = await anna.run(['batch', 'retry-failed']);
  expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('is handed in')]);
  expect(server.store.jobs.at(-1)?.rows.map(({ text }) => text)).toEqual(['second']);
  expect(await anna.run(['batch', 'wait'])).toMatchObject({ code: 0, stderr: expect.stringContaining('is finished') });
  expect(lines(anna, 'jobs.jsonl').map(({ text }) => text)).toEqual(['first', 'second', 'third', 'fourth'].map((text) => `Re: ${text}`));
  expect(await anna.run(['batch', 'retry-failed'])).toMatchObject({ code: 0 });
  expect(await anna.run(['batch', 'retry-failed', '--max-cost', '1'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('single calls'),
  });
}, 60_000);

test('what cannot be meant is said before anything is handed in', async () => {
  await using server = await batchServer('openai', { looks: 0 });
  using anna = user(server.url);
  file(anna, 'in.jsonl', '"first"\n');
  file(anna, 'taken.jsonl', 'mine\n');
  const problem = async (...args: string[]) => {
    const { code, stderr } = await anna.run(['batch', 'run', 'in.jsonl', '--offline', ...args]);
    return [code, stderr.split('\n')[0]];
  };
  expect(await problem('--max-cost', '1')).toEqual([2, expect.stringContaining('--max-cost is about single calls')]);
  file(anna, 'run.yaml', 'maxCost: 1\n');
  expect(await problem('--config', 'run.yaml')).toEqual([2, expect.stringContaining('--max-cost is about single calls')]);
  expect(await problem('-o', 'in.jsonl', '--overwrite')).toEqual([2, expect.stringContaining('is the file that the rows are read from')]);
  expect(await problem('-o', 'taken.jsonl')).toEqual([2, expect.stringContaining('--overwrite')]);
  expect(await problem('-m', 'echo')).toEqual([1, expect.stringContaining('takes no jobs')]);
  expect(server.store.jobs).toHaveLength(0);
  expect(readFileSync(join(anna.home, 'taken.jsonl'), 'utf8')).toBe('mine\n');
  // A dry run counts half the price.
  file(anna, 'prices.yaml', PRICES);
  file(anna, 'endpoints.yaml', halfPrice(server.url));
  const cost = async (...args: string[]) =>
    JSON.parse((await anna.run(['batch', 'run', 'in.jsonl', '--dry-run', '--json', ...args])).stdout).input_cost_micros;
  expect([await cost(), await cost('--offline')]).toEqual([2.5, 1.25]);
}, 60_000);

test('batch lines that name their model are asked of it; a model that a file describes is found again', async () => {
  let isOpen = true;
  await using server = await batchServer('openai', { looks: 0, look: () => (isOpen ? 503 : undefined) });
  using anna = user(server.url);
  const line = (id: string, model: string): string =>
    JSON.stringify({ custom_id: id, body: { model, messages: [{ role: 'user', content: id }] } });
  file(anna, 'lines.jsonl', `${line('x', 'local/big')}\n${line('y', 'local/other')}\n${line('z', 'local/big')}\n`);
  const env = { LMDECK_MODEL: '' };
  const submitted = await anna.run(['batch', 'submit', 'lines.jsonl'], { env });
  expect([submitted.code, submitted.stderr]).toEqual([3, expect.stringContaining('3 rows (1 that no job can ask), 1 job')]);
  expect(server.store.jobs[0]?.rows.map(({ body }) => body['model'])).toEqual(['big', 'big']);

  file(anna, 'in.jsonl', '"first"\n');
  file(
    anna,
    'careful.yaml',
    `type: chat\nmodel: small\nendpoint: { name: office, baseUrl: ${server.url} }\noptions: { temperature: 0.25 }\n`,
  );
  const run = (await anna.run(['batch', 'submit', 'in.jsonl', '-m', 'careful.yaml'])).stdout.trim();
  expect(server.store.jobs[1]?.rows[0]?.body).toMatchObject({ model: 'small', temperature: 0.25 });
  isOpen = false;
  expect((await anna.run(['batch', 'status', run], { env })).stdout).toContain('completed');
  expect((await anna.run(['batch', 'wait', run, '-o', '-'], { env })).stdout).toContain('"model":"office/small"');
}, 60_000);
