import { fstatSync, writeSync } from 'node:fs';

/** Less than any pipe or socket holds before somebody reads: so much can be written without waiting for the reader. */
const LIMIT_BYTES = 8192;

/**
 * Writes the beginning of an output straight to its file descriptor. A stream over a pipe costs more than a millisecond before its first
 * byte, and most answers are short. What does not fit is the stream's: it waits for a slow reader, which this must not.
 */
export class DirectOutput {
  readonly #fd: number;
  #left: number | undefined;
  #plain: boolean | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** False when it could be a terminal, or something unheard of. */
  get isPlain(): boolean {
    return (this.#plain ??= isPlain(this.#fd));
  }

  /**
   * Writes as much as it may; returns what is left for the stream.
   * @throws what the system says: EPIPE when the reader has gone.
   */
  write(text: string): string | Uint8Array {
    this.#left ??= this.isPlain ? LIMIT_BYTES : 0;
    if (this.#left < text.length) return this.#give(text);
    const bytes = Buffer.from(text);
    if (bytes.length > this.#left) return this.#give(text);
    this.#left -= bytes.length;
    let written = 0;
    while (written < bytes.length) {
      try {
        written += writeSync(this.#fd, bytes, written);
      } catch (error) {
        // Somebody has set it not to wait, and it is full.
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return this.#give(bytes.subarray(written));
        throw error;
      }
    }
    return '';
  }

  /** From here on everything goes to the stream, or the order would be lost. */
  #give<T>(rest: T): T {
    this.#left = 0;
    return rest;
  }
}

/** A pipe, a socket or a file: what has no screen. */
function isPlain(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket() || stat.isFile();
  } catch {
    return false;
  }
}
