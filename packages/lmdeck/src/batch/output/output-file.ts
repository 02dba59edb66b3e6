import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { LmdeckError } from '../../core/index.ts';

/** How much of the end tells whether a file is ours. */
const TAIL_BYTES = 4096;
const HEAD_BYTES = 64;

/** How far an output was written, and what stands at its end. */
export interface OutputMark {
  readonly bytes: number;
  /** Digest of the last bytes. */
  readonly tail: string;
  /** The first bytes, as Latin-1. */
  readonly head: string;
}

/** A file that grows at its end and can be cut back to a mark. Text is out of the process when `write` returns. */
export class OutputFile {
  readonly path: string;
  readonly #file: number;
  #bytes: number;

  private constructor(path: string, file: number, bytes: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Makes a file that must not be there yet, or be empty. @throws LmdeckError `usage` when it is, `config` when it cannot be made. */
  static create(path: string): OutputFile {
    if (statSync(path, { throwIfNoEntry: false })?.size === 0) return OutputFile.open(path);
    try {
      return new OutputFile(path, openSync(path, 'ax+', 0o644), 0);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
        throw new LmdeckError(
          'usage',
          `${path} exists, and no run that is known here wrote it. Name another file, or replace it with --overwrite.`,
        );
      throw unwritable(path, error);
    }
  }

  /** Opens a file, made when it is not there. @throws LmdeckError `config` */
  static open(path: string): OutputFile {
    try {
      const file = openSync(path, 'a+', 0o644);
      return new OutputFile(path, file, fstatSync(file).size);
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Appends. @throws LmdeckError `config` when the disk is full or the file gone. */
  write(text: string): void {
    if (text !== '') this.writeBytes(Buffer.from(text));
  }

  /** Appends. @throws LmdeckError as `write`. */
  writeBytes(data: Uint8Array): void {
    try {
      for (let done = 0; done < data.length;) done += writeSync(this.#file, data, done);
      this.#bytes += data.length;
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  mark(): OutputMark {
    return { bytes: this.#bytes, tail: this.#tail(this.#bytes), head: this.#head(this.#bytes) };
  }

  /** True when the file still has what it had at a mark; more may follow. */
  has({ bytes, tail }: OutputMark): boolean {
    return this.#bytes >= bytes && this.#tail(bytes) === tail;
  }

  /** True when the file is the beginning of what it was at a mark, as far as can be told: its end was lost. */
  isTorn({ bytes, head }: OutputMark): boolean {
    return this.#bytes < bytes && head.startsWith(this.#head(this.#bytes));
  }

  /** Cuts off what follows. @throws LmdeckError `config` */
  cut(bytes: number): void {
    try {
      ftruncateSync(this.#file, bytes);
      this.#bytes = bytes;
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  /** Waits until everything is on the disk. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #head(end: number): string {
    const buffer = Buffer.alloc(Math.min(HEAD_BYTES, end));
    return buffer.toString('latin1', 0, readSync(this.#file, buffer, 0, buffer.length, 0));
  }

  #tail(end: number): string {
    const buffer = Buffer.alloc(Math.min(TAIL_BYTES, end));
    const length = readSync(this.#file, buffer, 0, buffer.length, end - buffer.length);
    return process.getBuiltinModule('node:crypto').hash('sha256', buffer.subarray(0, length), 'hex');
  }
}

function unwritable(path: string, error: unknown): LmdeckError {
  const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  const reason = full ? 'the disk is full' : error instanceof Error ? error.message : String(error);
  return new LmdeckError(
    'config',
    `Cannot write ${path}: ${reason}. What was answered is on the tape: run the same command again when it can be written.`,
    { cause: error },
  );
}
