import { closeSync, createWriteStream, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { LmdeckError } from '../core/index.ts';
import { openSourceDatabase, type OpenedDatabase, type SourceDatabase } from './source-database.ts';
import { unreadable } from './source-error.ts';
import { firstLine, sourceBytes, sourceLines, type SourceLine } from './source-lines.ts';

/** How much of a file its kind is told from. */
const HEAD_BYTES = 65_536;

const SQLITE_MAGIC = 'SQLite format 3\0';

/** A file to be imported: unpacked when it was compressed, and told apart as far as its first bytes go. */
export interface ImportSource extends Disposable {
  /** As it was named. */
  readonly path: string;
  /** The file's name without its folder and without `.gz`. */
  readonly name: string;
  /** Where the unpacked file lies. */
  readonly file: string;
  /** When the file was last changed, milliseconds since 1970. */
  readonly modifiedAt: number;
  /** The first line; empty for a file that is no text. */
  readonly firstLine: string;
  /** Present when it is an SQLite file. */
  readonly database: SourceDatabase | undefined;
  /** The lines of a text file, without empty ones. */
  lines(): AsyncIterable<SourceLine>;
  /** The share of a text file that was read, 0 to 1. */
  readonly fraction: number;
}

/**
 * Opens a file for reading, gzip or not. SQLite needs a file, so a compressed database is unpacked into the folder for temporary files and
 * removed afterwards.
 *
 * @throws LmdeckError `config` when it cannot be read, is damaged or empty.
 */
export async function openSource(path: string, signal?: AbortSignal): Promise<ImportSource> {
  let head: Buffer;
  let modifiedAt: number;
  let size: number;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new LmdeckError('config', `Cannot import ${path}: it is a folder. Name a file in it.`);
    modifiedAt = Math.floor(stat.mtimeMs);
    size = stat.size;
    head = readHead(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  if (packed) head = await unpackedHead(path);
  if (head.length === 0) throw new LmdeckError('config', `Cannot import ${path}: the file is empty.`);
  const isDatabase = head.toString('latin1', 0, SQLITE_MAGIC.length) === SQLITE_MAGIC;
  const unpacked = packed && isDatabase ? await unpack(path, signal) : undefined;
  const file = unpacked?.file ?? path;
  let database: OpenedDatabase | undefined;
  try {
    database = isDatabase ? openSourceDatabase(file, path) : undefined;
  } catch (error) {
    unpacked?.remove();
    throw error;
  }
  let read = 0;
  return {
    path,
    name: basename(path).replace(/\.gz$/i, ''),
    file,
    modifiedAt,
    firstLine: isDatabase ? '' : firstLine(head),
    database,
    get fraction() {
      return size === 0 ? 1 : Math.min(1, read / size);
    },
    lines: () => sourceLines(path, packed, signal, (bytes) => (read = bytes)),
    [Symbol.dispose]: () => {
      database?.close();
      unpacked?.remove();
    },
  };
}

function readHead(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

async function unpackedHead(path: string): Promise<Buffer> {
  const stream = sourceBytes(path, true);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      const buffer = Buffer.from(chunk);
      chunks.push(buffer);
      bytes += buffer.length;
      if (bytes >= HEAD_BYTES) break;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return Buffer.concat(chunks);
}

interface Unpacked {
  readonly file: string;
  remove(): void;
}

async function unpack(path: string, signal: AbortSignal | undefined): Promise<Unpacked> {
  const { pipeline } = process.getBuiltinModule('node:stream/promises');
  const folder = mkdtempSync(join(tmpdir(), 'lmdeck-import-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const file = join(folder, 'unpacked.db');
  try {
    await pipeline(sourceBytes(path, true), createWriteStream(file, { mode: 0o600 }), { signal });
    return { file, remove };
  } catch (error) {
    remove();
    if (signal?.aborted === true) throw LmdeckError.from(signal.reason, 'aborted');
    throw unreadable(path, error);
  }
}
