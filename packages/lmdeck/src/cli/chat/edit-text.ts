import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LmdeckError } from '../../core/index.ts';

/**
 * Lets the user write a text in `$VISUAL` or `$EDITOR`.
 *
 * @throws LmdeckError `config` when the editor cannot be started or fails.
 */
export function editText(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const editor = nonEmpty(env['VISUAL']) ?? nonEmpty(env['EDITOR']) ?? (process.platform === 'win32' ? 'notepad' : 'vi');
  const folder = mkdtempSync(join(tmpdir(), 'lmdeck-edit-'));
  try {
    const file = join(folder, 'message.md');
    writeFileSync(file, text, { mode: 0o600 });
    // Through the shell: the variable may hold options, as in "code --wait".
    const { status, error } = process
      .getBuiltinModule('node:child_process')
      .spawnSync(`${editor} "${file}"`, { shell: true, stdio: 'inherit' });
    if (error !== undefined || status !== 0) {
      throw new LmdeckError(
        'config',
        `The editor "${editor}" ${error === undefined ? `ended with code ${status}` : `cannot be started: ${error.message}`}. Set $EDITOR.`,
      );
    }
    return readFileSync(file, 'utf8').trimEnd();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
