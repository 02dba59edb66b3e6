import { statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
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
 * The blocks of a file from the one with this number on; all are whole but the last. The next one is read while one is looked at.
 * @param free blocks that nobody needs any more: they are used again, because memory outside of the heap is given back late.
 * @throws LmdeckError `config`
 */
export async function* fileBlocks(path: string, first: number, free: Buffer[]): AsyncGenerator<Buffer, undefined> {
  let ahead: Promise<Buffer> | undefined;
  try {
    await using file = await open(path);
    for (let number = first; ; number++) {
      const block = await (ahead ?? readBlock(file, number, free.pop()));
      if (block.length < BLOCK_BYTES) {
        if (block.length > 0) yield block;
        return undefined;
      }
      ahead = readBlock(file, number + 1, free.pop());
      // Whoever asks for it is told; nobody may.
      ahead.catch(() => {});
      yield block;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readBlock(file: FileHandle, number: number, used: Buffer | undefined): Promise<Buffer> {
  const block = used ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  for (let length = 0; ;) {
    const { bytesRead } = await file.read(block, length, BLOCK_BYTES - length, number * BLOCK_BYTES + length);
    length += bytesRead;
    if (length === BLOCK_BYTES) return block;
    if (bytesRead === 0) return block.subarray(0, length);
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
