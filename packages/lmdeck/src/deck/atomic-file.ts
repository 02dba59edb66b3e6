import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { fileError, systemErrorCode } from './file-error.ts';
import { withFileLock } from './file-lock.ts';

/**
 * Changes a file so that readers see the old or the new text and never a part, also after a crash, and so that two
 * processes that change it at once both have their say: `change` gets what is there under a lock.
 *
 * @param mode permissions of the file, also of one that exists; absent: those it has, 0644 for a new one.
 * @throws LmdeckError `config` when it cannot be written; whatever `read` and `change` throw.
 */
export async function updateFile<T>(path: string, read: () => T, change: (before: T) => string | undefined, mode?: number): Promise<void> {
  let target: string;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // A configuration that is a symbolic link into somebody's dotfiles stays one.
    target = resolveLink(path);
  } catch (error) {
    throw fileError('write', path, error);
  }
  await withFileLock(target, () => {
    const text = change(read());
    if (text !== undefined) writeAtomically(target, text, mode ?? modeOf(target) ?? 0o644);
  }).catch((error: unknown) => {
    throw systemErrorCode(error) === undefined ? error : fileError('write', path, error);
  });
}

function writeAtomically(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    // Whatever is left there by a crashed process of the same id must not lend its permissions.
    rmSync(temporary, { force: true });
    const file = openSync(temporary, 'wx', mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    // The process's umask took its share of the mode at the open.
    chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Makes the rename itself durable. Not every file system (nor Windows) lets a folder be synced. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    return;
  }
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return path;
    throw error;
  }
}

function modeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mode;
}
