import { closeSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { LmdeckError } from 'lmdeck/core';

const SAMPLE_BYTES = 64 * 1024;
const NEWEST_VERSION = 3;

/**
 * Looks whether a file can be a GGUF model at all, so that the common mistakes get a sentence instead of an engine's log.
 *
 * @throws LmdeckError `not-found` when there is no such file, `config` when it is something else.
 */
export function checkWeightsFile(path: string): void {
  const stats = statOrUndefined(path);
  if (stats === undefined) throw new LmdeckError('not-found', `No model file at ${path}. Check the path, or download a .gguf file to it.`);
  if (stats.isDirectory()) throw new LmdeckError('config', `${path} is a folder. Name the .gguf file in it.`);
  let head: Buffer;
  try {
    head = readAt(path, 0, 8);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LmdeckError('config', `${path} cannot be read: ${reason}`, { cause: error });
  }
  if (head.toString('latin1', 0, 4) !== 'GGUF')
    throw new LmdeckError('config', `${path} is not a GGUF file (it does not begin with "GGUF"). ${advice(path)}`);
  const version = head.length < 8 ? 0 : head.readUInt32LE(4);
  if (version < 1 || version > NEWEST_VERSION) {
    throw new LmdeckError(
      'config',
      `${path} has GGUF version ${version}; versions 1 to ${NEWEST_VERSION} can be read. It may be damaged: get it again.`,
    );
  }
}

function advice(path: string): string {
  return /\.(safetensors|bin|pt|pth)$/i.test(path)
    ? 'Convert it first with convert_hf_to_gguf.py of llama.cpp.'
    : 'An interrupted download or a Git LFS pointer looks like this; get the file again.';
}

/**
 * Identity of a weights file, cheap enough for every start: SHA-256 over its size, its first and its last 64 KB (16 hex
 * digits). `undefined` when the file cannot be read.
 */
export function weightsRevision(path: string): string | undefined {
  const stats = statOrUndefined(path);
  if (stats?.isFile() !== true) return undefined;
  try {
    const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
    hash.update(`${stats.size}\n`);
    hash.update(readAt(path, 0, Math.min(SAMPLE_BYTES, stats.size)));
    hash.update(readAt(path, Math.max(0, stats.size - SAMPLE_BYTES), Math.min(SAMPLE_BYTES, stats.size)));
    return hash.digest('hex').slice(0, 16);
  } catch {
    return undefined;
  }
}

/** Size of a weights file, all parts of a split one together; `undefined` when it cannot be read. */
export function weightsBytes(path: string): number | undefined {
  const [, before, count] = /^(.*)-00001-of-(\d{5})\.gguf$/i.exec(path) ?? [];
  if (before === undefined || count === undefined) return statOrUndefined(path)?.size;
  let bytes = 0;
  for (let part = 1; part <= Number(count); part++)
    bytes += statOrUndefined(`${before}-${String(part).padStart(5, '0')}-of-${count}.gguf`)?.size ?? 0;
  return bytes;
}

function statOrUndefined(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function readAt(path: string, position: number, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(file, buffer, 0, length, position));
  } finally {
    closeSync(file);
  }
}
