import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LmdeckError } from '../core/index.ts';
import { AttachmentFiles, isAttachmentFile } from './attachment-files.ts';
import type { Fixture } from './fixture-call.ts';
import { decodeFixture } from './fixture-decoder.ts';
import { encodeFixture } from './fixture-encoder.ts';
import type { Yaml } from './fixture-nodes.ts';

/** The folder of a fixture's attachments: `name.files` beside `name.yaml`. */
function filesFolder(path: string): string {
  return `${path.replace(/\.ya?ml$/, '')}.files`;
}

/**
 * The fixture in a file; `undefined` when there is none.
 * @throws LmdeckError `config` when it cannot be read or is no fixture.
 */
export function readFixture(yaml: Yaml, path: string): Fixture | undefined {
  const bytes = readOptional(path);
  if (bytes === undefined) return undefined;
  return decodeFixture(yaml, { path, text: bytes.toString('utf8'), attachment: (name) => readOptional(join(filesFolder(path), name)) });
}

/**
 * Writes a fixture with what belongs to it. Whoever reads it meanwhile sees the old one or the new one.
 * @throws LmdeckError `config` when it cannot be written.
 */
export function writeFixture(yaml: Yaml, path: string, fixture: Fixture): void {
  const files = new AttachmentFiles();
  const text = encodeFixture(yaml, fixture, files);
  const folder = filesFolder(path);
  try {
    // First what the fixture refers to.
    for (const [name, bytes] of files.contents) writeAtomically(join(folder, name), bytes);
    writeAtomically(path, text);
    for (const name of readFolder(folder)) if (isAttachmentFile(name) && !files.contents.has(name)) rmSync(join(folder, name));
    if (readFolder(folder).length === 0) rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    throw new LmdeckError('config', `Cannot write the fixture ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

let written = 0;

function writeAtomically(path: string, content: string | Buffer): void {
  const before = readOptional(path);
  // A file that does not change keeps its time: tools that watch files need not run again.
  if (before !== undefined && before.equals(Buffer.from(content))) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}-${++written}.tmp`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function readOptional(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new LmdeckError('config', `Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
