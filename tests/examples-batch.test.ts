/** The rows of the examples run offline, as a user would run them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

const root = join(import.meta.dirname, '..');

test('lmdeck batch run examples/rows.jsonl -m tiny', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lmdeck-examples-'));
  try {
    const args = [
      join(root, 'packages/lmdeck/bin/lmdeck.cjs'),
      'batch',
      'run',
      join(root, 'examples/rows.jsonl'),
      '-m',
      'tiny',
      '-o',
      join(home, 'out.jsonl'),
    ];
    const { stderr } = await runProgram(args, { env: { LMDECK_HOME: home, OPENAI_API_KEY: '' } });
    expect(stderr).toMatch(/^5 rows, 5 ok; .* → .*out\.jsonl$/m);
    const lines = readFileSync(join(home, 'out.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { id: 'capital', text: 'Paris' },
      { id: 'colour', text: 'blue' },
      { id: 'chat', status: 'ok' },
      { id: 'twice', samples: [{ text: expect.any(String) }, { text: expect.any(String) }] },
      { custom_id: 'openai-line', response: { status_code: 200, body: { object: 'chat.completion' } }, error: null },
    ]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
