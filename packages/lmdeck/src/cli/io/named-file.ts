import { resolve } from 'node:path';
import { LmdeckError } from '../../core/index.ts';

/**
 * The absolute path of what is written under a name and cannot go to stdout.
 * @param what it is, and what to do for stdout: `--output-path takes a folder; …`.
 * @throws LmdeckError `usage` for `-`: nobody wants a file called that.
 */
export function namedFile(path: string, what: string): string {
  if (path === '-') throw new LmdeckError('usage', `"-" cannot be used here: ${what}`);
  return resolve(path);
}
