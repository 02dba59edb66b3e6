/** The scoring examples run offline, as a user would run them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

/** What an example prints when a new user runs it. */
async function printed(name: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'lmdeck-examples-'));
  try {
    const { stdout } = await runProgram([join(import.meta.dirname, '../examples', name)], {
      env: { LMDECK_HOME: home, OPENAI_API_KEY: '' },
    });
    return stdout;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test('score-choices.ts picks the right answers', async () => {
  expect(await printed('score-choices.ts')).toBe('The capital of France is Paris\nThe opposite of hot is cold\n');
});

test('judge.ts has answers judged, on the tape', async () => {
  const text = await printed('judge.ts');
  expect(text).toMatch(/\|capitals\| +0\|none {2}\| +0\|judged\|↑ +\|0\.6667\|± +\|0\.3333\|/);
  expect(text).toContain('3 judgements on the tape of the run');
});
