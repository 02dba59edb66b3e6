/** The scoring example runs offline, as a user would run it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

test('score-choices.ts picks the right answers', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lmdeck-examples-'));
  try {
    const { stdout } = await runProgram([join(import.meta.dirname, '../examples/score-choices.ts')], {
      env: { LMDECK_HOME: home, OPENAI_API_KEY: '' },
    });
    expect(stdout).toBe('The capital of France is Paris\nThe opposite of hot is cold\n');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
