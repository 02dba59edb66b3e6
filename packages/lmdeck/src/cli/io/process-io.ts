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
    onTerminate: (listener) => onSignal('SIGTERM', listener),
  };
}

function onSignal(signal: NodeJS.Signals, listener: () => void): () => void {
  process.on(signal, listener);
  return () => process.removeListener(signal, listener);
}
