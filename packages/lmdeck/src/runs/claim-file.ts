import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { isRunning, LmdeckError, startOf } from '../core/index.ts';

/** What this process holds: a file with its own number that is not among these was left by another one that had it before. */
const held = new Set<string>();

/**
 * Makes this process the only one that works on something, for as long as it likes: `path` is a file with its process id and when it
 * started. One that a process left behind when it died is taken over.
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
    if (isAlive(owner, path)) break;
    // Renaming succeeds for one process only: nobody removes what another has just made.
    const gone = `${path}.${process.pid}`;
    try {
      renameSync(path, gone);
    } catch {
      continue;
    }
    if (ownerOf(gone)?.pid === owner?.pid) rmSync(gone, { force: true });
    else renameSync(gone, path);
  }
  return { owner: ownerOf(path)?.pid };
}

/** The process that holds a claim; `undefined` when there is none, or none that lives. */
export function claimOwner(path: string): number | undefined {
  const owner = ownerOf(path);
  return isAlive(owner, path) ? owner?.pid : undefined;
}

/** Linked and not created, so that the file has its content from the first moment. */
function created(path: string): boolean {
  const own = `${path}.${process.pid}.part`;
  try {
    writeFileSync(own, `${process.pid} ${startOf(process.pid) ?? ''}`);
    linkSync(own, path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw new LmdeckError('config', `Cannot write ${path}: ${LmdeckError.from(error).message}`, { cause: error });
  } finally {
    rmSync(own, { force: true });
  }
}

interface Owner {
  readonly pid: number;
  readonly start: string | undefined;
}

function ownerOf(path: string): Owner | undefined {
  try {
    const [number, start] = readFileSync(path, 'utf8').trim().split(' ');
    const pid = Number(number);
    return Number.isInteger(pid) && pid > 0 ? { pid, start } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner | undefined, path: string): boolean {
  if (owner === undefined) return false;
  return owner.pid === process.pid ? held.has(path) : isRunning(owner.pid, owner.start);
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
