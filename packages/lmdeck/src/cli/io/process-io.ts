import { readFileSync } from 'node:fs';
import type { ProcessIo } from './cli-io.ts';

/** The real process: its streams are opened when they are first used, each of them costs start-up time. */
export function processIo(): ProcessIo {
  return {
    stdinFd: 0,
    stdoutFd: 1,
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    env: process.env,
    onInterrupt: (listener) => onSignal('SIGINT', listener),
    onTerminate: (listener) => {
      const forget = [onSignal('SIGTERM', listener), onSignal('SIGHUP', outlivesTerminal(process.env) ? () => undefined : listener)];
      return () => {
        for (const each of forget) each();
      };
    },
  };
}

/**
 * True for a process that was started to go on when its terminal is closed (`nohup`). Node sets signals that are ignored back to what they do by
 * default, so the process itself cannot tell: the shell notes the command that it starts (`_`), and a script that was started so ignores the signal. Neither
 * writes to a terminal.
 */
function outlivesTerminal({ _: command = '' }: NodeJS.ProcessEnv): boolean {
  if (!/(?:^|\/)nohup$/.test(command) && !ignoresHangup(process.ppid)) return false;
  // Asked last: it loads sockets, which takes milliseconds of every start.
  const { isatty } = process.getBuiltinModule('node:tty');
  return !isatty(1) && !isatty(2);
}

const HANGUP_BIT = 1;

/** False where the system does not tell of other processes. */
function ignoresHangup(pid: number): boolean {
  try {
    const [, mask = '0'] = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return (Number.parseInt(mask.at(-1) ?? '0', 16) & HANGUP_BIT) !== 0;
  } catch {
    return false;
  }
}

function onSignal(signal: NodeJS.Signals, listener: () => void): () => void {
  process.on(signal, listener);
  return () => process.removeListener(signal, listener);
}
