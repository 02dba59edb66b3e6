import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { LmdeckError } from '../../core/index.ts';
import type { OutputMark } from '../output/output-file.ts';
import type { TextHash } from '../rows/text-hash.ts';
import type { SourceFingerprint, SourcePosition } from '../sources/row-source.ts';
import type { BatchTally } from './batch-tally.ts';

/**
 * How far a run has come: everything before `from` has an outcome that stands in the output. What is written of it is small and of fixed
 * size, so a run of a million rows goes on without looking at those that are done.
 */
export interface Checkpoint {
  readonly version: 1;
  readonly from: SourcePosition;
  /** Rows from `from` on and below this are done too, but for those that are `pending`. */
  readonly begun: number;
  readonly pending: readonly number[];
  /** No row from here on has ever been asked. */
  readonly reserved: number;
  readonly source?: SourceFingerprint | undefined;
  /** Digest of the source before `from`. */
  readonly prefix?: string | undefined;
  readonly output?: OutputMark | undefined;
  /** How an output ends that is about to take the place of this one. */
  readonly replacement?: OutputMark | undefined;
  /** Number of rows that failed, see {@link FailedRow}. */
  readonly failed: number;
  readonly tally: BatchTally;
  /** The source was read to its end. */
  readonly complete: boolean;
}

/** A failed row and where its line stands in the output. */
export interface FailedRow {
  readonly index: number;
  readonly at: number;
  readonly length: number;
}

const CHECKPOINT = 'checkpoint.json';
const FAILED = 'failed.bin';
const FAILED_NUMBERS = 3;
const HASHES = 'rows.bin';
const HASH_NUMBERS = 4;

/** The files in which a run keeps how far it has come. They are a shortcut: without them, or when they do not fit, the tape tells. */
export class RunState {
  readonly #folder: string;
  readonly #hashes: NumberFile<Uint32Array>;
  readonly #failed: NumberFile<Float64Array>;

  /** @throws LmdeckError `config` when the folder cannot be written. */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#hashes = new NumberFile(join(folder, HASHES), HASH_NUMBERS, (length) => new Uint32Array(length));
      this.#failed = new NumberFile(join(folder, FAILED), FAILED_NUMBERS, (length) => new Float64Array(length));
    } catch (error) {
      throw unwritable(folder, error);
    }
  }

  read(): Checkpoint | undefined {
    return readCheckpoint(this.#folder);
  }

  /** True when the other files have what a checkpoint speaks of. */
  covers({ begun, failed }: Checkpoint): boolean {
    return this.#hashes.count >= begun && this.#failed.count >= failed;
  }

  /** The hashes of the first rows, in order: four numbers each. */
  hashes(rows: number): Uint32Array {
    return this.#hashes.read(rows);
  }

  failed(count: number): FailedRow[] {
    return failedRows(this.#failed.read(count), count);
  }

  /** Forgets what was noted beyond this many rows and failures. */
  cut(rows: number, failures: number): void {
    this.#hashes.cut(rows);
    this.#failed.cut(failures);
  }

  addHashes(hash: TextHash | undefined, idHash: TextHash | undefined): void {
    this.#hashes.add(hash?.high ?? 0, hash?.low ?? 0, idHash?.high ?? 0, idHash?.low ?? 0);
  }

  addFailed({ index, at, length }: FailedRow): void {
    this.#failed.add(index, at, length);
  }

  get failures(): number {
    return this.#failed.count;
  }

  /** Replaces all failed rows at once with the next checkpoint. */
  replaceFailed(rows: readonly FailedRow[]): void {
    this.#failed.cut(0);
    for (const row of rows) this.addFailed(row);
  }

  /** Readers see the old or the new state. @throws LmdeckError `config` */
  write(checkpoint: Checkpoint): void {
    const path = join(this.#folder, CHECKPOINT);
    try {
      this.#hashes.flush();
      this.#failed.flush();
      writeFileSync(`${path}.part`, JSON.stringify(checkpoint));
      renameSync(`${path}.part`, path);
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** Forgets how far the run had come. */
  reset(): void {
    rmSync(join(this.#folder, CHECKPOINT), { force: true });
    this.cut(0, 0);
  }

  close(): void {
    this.#hashes.close();
    this.#failed.close();
  }
}

/** The checkpoint of a run, for those who only look. */
export function readCheckpoint(folder: string): Checkpoint | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, CHECKPOINT), 'utf8'));
    return isCheckpoint(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The failed rows of a run, for those who only look. */
export function readFailed(folder: string, count: number): FailedRow[] {
  const bytes = readFileSync(join(folder, FAILED));
  const numbers = new Float64Array(count * FAILED_NUMBERS);
  new Uint8Array(numbers.buffer).set(bytes.subarray(0, numbers.byteLength));
  return failedRows(numbers, count);
}

function failedRows(numbers: Float64Array, count: number): FailedRow[] {
  return Array.from({ length: count }, (_, i) => ({
    index: numbers[i * FAILED_NUMBERS] ?? 0,
    at: numbers[i * FAILED_NUMBERS + 1] ?? 0,
    length: numbers[i * FAILED_NUMBERS + 2] ?? 0,
  }));
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (typeof value !== 'object' || value === null) return false;
  const { version, from, begun, pending, reserved, failed, tally }: Partial<Record<string, unknown>> = { ...value };
  return (
    version === 1 &&
    typeof from === 'object' &&
    from !== null &&
    'offset' in from &&
    typeof begun === 'number' &&
    Array.isArray(pending) &&
    typeof reserved === 'number' &&
    typeof failed === 'number' &&
    typeof tally === 'object' &&
    tally !== null
  );
}

function unwritable(path: string, error: unknown): LmdeckError {
  const reason = error instanceof Error ? error.message : String(error);
  return new LmdeckError(
    'config',
    `Cannot write ${path}: ${reason}. What was answered is on the tape: run the same command again when it can be written.`,
    {
      cause: error,
    },
  );
}

/** A file of records of so many numbers each, which grows at its end. */
class NumberFile<A extends Uint32Array | Float64Array> {
  readonly #file: number;
  readonly #size: number;
  readonly #make: (length: number) => A;
  readonly #bytes: number;
  #written: number;
  #waiting: A;
  #waitingCount = 0;
  readonly #path: string;

  constructor(path: string, size: number, make: (length: number) => A) {
    this.#path = path;
    this.#size = size;
    this.#make = make;
    this.#bytes = make(size).byteLength;
    this.#file = openSync(path, 'a+', 0o600);
    this.#written = Math.floor(fstatSync(this.#file).size / this.#bytes);
    this.#waiting = make(size * 1024);
    ftruncateSync(this.#file, this.#written * this.#bytes);
  }

  get count(): number {
    return this.#written + this.#waitingCount;
  }

  add(...numbers: readonly number[]): void {
    if ((this.#waitingCount + 1) * this.#size > this.#waiting.length) this.flush();
    this.#waiting.set(numbers, this.#waitingCount * this.#size);
    this.#waitingCount++;
  }

  flush(): void {
    if (this.#waitingCount === 0) return;
    const bytes = new Uint8Array(this.#waiting.buffer, 0, this.#waitingCount * this.#bytes);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    this.#written += this.#waitingCount;
    this.#waitingCount = 0;
  }

  read(count: number): A {
    this.flush();
    const numbers = this.#make(count * this.#size);
    const bytes = readFileSync(this.#path);
    new Uint8Array(numbers.buffer).set(bytes.subarray(0, numbers.byteLength));
    return numbers;
  }

  cut(count: number): void {
    this.flush();
    if (count >= this.#written) return;
    ftruncateSync(this.#file, count * this.#bytes);
    this.#written = count;
  }

  close(): void {
    closeSync(this.#file);
  }
}
