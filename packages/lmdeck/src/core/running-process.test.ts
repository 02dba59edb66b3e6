import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isRunning, startOf } from './running-process.ts';

test('a process runs while it does, and is not another one of its number', () => {
  expect(isRunning(process.pid)).toBe(true);
  expect(isRunning(2 ** 22 + 1)).toBe(false);
  const start = startOf(process.pid);
  expect(isRunning(process.pid, start)).toBe(true);
  if (start !== undefined) expect(isRunning(process.pid, '1')).toBe(false);
});

test('one that was killed and that nobody has asked about does not run', async ({ skip }) => {
  if (!existsSync('/proc/self/stat')) skip('the system does not tell');
  // The shell becomes a program that never asks about the shell's child.
  const shell = spawn('sh', ['-c', 'sleep 30 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line]: unknown[] = await once(shell.stdout, 'data');
    const pid = Number(String(line));
    expect(isRunning(pid)).toBe(true);
    // Until then it would notice.
    await expect.poll(() => readFileSync(`/proc/${shell.pid}/comm`, 'latin1')).toBe('sleep\n');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(startOf(pid)).toBe('ended');
  } finally {
    shell.kill('SIGKILL');
  }
});
