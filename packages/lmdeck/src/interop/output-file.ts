import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { LmdeckError } from '../core/index.ts';

/**
 * Makes a file whole or not at all: `write` gets a name beside it, which takes its place when all went well. Whoever reads the old file meanwhile
 * reads it to its end.
 *
 * @throws LmdeckError `usage` when the file is there and may not be replaced; `config` when it cannot be written; whatever `write` throws.
 */
export async function writeWhole(path: string, overwrite: boolean, write: (temporary: string) => Promise<void>): Promise<void> {
  if (!overwrite && existsSync(path))
    throw new LmdeckError('usage', `${path} exists. Name another file, or replace it with --overwrite (overwrite: true).`);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    rmSync(temporary, { force: true });
    await write(temporary);
    sync(temporary);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    if (LmdeckError.isInstance(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LmdeckError('config', `Cannot write ${path}: ${reason}`, { cause: error });
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the renaming itself durable; not every file system lets a folder be synced. */
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
