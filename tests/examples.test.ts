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

test('training-data.ts rewards answers and writes what to train on', async () => {
  const { stdout, code } = await runProgram([join(root, 'examples/training-data.ts')], { env: { LMDECK_HOME: home } });
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      'dpo.jsonl: 2 lines',
      '{"prompt":[{"role":"user","content":"2 + 2?"}],"chosen":[{"role":"assistant","content":"4"}],"rejected":[{"role":"assistant","content":"5"}]}',
      '{"prompt":[{"role":"user","content":"3 + 4?"}],"chosen":[{"role":"assistant","content":"7"}],"rejected":[{"role":"assistant","content":"8"}]}',
      'sft.jsonl: 2 lines',
      '{"messages":[{"role":"user","content":"2 + 2?"},{"role":"assistant","content":"4"}]}',
      '{"messages":[{"role":"user","content":"3 + 4?"},{"role":"assistant","content":"7"}]}',
      '',
    ].join('\n'),
  );
});

test('evaluation.ts evaluates tasks in code and prints the table', async () => {
  const { stdout, code } = await runProgram([join(root, 'examples/evaluation.ts')], { env: { LMDECK_HOME: home } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\|\s*Tasks\s*\|Version\|Filter\|n-shot\|/);
  expect(stdout).toMatch(/\|capitals\s*\|\s*1\|none\s*\|\s*0\|acc\s*\|↑\s*\|1\.0000\|±\s*\|0\.0000\|/);
  expect(stdout).toMatch(/\|extraction\s*\|.*\|has_age\s*\|↑/);
});

test('tokenizers.ts shows tokens, renders and makes a history fit', async () => {
  const { stdout, code } = await runProgram([join(root, 'examples/tokenizers.ts')], { env: { LMDECK_HOME: home } });
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      'ids: 485 1416 1411 32 1169',
      'pieces: The| capital| of| |France',
      String.raw`rendered: "<|im_start|>user\nAnd of Italy?<|im_end|>\n<|im_start|>assistant\n"`,
      '1924 tokens do not fit into 1023; 993 do, without 98 messages',
      'Rome',
      '',
    ].join('\n'),
  );
});

test('replay-test is recorded: its tests pass without the model', async () => {
  // Under CI what is not recorded is an error.
  const { stdout, code } = await runProgram(['--test', join(root, 'examples/replay-test/capital.test.ts')], {
    env: { LMDECK_HOME: home, CI: 'true' },
  });
  expect(stdout).toMatch(/pass 2\n/);
  expect(code).toBe(0);
});
