/** The programs in examples/ run offline, as a user would run them. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

const root = join(import.meta.dirname, '..');
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lmdeck-examples-'));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

test('quick-start.ts answers, goes on and extracts', async () => {
  const { stdout } = await runProgram([join(root, 'examples/quick-start.ts')], { env: { LMDECK_HOME: home, OPENAI_API_KEY: '' } });
  expect(stdout.split('\n').slice(0, 2)).toEqual(['Paris', 'Rome']);
  expect(stdout).toContain("{ name: 'Maria', age: 34 }");
});

test('custom-model-plugin is found through the configuration and answers', async () => {
  cpSync(join(root, 'examples/custom-model-plugin'), join(home, 'plugin'), { recursive: true });
  writeFileSync(join(home, 'config.json'), JSON.stringify({ plugins: ['./plugin'] }));
  const command = join(root, 'packages/lmdeck/bin/lmdeck.cjs');
  const { stdout } = await runProgram([command, '-m', 'markov', '-o', 'words', '3', 'again again'], { env: { LMDECK_HOME: home } });
  expect(stdout).toBe('again again again \n');
});
