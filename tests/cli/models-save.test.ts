import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { user } from './support/lmdeck.ts';

test('a saved model is used by the path of its file', async () => {
  using anna = user();
  const file = join(anna.home, 'steady.yaml');
  const saved = await anna.run(['models', 'save', 'echo', file, '-o', 'temperature', '0']);
  expect(saved).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(file, 'utf8')).toBe('type: echo\nid: echo\noptions:\n  temperature: 0\n');
  const answer = await anna.run(['-m', file, 'Hello']);
  expect(JSON.parse(answer.stdout)).toEqual({ prompt: 'Hello', options: { temperature: 0 } });
  expect((await anna.run(['-m', 'gone.yaml', 'Hello'])).stderr).toMatch(
    /^Error: Cannot read .*gone\.yaml: there is no such file or folder\.\n$/,
  );
});

test('an option that the model does not have is left out with a warning', async () => {
  using anna = user();
  const file = join(anna.home, 'mini.json');
  const { code, stderr } = await anna.run(['models', 'save', 'openai/gpt-5-mini', file, '-o', 'temprature', '0']);
  expect([code, stderr]).toEqual([0, 'Warning: There is no parameter temprature: it is left out. Did you mean temperature?\n']);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ type: 'chat', model: 'gpt-5-mini', endpoint: { key: 'openai' } });
});

test('what can be set is listed with its range', async () => {
  using anna = user();
  const { stdout } = await anna.run(['models', 'parameters', 'openai/gpt-5-mini', '--json']);
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ name: 'topP', type: 'number', minimum: 0, maximum: 1, optional: true }),
  );
});

test('a file that is there is replaced only when that is asked for', async () => {
  using anna = user();
  const file = join(anna.home, 'echo.yaml');
  expect((await anna.run(['models', 'save', 'echo', file])).code).toBe(0);
  const again = await anna.run(['models', 'save', 'echo', file, '-o', 'temperature', '1']);
  expect([again.code, again.stderr]).toEqual([2, `Error: ${file} exists. Name another file, or replace it with --overwrite.\n`]);
  expect(readFileSync(file, 'utf8')).toBe('type: echo\nid: echo\n');
  expect((await anna.run(['models', 'save', 'echo', file, '-o', 'temperature', '1', '--overwrite'])).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain('temperature: 1');
});
