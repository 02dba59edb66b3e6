import type { CommandIo } from '../../deck/index.ts';
import { LmdeckError } from '../../core/index.ts';
import { DirectOutput } from './direct-output.ts';

/** The streams of a process and its Ctrl-C, injectable for tests. */
export interface ProcessIo extends CommandIo {
  /** The file descriptor behind `stdin`, where it is one: a file or `/dev/null` is read faster without the stream. */
  readonly stdinFd?: number;
  /** The same of `stdout`. */
  readonly stdoutFd?: number;
  /** Calls back at every Ctrl-C until the returned function is called. Absent: there is no Ctrl-C. */
  onInterrupt?(listener: () => void): () => void;
  /** The same for the signals by which systems and containers end a process (SIGTERM), and a terminal that is closed (SIGHUP). */
  onTerminate?(listener: () => void): () => void;
}

/** Whoever read our output has gone (`| head`): nothing is wrong, but there is nobody to work for. */
export class OutputClosed extends Error {
  override get name(): string {
    return 'OutputClosed';
  }
}

/** What commands print to and read from. Answers go to stdout, everything else to stderr. */
export class CliIo implements CommandIo {
  readonly env: ProcessIo['env'];
  readonly #io: ProcessIo;
  readonly #closed = new Set<() => void>();
  #direct: DirectOutput | undefined;
  #stdout: ProcessIo['stdout'] | undefined;
  #broken: Error | undefined;
  #tells = false;

  constructor(io: ProcessIo) {
    this.#io = io;
    this.env = io.env;
    this.#direct = io.stdoutFd === undefined ? undefined : new DirectOutput(io.stdoutFd);
  }

  // A stream of the process is made when it is first looked at, which takes time: only what is used is looked at.
  get stdin(): ProcessIo['stdin'] {
    return this.#io.stdin;
  }

  get stdinFd(): number | undefined {
    return this.#io.stdinFd;
  }

  get stdout(): ProcessIo['stdout'] {
    if (this.#stdout === undefined) {
      this.#direct = undefined;
      this.#stdout = this.#io.stdout;
      this.#stdout.on('error', (error: Error) => this.#break(error));
    }
    return this.#stdout;
  }

  get stderr(): ProcessIo['stderr'] {
    return this.#io.stderr;
  }

  /** Where stdout is a terminal, its width, and 80 for one that does not know its own (0); otherwise nothing. */
  get columns(): number | undefined {
    return this.isTerminal ? this.stdout.columns || 80 : undefined;
  }

  /** True when stdout is a terminal. Pipes and files are known without their stream. */
  get isTerminal(): boolean {
    return this.#direct?.isPlain !== true && this.stdout.isTTY === true;
  }

  /**
   * Writes to stdout and waits while the reader is slow.
   * @throws OutputClosed when the reader has gone.
   */
  async print(text: string): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const rest = this.#direct === undefined ? text : this.#printDirectly(text);
    if (rest.length === 0) return;
    if (!this.stdout.write(rest)) {
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          this.stdout.removeListener('drain', settle);
          this.#closed.delete(settle);
          resolve();
        };
        this.stdout.on('drain', settle);
        this.#closed.add(settle);
      });
      if (this.#broken !== undefined) throw this.#broken;
    }
  }

  /** Returns what is left to be written. */
  #printDirectly(text: string): string | Uint8Array {
    try {
      return this.#direct?.write(text) ?? text;
    } catch (error) {
      throw this.#break(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Writes to stderr. */
  tell(text: string): void {
    if (!this.#tells) {
      this.#tells = true;
      // A terminal that was closed: there is nobody to tell, and nothing else to be done about it.
      this.stderr.on('error', () => undefined);
    }
    this.stderr.write(text);
  }

  /** Writes a line to stderr. */
  note(line: string): void {
    this.tell(`${line}\n`);
  }

  /** Waits until everything printed has left the process. */
  async flush(): Promise<void> {
    // A terminal that was closed is no loss where nothing waits to be printed.
    if (this.#broken === undefined && this.#stdout !== undefined && !isEmpty(this.#stdout)) {
      await new Promise<void>((resolve) => {
        this.#closed.add(resolve);
        this.stdout.write('', () => resolve());
      });
    }
    if (this.#broken !== undefined) throw this.#broken;
  }

  onInterrupt(listener: () => void): () => void {
    return this.#io.onInterrupt?.(listener) ?? (() => undefined);
  }

  /** Calls back at Ctrl-C, when the system ends the process and when its terminal is closed. */
  onStop(listener: () => void): () => void {
    const forget = [this.#io.onInterrupt?.(listener), this.#io.onTerminate?.(listener)];
    return () => {
      for (const each of forget) each?.();
    };
  }

  /** Calls back when the reader of stdout goes. */
  onClosed(listener: () => void): void {
    this.#closed.add(listener);
  }

  #break(error: Error): Error {
    const code = 'code' in error ? error.code : undefined;
    const broken = (this.#broken ??=
      code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || (code === 'EIO' && this.isTerminal)
        ? new OutputClosed('stdout is closed')
        : new LmdeckError('internal', `Cannot write to stdout: ${error.message}`, { cause: error }));
    for (const listener of this.#closed) listener();
    this.#closed.clear();
    return broken;
  }
}

/** True for a stream that has passed on everything that was written to it. */
function isEmpty(stream: object): boolean {
  return 'writableLength' in stream && stream.writableLength === 0;
}
