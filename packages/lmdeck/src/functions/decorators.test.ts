/** Node does not know decorators: what uses them is compiled, as its authors would do it, and run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

// Below node_modules, so that imports resolve as they do for a user.
const folder = mkdtempSync(join(import.meta.dirname, '../../../../node_modules/.decorators-'));

afterAll(() => rmSync(folder, { recursive: true }));

test('decorated members are carried out by the model of their class', () => {
  const source = join(import.meta.dirname, 'test-support/decorated-child.ts');
  const options = [
    '--ignoreConfig',
    '--noResolve',
    '--noCheck',
    '--target',
    'es2024',
    '--module',
    'nodenext',
    '--outDir',
    folder,
    '--rootDir',
    join(source, '..'),
  ];
  const compiled = spawnSync('tsc', [source, ...options], { encoding: 'utf8' });
  expect(compiled.stdout).toBe('');
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'decorated-child.js')], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const lines: unknown[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.slice(0, 3)).toEqual([[36, 'Dear Maria', ['Maria', 'Anna'], 'MARIA'], [37, 'Customer', 'A'], [6]]);
  expect(lines[3]).toBe('Bare.double: no model carries it out. Decorate the class with @strategy(model), or use withStrategy.');
  const self = '"this":{"name":"Maria","birthdate":"1986-05-01"}';
  expect(lines[4]).toMatchObject([
    [
      expect.stringMatching(/^Customer\.age: Age in the year 2022\.\nInput: \{\n this: \{ \/\/ A customer\n/),
      `{${self}}`,
      { temperature: 0 },
    ],
    [expect.stringMatching(/^Customer\.greet\n/), `{${self},"tone":"warm"}`, {}],
    [expect.stringMatching(/^Customer\.names: \(Customer: A customer\)\n/), '{"count":2}', {}],
  ]);
});
