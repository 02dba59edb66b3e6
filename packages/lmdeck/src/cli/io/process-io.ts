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
    onInterrupt: (listener) => {
      process.on('SIGINT', listener);
      return () => process.removeListener('SIGINT', listener);
    },
  };
}
