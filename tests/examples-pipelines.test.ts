/** The pipelines in examples/ run offline, as a user would run them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lmdeck-pipelines-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function rowsOf(name: string): Promise<{ readonly rows: readonly unknown[]; readonly notes: string }> {
  const program = join(import.meta.dirname, '../examples/pipelines', `${name}.ts`);
  const { stdout, stderr, code } = await runProgram([program], { env: { LMDECK_HOME: home, OPENAI_API_KEY: '' } });
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return {
    rows: stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    notes: stderr,
  };
}

test('text-generation.ts answers every instruction', async () => {
  const { rows } = await rowsOf('text-generation');
  expect(rows).toEqual(
    [
      ['What is the capital of France?', 'Paris'],
      ['What is 7 + 15?', '22'],
      ['What is the opposite of hot?', 'cold'],
    ].map(([instruction, generation]) => ({
      instruction,
      generation,
      model_name: 'llama/tiny',
      statistics: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
      calls: 1,
    })),
  );
});

test('self-instruct.ts writes new tasks, drops likes and answers the rest', async () => {
  const { rows, notes } = await rowsOf('self-instruct');
  expect(rows).toEqual([
    { instruction: 'Name a city in Spain.', output: 'Madrid' },
    { instruction: 'Add 2 and 2.', output: '4' },
  ]);
  expect(notes).toBe('instruct: 1 → 3, 0 failed, 1 calls\ndeduplicate: 3 → 2, 0 failed, 0 calls\nanswer: 2 → 2, 0 failed, 2 calls\n');
});

test('evol-instruct.ts makes instructions harder and leaves failed evolutions behind', async () => {
  const { rows } = await rowsOf('evol-instruct');
  expect(rows).toEqual(
    ['Explain how rain forms', 'Name two rivers'].map((seed) => ({
      instruction: `${seed}, in one line, step by step.`,
      history: [`${seed}.`, `${seed}, in one line.`],
      output: `Answer to: ${seed}, in one line, step by step.`,
    })),
  );
});

test('ultrafeedback.ts makes a preference pair of rated answers', async () => {
  const { rows } = await rowsOf('ultrafeedback');
  expect(rows).toEqual([
    {
      prompt: 'What is the capital of France?',
      chosen: 'The capital of France is Paris, on the Seine.',
      rejected: 'I think it is Lyon.',
      ratings: [4, 1, 5],
    },
  ]);
});
