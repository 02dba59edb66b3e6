import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { LmdeckError } from '../../core/index.ts';
import type { SourceFingerprint } from './row-source.ts';

/** How much of a file is read at once. Digests are made of such blocks, so it never changes. */
export const BLOCK_BYTES = 64 * 1024;

/**
 * What tells whether a file is the one that it was.
 * @param beside a file whose growth is a change too: the write-ahead log of a database.
 * @throws LmdeckError `config`
 */
export function fingerprintOf(path: string, beside?: string): SourceFingerprint {
  try {
    const { size, mtimeMs, ino } = statSync(path);
    const more = beside === undefined ? undefined : statSync(beside, { throwIfNoEntry: false })?.size;
    return { bytes: size, mtimeMs, file: more === undefined || more === 0 ? String(ino) : `${ino}+${more}` };
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function isSame(a: SourceFingerprint, b: SourceFingerprint): boolean {
  return a.bytes === b.bytes && a.mtimeMs === b.mtimeMs && a.file === b.file;
}

/**
 * The blocks of a file from the one with this number on; all are whole but the last.
 * @param free blocks that nobody needs any more: they are used again, because memory outside of the heap is given back late.
 * @throws LmdeckError `config`
 */
export async function* fileBlocks(path: string, first: number, free: Buffer[]): AsyncGenerator<Buffer, undefined> {
  try {
    await using file = await open(path);
    for (let offset = first * BLOCK_BYTES; ;) {
      const block = free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
      let length = 0;
      while (length < BLOCK_BYTES) {
        const { bytesRead } = await file.read(block, length, BLOCK_BYTES - length, offset + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > 0) yield length === BLOCK_BYTES ? block : block.subarray(0, length);
      if (length < BLOCK_BYTES) return undefined;
      offset += BLOCK_BYTES;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function unreadable(path: string, error: unknown): LmdeckError {
  if (LmdeckError.isInstance(error)) return error;
  return new LmdeckError('config', `Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

export function changed(name: string): LmdeckError {
  return new LmdeckError(
    'config',
    `${name} was changed while it was being read. What was answered is kept: run the same command again to go on with the file as it is now.`,
  );
}
