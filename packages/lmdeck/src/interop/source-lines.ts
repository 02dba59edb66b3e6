import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { LmdeckError } from '../core/index.ts';
import { unreadable } from './source-error.ts';

/** Longer lines are no records. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/** One line of a text file. */
export interface SourceLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** A file's bytes, unpacked. */
export function sourceBytes(path: string, packed: boolean): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  if (!packed) return file;
  const unzip = process.getBuiltinModule('node:zlib').createGunzip({ chunkSize: 1 << 18 });
  file.on('error', (error) => unzip.destroy(error));
  // Whoever stops reading early must not leave the file open.
  unzip.on('close', () => file.destroy());
  return file.pipe(unzip);
}

/**
 * The lines of a file that are not empty. Split by hand: `readline` also splits at U+2028, which JSON may have in its strings.
 *
 * @param onBytes called with how many of the file's bytes were read so far.
 */
export async function* sourceLines(
  path: string,
  packed: boolean,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): AsyncGenerator<SourceLine, undefined> {
  let number = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let unpackedBytes = 0;
  const stream = sourceBytes(path, packed);
  const take = (end: Buffer): SourceLine | undefined => {
    number++;
    const whole = pendingBytes === 0 ? end : Buffer.concat([...pending, end]);
    pending = [];
    pendingBytes = 0;
    const text = lineText(whole, number);
    return text === '' ? undefined : { number, text };
  };
  try {
    for await (const chunk of stream) {
      if (signal?.aborted === true) throw LmdeckError.from(signal.reason, 'aborted');
      const buffer = Buffer.from(chunk);
      onBytes(bytesRead(stream, (unpackedBytes += buffer.length)));
      let from = 0;
      for (let at = buffer.indexOf(10); at >= 0; at = buffer.indexOf(10, from)) {
        const line = take(buffer.subarray(from, at));
        from = at + 1;
        if (line !== undefined) yield line;
      }
      pending.push(buffer.subarray(from));
      pendingBytes += buffer.length - from;
      if (pendingBytes > MAX_LINE_BYTES) {
        throw new LmdeckError(
          'config',
          `Cannot import ${path}: line ${number + 1} has more than ${MAX_LINE_BYTES / 2 ** 20} MiB; it is no record.`,
        );
      }
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  const last = take(Buffer.alloc(0));
  if (last !== undefined) yield last;
  return undefined;
}

/** How far a stream has come in its file: one that unpacks knows how much it took. */
function bytesRead(stream: Readable, passed: number): number {
  return 'bytesWritten' in stream && typeof stream.bytesWritten === 'number' ? stream.bytesWritten : passed;
}

function lineText(bytes: Buffer, number: number): string {
  const text = bytes.toString('utf8');
  return (number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text).trim();
}

/** The first line of what a file begins with. */
export function firstLine(head: Buffer): string {
  const end = head.indexOf(10);
  return lineText(end < 0 ? head : head.subarray(0, end), 1);
}
