import { closeSync, createReadStream, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { createRequest, LmdeckError, type ModelRequest } from '../../core/index.ts';
import { textLines } from '../../transport/index.ts';
import type { AskedRow, PartRow } from './part-rows.ts';

const BUFFER_CHARS = 1 << 18;

/** Writes the rows of a part, one after the other, in bounded memory. */
export class PartWriter {
  readonly path: string;
  readonly #file: number;
  #pending = '';

  /** @throws LmdeckError `config` when the file cannot be made. */
  constructor(path: string) {
    this.path = path;
    this.#file = wrapped(path, () => openSync(path, 'w', 0o600));
  }

  add(row: PartRow): void {
    this.#pending += `${JSON.stringify(row)}\n`;
    if (this.#pending.length > BUFFER_CHARS) this.#flush();
  }

  /** On disk when it returns. */
  close(): void {
    this.#flush();
    wrapped(this.path, () => fsyncSync(this.#file));
    closeSync(this.#file);
  }

  /** Gives it up. */
  discard(): void {
    closeSync(this.#file);
    rmSync(this.path, { force: true });
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    wrapped(this.path, () => {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    });
  }
}

/** The rows of a part, in their order. */
export async function* partRows(path: string): AsyncGenerator<PartRow, undefined> {
  for await (const line of partLines(path)) yield parsedRow(line);
  return undefined;
}

/** Those of them that a job asks. */
export async function* askedRows(path: string): AsyncGenerator<AskedRow, undefined> {
  for await (const row of partRows(path)) if ('request' in row) yield row;
  return undefined;
}

/** Finds requests of a part by their key: in memory are only their places. */
export class PartIndex implements Disposable {
  readonly #file: number;
  readonly #places: ReadonlyMap<string, readonly [offset: number, bytes: number]>;

  private constructor(path: string, places: ReadonlyMap<string, readonly [number, number]>) {
    this.#places = places;
    this.#file = wrapped(path, () => openSync(path, 'r'));
  }

  static async open(path: string): Promise<PartIndex> {
    const places = new Map<string, readonly [number, number]>();
    let offset = 0;
    for await (const line of partLines(path)) {
      const bytes = Buffer.byteLength(line);
      const row = parsedRow(line);
      if ('request' in row) places.set(row.key, [offset, bytes]);
      offset += bytes + 1;
    }
    return new PartIndex(path, places);
  }

  get size(): number {
    return this.#places.size;
  }

  keys(): Iterable<string> {
    return this.#places.keys();
  }

  row(key: string): AskedRow | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const [offset, length] = place;
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const read = readSync(this.#file, bytes, done, length - done, offset + done);
      if (read === 0) return undefined;
      done += read;
    }
    const row = parsedRow(bytes.toString('utf8'));
    return 'request' in row ? row : undefined;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

async function* partLines(path: string): AsyncGenerator<string, undefined> {
  try {
    yield* textLines(createReadStream(path, { highWaterMark: 1 << 18 }));
  } catch (error) {
    throw unusable('read', path, error);
  }
  return undefined;
}

function parsedRow(line: string): PartRow {
  const row: PartRow = JSON.parse(line);
  if (!('request' in row)) return row;
  const request: ModelRequest = row.request;
  return { ...row, request: createRequest(request) };
}

function wrapped<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unusable('write', path, error);
  }
}

function unusable(what: 'read' | 'write', path: string, error: unknown): LmdeckError {
  if (LmdeckError.isInstance(error)) return error;
  return new LmdeckError('config', `Cannot ${what} ${path}: ${LmdeckError.from(error).message}`, { cause: error });
}
