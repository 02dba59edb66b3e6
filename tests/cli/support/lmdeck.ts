import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const bin = join(import.meta.dirname, '../../../packages/lmdeck/bin/lmdeck.cjs');

/** How a run of the command ended. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A user of the command line: a home of their own, and the processes they start. */
export interface User extends Disposable {
  readonly home: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** The process itself, for those who want to talk to it; what it prints is collected too. */
  start(
    args: readonly string[],
    options?: RunOptions,
  ): { readonly child: ChildProcess; readonly ended: Promise<Ended>; until(text: string): Promise<void> };
}

/** A user with an empty home, whose endpoint `local` is the server at `url`. */
export function user(url?: string): User {
  const home = mkdtempSync(join(tmpdir(), 'lmdeck-cli-'));
  if (url !== undefined) writeFileSync(join(home, 'endpoints.yaml'), `local:\n  baseUrl: ${url}\n`);
  const start: User['start'] = (args, { input, env = {}, cwd = home } = {}) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: home, LMDECK_HOME: home, LMDECK_PLUGINS: '', LMDECK_MODEL: 'local/small', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
    const notify = (): void => {
      for (const { text, resolve } of waiting) if ((stdout + stderr).includes(text)) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      notify();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      notify();
    });
    // The process may have ended without reading.
    child.stdin.on('error', () => undefined);
    if (input !== undefined) child.stdin.end(input);
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code) => {
        resolve({ code, stdout, stderr });
      });
    });
    const until = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        waiting.push({ text, resolve });
        notify();
        void ended.then((result) => reject(new Error(`ended without "${text}": ${JSON.stringify(result)}`)));
      });
    return { child, ended, until };
  };
  return {
    home,
    start,
    run: (args, options = {}) => start(args, { input: '', ...options }).ended,
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
