import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import type { CliIo } from '../io/cli-io.ts';

/** A file that can be read more than once and from anywhere. */
export interface SpooledFile extends AsyncDisposable {
  readonly path: string;
}

/** A file by its name; `-` puts what stdin has into a temporary one, which is removed afterwards. */
export async function spooled(path: string, io: CliIo, signal: AbortSignal): Promise<SpooledFile> {
  if (path !== '-') return { path, [Symbol.asyncDispose]: () => Promise.resolve() };
  if (io.stdin.isTTY === true) throw new LmdeckError('usage', '"-" reads stdin, and that is the terminal. Name a file, or pipe one in.');
  const folder = mkdtempSync(join(tmpdir(), 'lmdeck-stdin-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const file = join(folder, 'stdin');
  try {
    await process.getBuiltinModule('node:stream/promises').pipeline(io.stdin, createWriteStream(file, { mode: 0o600 }), { signal });
  } catch (error) {
    remove();
    throw signal.aborted ? LmdeckError.from(signal.reason, 'aborted') : LmdeckError.from(error, 'config');
  }
  return {
    path: file,
    [Symbol.asyncDispose]: async () => remove(),
  };
}
