/** What the documentation shows must compile, run and print what it promises. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocks, promisedOutput } from './support/code-blocks.ts';
import { runProgram } from './support/run-program.ts';

const root = join(import.meta.dirname, '..');
const blocks = codeBlocks(root);
// Inside the checkout, so that 'lmdeck' resolves as it does for a user who installed it.
const folder = join(root, '.examples');
const home = mkdtempSync(join(tmpdir(), 'lmdeck-docs-'));

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const block of blocks) writeFileSync(join(folder, fileName(block.place)), `${block.code}\nexport {};\n`);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../tsconfig.base.json',
      compilerOptions: { noEmit: true, declaration: false, declarationMap: false },
      include: ['*.ts'],
    }),
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

test('there are examples', () => {
  expect(blocks.length).toBeGreaterThan(10);
});

test('every example compiles', () => {
  const { stdout, status } = spawnSync('tsc', ['-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

describe('every example runs and prints what it says', () => {
  test.each(blocks.filter((block) => block.runs).map((block) => [block.place, block] as const))('%s', async (place, block) => {
    const { stdout, stderr, code } = await runProgram([join(folder, fileName(place))], {
      cwd: folder,
      env: { LMDECK_HOME: home, OPENAI_API_KEY: '' },
    });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.trimEnd());
    let from = 0;
    for (const promised of promisedOutput(block.code)) {
      const at = lines.indexOf(promised, from);
      expect(at, `"${promised}" in the output:\n${stdout}`).toBeGreaterThanOrEqual(from);
      from = at + 1;
    }
  });
});

function fileName(place: string): string {
  return `${place.replaceAll(/[^a-zA-Z0-9]+/g, '-')}.ts`;
}
