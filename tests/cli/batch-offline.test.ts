import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { batchServer } from '../../packages/lmdeck/src/batch/test-support/batch-server.ts';
import { user, type User } from './support/lmdeck.ts';

function prompts(anna: User, ...lines: readonly string[]): string {
  const path = join(anna.home, 'prompts.jsonl');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

test('rows are handed in, waited for and written in their order; what failed is told by the exit code', async () => {
  await using server = await batchServer('openai', { looks: 0, row: ({ text }) => (text === 'bad' ? 'refused' : 'ok') });
  using anna = user(server.url);
  const path = prompts(anna, '"first"', '{"id":"b","messages":[{"role":"user","content":"bad"}]}', '{"prompt":"third"}', 'no JSON');
  const submitted = await anna.run(['batch', 'submit', path, '-p', 'temperature', '0']);
  expect(submitted).toMatchObject({ code: 3, stderr: expect.stringContaining('4 rows (1 that no job can ask), 1 job') });
  const run = submitted.stdout.trim();
  expect(server.store.jobs[0]?.rows[0]?.body).toMatchObject({ model: 'small', temperature: 0 });

  // The same command again pays nothing.
  expect(await anna.run(['batch', 'submit', path, '-p', 'temperature', '0'])).toMatchObject({ code: 3, stdout: `${run}\n` });
  expect(server.store.jobs).toHaveLength(1);

  const waited = await anna.run(['batch', 'wait', run, '-o', 'out.jsonl']);
  expect(waited).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('Wrote 4 of 4 rows to ') });
  const lines = readFileSync(join(anna.home, 'out.jsonl'), 'utf8').trim().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { id: '0', index: 0, status: 'ok', text: 'Re: first', input: { text: 'first' } },
    { id: 'b', index: 1, status: 'error', error: { code: 'invalid-request' } },
    { id: '2', index: 2, status: 'ok', text: 'Re: third' },
    { id: '3', index: 3, status: 'error', error: { code: 'invalid-request', message: expect.stringContaining('prompts.jsonl:4') } },
  ]);
  expect(JSON.parse((await anna.run(['batch', 'status', '--json'])).stdout)).toMatchObject([{ run, state: 'finished', ok: 2, failed: 1 }]);
  expect((await anna.run(['batch', 'status', 'latest'])).stdout).toContain('completed, fetched  3 requests');
  expect(JSON.parse((await anna.run(['logs', '--json', '-n', '0'])).stdout)).toMatchObject([{}, {}, {}]);
  expect((await anna.run(['batch', 'fetch', '-o', '-'])).stdout.split('\n')).toHaveLength(5);
});

test('Ctrl-C detaches, and the jobs go on', async () => {
  await using server = await batchServer('openai', { looks: 1 });
  using anna = user(server.url);
  const path = prompts(anna, '"first"');
  const run = (await anna.run(['batch', 'submit', path])).stdout.trim();
  const waiting = anna.start(['batch', 'wait']);
  // Not on a terminal: a line tells how it stands.
  await waiting.until('Waiting: 0 of 1 job done, 0 answers.');
  waiting.child.kill('SIGINT');
  expect(await waiting.ended).toMatchObject({ code: 130, stderr: expect.stringContaining(`lmdeck batch wait ${run}`) });
  expect(await anna.run(['batch', 'wait', run.slice(0, 12)])).toMatchObject({ code: 0, stderr: expect.stringContaining('is finished') });
});

test('cancelling, and what is called wrongly', async () => {
  await using server = await batchServer('openai', { looks: 99, row: () => 'cancelled' });
  using anna = user(server.url);
  const path = prompts(anna, '"first"');
  const run = (await anna.run(['batch', 'submit', path])).stdout.trim();
  expect(await anna.run(['batch', 'cancel', run])).toMatchObject({ code: 0 });
  expect((await anna.run(['batch', 'wait', run, '-o', '-'])).stdout).toContain('"status":"cancelled"');
  expect(await anna.run(['batch', 'wait', 'nope'])).toMatchObject({ code: 2, stderr: expect.stringContaining('lmdeck batch status') });
  expect(await anna.run(['batch', 'submit', 'nowhere.jsonl'])).toMatchObject({ code: 1, stderr: expect.stringContaining('nowhere.jsonl') });
  expect(JSON.parse((await anna.run(['batch', 'status', '--json'])).stdout)).toHaveLength(1);
  expect(await anna.run(['batch', 'submit', path, '-m', 'echo'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('takes no jobs'),
  });
  expect(await anna.run(['batch', 'submit', path, '-p', 'temprature', '0'])).toMatchObject({ code: 2 });
});

test('a file that the run has not written is replaced only when that is asked for, and that is told before anybody waits', async () => {
  await using server = await batchServer('openai', { looks: 1 });
  using anna = user(server.url);
  const path = prompts(anna, '"first"');
  const file = (name: string): string => join(anna.home, name);
  const problem = async (...args: string[]): Promise<readonly [number | null, string]> => {
    const { code, stderr } = await anna.run(['batch', ...args]);
    return [code, stderr.trim()];
  };
  writeFileSync(file('mine.jsonl'), 'mine\n');
  await anna.run(['batch', 'submit', path]);
  for (const command of ['fetch', 'wait']) {
    expect(await problem(command, '-o', 'mine.jsonl')).toEqual([2, expect.stringContaining('or replace it with --overwrite')]);
    expect(await problem(command, '-o', path, '--overwrite')).toEqual([2, expect.stringContaining('the file that the rows are read from')]);
    expect(await problem(command, '-o', '.')).toEqual([2, expect.stringContaining('is a folder')]);
  }
  expect(await problem('run', '--run', 'latest', '-o', 'mine.jsonl')).toEqual([2, expect.stringContaining('--overwrite')]);
  expect(server.store.looks).toBe(0);
  // The source is not needed any more.
  rmSync(path);
  expect(await problem('fetch', '-o', 'out.jsonl')).toEqual([3, expect.stringContaining('Wrote 0 of 1 rows')]);
  expect(await problem('wait', '-o', 'out.jsonl')).toEqual([0, expect.stringContaining('Wrote 1 of 1 rows')]);
  expect(await problem('fetch', '-o', 'out.jsonl')).toEqual([0, expect.stringContaining('Wrote 1 of 1 rows')]);
  expect(readFileSync(file('mine.jsonl'), 'utf8')).toBe('mine\n');
  // One that the run had before is its own too.
  prompts(anna, '"first"');
  expect(await problem('run', path, '--offline', '-o', 'other.jsonl')).toEqual([0, expect.stringContaining('Wrote 1 of 1 rows')]);
  for (const name of ['out.jsonl', 'other.jsonl']) expect((await problem('fetch', '-o', name))[0]).toBe(0);
  expect(await problem('fetch', '-o', 'mine.jsonl', '--overwrite')).toEqual([0, expect.stringContaining('Wrote 1 of 1 rows')]);
  expect(readFileSync(file('mine.jsonl'), 'utf8')).toBe(readFileSync(file('out.jsonl'), 'utf8'));
});
