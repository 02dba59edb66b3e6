import { readFileSync } from 'node:fs';

/** `startOf` a process that has ended and waits to be noticed by its parent. */
const ENDED = 'ended';

/**
 * When a process started, in clock ticks since boot: field 22 of `/proc/<pid>/stat` (Linux; proc(5)). Together with the number it names one
 * process: numbers come again. `undefined` where the system does not tell, or there is no such process.
 */
export function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field, the command's name in brackets, may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : fields[19];
}

/** True while a process of this number runs; with `start`, while the one that started then does. One that has ended and was not noticed does not. */
export function isRunning(pid: number, start?: string): boolean {
  const found = startOf(pid);
  if (found !== undefined) return found !== ENDED && (start === undefined || start === found);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
