import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { VocabularyArrays } from './vocabulary.ts';

/** Changes with the layout, and with everything that decides about the places of tokens in it. */
export const VOCABULARY_FORMAT = 1;

const MAGIC = 0x564b_4d4c;
const HEADER_WORDS = 4;

/**
 * Reads what {@link writeVocabulary} wrote: no parsing, the arrays lie in the file as in memory.
 * @returns `undefined` when there is none, or it is not whole.
 */
export async function readVocabulary(path: string): Promise<VocabularyArrays | undefined> {
  let file: Buffer<ArrayBuffer>;
  try {
    file = await readFile(path);
  } catch {
    return undefined;
  }
  if (file.byteOffset % 4 !== 0 || file.length < 4 * HEADER_WORDS) return undefined;
  const [magic, format, size = 0, slotCount = 0] = new Int32Array(file.buffer, file.byteOffset, HEADER_WORDS);
  const offsetsAt = file.byteOffset + 4 * HEADER_WORDS;
  const slotsAt = offsetsAt + 4 * (size + 1);
  const bytesAt = slotsAt + 4 * slotCount;
  const end = file.byteOffset + file.length;
  if (magic !== MAGIC || format !== VOCABULARY_FORMAT || size < 1 || slotCount < size || bytesAt > end) return undefined;
  const offsets = new Int32Array(file.buffer, offsetsAt, size + 1);
  if (bytesAt + (offsets[size] ?? 0) !== end) return undefined;
  return { offsets, slots: new Int32Array(file.buffer, slotsAt, slotCount), bytes: new Uint8Array(file.buffer, bytesAt) };
}

/** Keeps the arrays for {@link readVocabulary}. Other processes see all of the file or nothing. Not being able to write it is no error: it only saves time. */
export async function writeVocabulary(path: string, { bytes, offsets, slots }: VocabularyArrays): Promise<void> {
  const header = Int32Array.of(MAGIC, VOCABULARY_FORMAT, offsets.length - 1, slots.length);
  const temporary = `${path}.${process.pid}.${Date.now().toString(36)}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, [header, offsets, slots, bytes].map(asBytes), { flag: 'wx' });
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function asBytes({ buffer, byteOffset, byteLength }: Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
