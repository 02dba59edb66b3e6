import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { LmdeckError } from '../core/index.ts';

/** What this process holds: a file with its own number that is not among these was left by another one that had it before. */
const held = new Set<string>();

/**
 * Makes this process the only one that works on something, for as long as it likes: `path` is a file with its process id. One that a
 * process left behind when it died is taken over.
 *
 * @returns what lets go of it again, or whose it is.
 * @throws LmdeckError `config` when the file cannot be written.
 */
export function claimFile(path: string): (() => void) | { readonly owner: number | undefined } {
  // The second time it is gone, unless another process was faster.
  for (let attempt = 0; attempt < 2; attempt++) {
    if (created(path)) {
      held.add(path);
      return () => {
        held.delete(path);
        rmSync(path, { force: true });
      };
    }
    const owner = ownerOf(path);
    if (owner !== undefined && isAlive(owner, path)) break;
    // Renaming succeeds for one process only: nobody removes what another has just made.
    const gone = `${path}.${process.pid}`;
    try {
      renameSync(path, gone);
    } catch {
      continue;
    }
    if (ownerOf(gone) === owner) rmSync(gone, { force: true });
    else renameSync(gone, path);
  }
  return { owner: ownerOf(path) };
}

/** The process that holds a claim; `undefined` when there is none, or none that lives. */
export function claimOwner(path: string): number | undefined {
  const owner = ownerOf(path);
  return owner !== undefined && isAlive(owner, path) ? owner : undefined;
}

/** Linked and not created, so that the file has its content from the first moment. */
function created(path: string): boolean {
  const own = `${path}.${process.pid}.part`;
  try {
    writeFileSync(own, String(process.pid));
    linkSync(own, path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw new LmdeckError('config', `Cannot write ${path}: ${LmdeckError.from(error).message}`, { cause: error });
  } finally {
    rmSync(own, { force: true });
  }
}

function ownerOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number, path: string): boolean {
  if (pid === process.pid) return held.has(path);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isSystemError(error, 'ESRCH');
  }
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
