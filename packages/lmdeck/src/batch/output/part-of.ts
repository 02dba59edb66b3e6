import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../../core/index.ts';

/** A name beside a file for what is to take its place when it is whole. What processes left there that died before is taken off. */
export function partOf(path: string, kind: 'part' | 'lines' = 'part'): string {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  for (const name of namesIn(folder)) {
    const [, pid] = name.startsWith(start) ? (/^(\d+)\.(?:part|lines)$/.exec(name.slice(start.length)) ?? []) : [];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
  }
  return `${path}.${process.pid}.${kind}`;
}

/** None of a folder that is not there, or cannot be read: writing into it says more. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
