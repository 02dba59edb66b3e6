import { spawn } from 'node:child_process';

import { bin, type User } from './lmdeck.ts';

/** A run of the command on a terminal. */
export interface TerminalRun {
  type(text: string): void;
  /** Resolves when the terminal has shown `text` this often since the start. */
  until(text: string, times?: number): Promise<void>;
  readonly ended: Promise<number | null>;
  shown(): string;
}

/** Runs the command on a pseudo terminal, by default of 80 columns, which `script` of util-linux makes. */
export function runOnTerminal(
  { home }: User,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  size = 'cols 80 rows 24',
): TerminalRun {
  const command = [`stty ${size};`, quoted(process.execPath), ...[bin, ...args].map(quoted)].join(' ');
  const child = spawn('script', ['--quiet', '--return', '--echo', 'never', '--command', command, '/dev/null'], {
    cwd: home,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      LMDECK_HOME: home,
      LMDECK_PLUGINS: '',
      LMDECK_MODEL: 'local/small',
      TERM: 'xterm-256color',
      SHELL: '/bin/sh',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
    for (const check of waiting) check();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return {
    type: (text) => void child.stdin.write(text),
    until: (text, times = 1) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (shown.split(text).length > times) {
            waiting.delete(check);
            resolve();
          }
        };
        waiting.add(check);
        check();
        void ended.then(() => reject(new Error(`ended without "${text}": ${JSON.stringify(shown)}`)));
      }),
    ended,
    shown: () => shown,
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
