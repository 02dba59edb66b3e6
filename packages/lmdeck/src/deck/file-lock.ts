import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';

import { isRunning, LmdeckError } from '../core/index.ts';
import { systemErrorCode } from './file-error.ts';

const RETRY_MS = 5;
/** Far above the few milliseconds that a lock is held: an older one was left behind by a crash (or another machine's). */
const STALE_MS = 10_000;

/**
 * Runs `work` while no other process runs its own for the same `path`. The lock is a file `<path>.lock` with the holder's
 * process id in it; one whose holder is gone is taken over.
 */
export async function withFileLock<T>(path: string, work: () => T): Promise<T> {
  const lock = `${path}.lock`;
  const deadline = Date.now() + 2 * STALE_MS;
  while (!acquire(lock)) {
    if (Date.now() > deadline) {
      throw new LmdeckError('config', `Cannot write ${path}: another process keeps it locked. If there is none, delete ${lock}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function acquire(lock: string): boolean {
  let file: number;
  try {
    file = openSync(lock, 'wx', 0o600);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    if (isStale(lock)) rmSync(lock, { force: true });
    return false;
  }
  try {
    writeSync(file, `${process.pid}`);
    return true;
  } catch (error) {
    // On a full disk. A lock that names nobody would keep others waiting until it is stale.
    rmSync(lock, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function isStale(lock: string): boolean {
  try {
    if (Date.now() - statSync(lock).mtimeMs > STALE_MS) return true;
    const pid = Number(readFileSync(lock, 'utf8'));
    return Number.isInteger(pid) && pid > 0 && !isRunning(pid);
  } catch {
    return false;
  }
}
