import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { user, type User } from './support/lmdeck.ts';
import { rowServer, say } from './support/row-server.ts';

const read = (anna: User, name: string): string => readFileSync(join(anna.home, name), 'utf8');

test('a run is saved without secrets, and asks the same when it is loaded; the command line wins', async () => {
  const bodies: Readonly<Record<string, unknown>>[] = [];
  await using server = await rowServer((prompt, response, _count, body) => {
    bodies.push({ ...body });
    say(response, `re ${prompt}`);
  });
  using anna = user();
  writeFileSync(join(anna.home, 'in.jsonl'), '{"word": "cat"}\n{"word": "dog"}\n');
  writeFileSync(
    join(anna.home, 'careful.yaml'),
    `type: chat\nmodel: small\nendpoint:\n  name: office\n  baseUrl: ${server.url}\n  headers: { x-token: top-secret }\noptions: { temperature: 0.25 }\n`,
  );
  const args = ['-t', 'Plural of {{ word }}?', '-p', 'seed', '7', '--join', 'flat', '--keep', 'word'];
  const first = await anna.run(['batch', 'run', 'in.jsonl', '-m', 'careful.yaml', ...args, '-o', 'out.jsonl']);
  expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('2 rows, 2 ok')]);
  expect(bodies[0]).toMatchObject({ model: 'small', temperature: 0.25, seed: 7 });
  // The same again is on the tape, the options of the model's file included.
  const [{ run }] = JSON.parse((await anna.run(['batch', 'ls', '--json'])).stdout);
  rmSync(join(anna.home, 'batches', run, 'checkpoint.json'));
  rmSync(join(anna.home, 'out.jsonl'));
  expect((await anna.run(['batch', 'run', 'in.jsonl', '-m', 'careful.yaml', ...args, '-o', 'out.jsonl'])).code).toBe(0);
  expect(server.count).toBe(2);

  expect((await anna.run(['batch', 'save', 'latest', 'run.yaml'])).code).toBe(0);
  const again = await anna.run(['batch', 'save', 'latest', 'run.yaml']);
  expect([again.code, again.stderr]).toEqual([2, 'Error: run.yaml exists. Name another file, or replace it with --overwrite.\n']);
  const saved = read(anna, 'run.yaml');
  expect(saved).not.toContain('top-secret');
  expect(saved).toContain('source: in.jsonl\n');
  rmSync(join(anna.home, 'careful.yaml'));
  writeFileSync(join(anna.home, 'run.yaml'), `${saved}sytem: Be brief\nmaxErrors: 0\n`);
  const second = await anna.run(['batch', 'run', '--config', 'run.yaml', '-o', 'other.jsonl', '--limit', '1', '-p', 'top_p', '0.5']);
  expect([second.code, second.stderr]).toEqual([
    0,
    expect.stringContaining('There is no parameter sytem: it is left out. Did you mean system?'),
  ]);
  expect(bodies.at(-1)).toMatchObject({ model: 'small', temperature: 0.25, seed: 7, top_p: 0.5 });
  expect(read(anna, 'other.jsonl').trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(read(anna, 'other.jsonl'))).toMatchObject({ text: 're Plural of cat?', word: 'cat' });
  // It goes on without the file, too.
  expect((await anna.run(['batch', 'run', '--run', 'latest'])).code).toBe(0);
  expect(server.count).toBe(3);
  expect(await anna.run(['batch', 'run', '--config', 'nope.yaml'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nope.yaml'),
  });
}, 60_000);

test('default options of a model are part of what is found on the tape', async () => {
  await using server = await rowServer((prompt, response) => say(response, prompt));
  using anna = user(server.url);
  writeFileSync(join(anna.home, 'config.json'), '{"models": {"local/small": {"options": {"temperature": 0}}}}');
  writeFileSync(join(anna.home, 'in.jsonl'), '{"prompt": "a"}\n{"prompt": "b", "options": {"seed": "5"}}\n');
  const args = ['batch', 'run', 'in.jsonl', '-o', 'out.jsonl'];
  expect((await anna.run(args)).code).toBe(0);
  // Nothing but the tape tells what was done.
  rmSync(join(anna.home, 'out.jsonl'));
  expect((await anna.run(args)).code).toBe(0);
  expect(server.count).toBe(2);
}, 60_000);
