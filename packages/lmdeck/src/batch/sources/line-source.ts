import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { LmdeckError, type JsonObject } from '../../core/index.ts';
import { BLOCK_BYTES, changed, fileBlocks, fingerprintOf, isSame, unreadable } from './file-blocks.ts';
import { PrefixDigest } from './prefix-digest.ts';
import type { RowSource, SourceFingerprint, SourcePosition, SourceRow } from './row-source.ts';

/** A line longer than this is no row: it is told as malformed and passed over. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;

const TOO_LONG = `the line is longer than ${MAX_LINE_BYTES / 1024 / 1024} MB`;

const LINE_FEED = 10;

/** `either`: what the first line looks like. */
export type LineFormat = 'jsonl' | 'text' | 'either';

/**
 * The lines of a UTF-8 file, of a `.gz` file, or of a stream. Lines that are blank are no rows. Split by bytes, so that a row's place in the
 * file is known and reading can go on there.
 */
export class LineSource implements RowSource {
  readonly name: string;
  readonly path: string | undefined;
  readonly places = 'line';
  readonly bytes: number | undefined;
  readonly prefix: PrefixDigest | undefined;
  readonly fingerprint: (() => SourceFingerprint) | undefined;
  readonly #format: LineFormat;
  readonly #stream: AsyncIterable<Uint8Array | string> | undefined;

  /** @throws LmdeckError `config` when there is no such file. */
  constructor(from: string | AsyncIterable<Uint8Array | string>, format: LineFormat, name?: string) {
    this.#format = format;
    if (typeof from !== 'string') {
      this.name = name ?? 'stdin';
      this.#stream = from;
      return;
    }
    this.name = name ?? basename(from);
    this.path = from;
    this.fingerprint = () => fingerprintOf(from);
    const { bytes } = fingerprintOf(from);
    if (from.endsWith('.gz')) return;
    this.bytes = bytes;
    this.prefix = new PrefixDigest(from);
  }

  async *read(from: SourcePosition, wanted?: (index: number) => boolean): AsyncGenerator<readonly SourceRow[], undefined> {
    const before = this.fingerprint?.();
    const first = this.prefix === undefined ? 0 : Math.floor(from.offset / BLOCK_BYTES);
    const lines = new LineCutter(this.#format, from, first * BLOCK_BYTES, wanted);
    let isFirst = first === 0;
    for await (const block of this.#blocks(first)) {
      if (isFirst && isUtf16(block)) throw new LmdeckError('config', `${this.name} is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8`);
      isFirst = false;
      if (before !== undefined && this.fingerprint !== undefined && !isSame(before, this.fingerprint())) throw changed(this.name);
      const rows = lines.cut(block);
      this.prefix?.add(block);
      if (rows.length > 0) yield rows;
    }
    if (before !== undefined && this.fingerprint !== undefined && !isSame(before, this.fingerprint())) throw changed(this.name);
    const rows = lines.end();
    if (rows.length > 0) yield rows;
    return undefined;
  }

  async *#blocks(first: number): AsyncGenerator<Buffer, undefined> {
    if (this.path !== undefined && this.prefix !== undefined) return yield* fileBlocks(this.path, first, this.prefix.free);
    const stream = this.path === undefined ? this.#stream : unpacked(this.path);
    try {
      for await (const chunk of stream ?? []) yield typeof chunk === 'string' ? Buffer.from(chunk) : asBuffer(chunk);
    } catch (error) {
      throw unreadable(this.path ?? this.name, error);
    }
    return undefined;
  }
}

/** Cuts blocks into lines. */
class LineCutter {
  #format: LineFormat;
  readonly #wanted: ((index: number) => boolean) | undefined;
  /** Where the next block begins. */
  #offset: number;
  /** Where the line that is not complete yet begins. */
  #start: SourcePosition;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #tooLong = false;

  constructor(format: LineFormat, from: SourcePosition, offset: number, wanted: ((index: number) => boolean) | undefined) {
    this.#format = format;
    this.#start = from;
    this.#offset = offset;
    this.#wanted = wanted;
  }

  cut(block: Buffer): SourceRow[] {
    const rows: SourceRow[] = [];
    // The first block may begin before the first row.
    let at = this.#partBytes === 0 && !this.#tooLong ? Math.min(block.length, this.#start.offset - this.#offset) : 0;
    for (let end = block.indexOf(LINE_FEED, at); end >= 0; end = block.indexOf(LINE_FEED, at)) {
      this.#line(block.subarray(at, end), 1, rows);
      at = end + 1;
    }
    if (at < block.length) this.#keep(block.subarray(at));
    this.#offset += block.length;
    return rows;
  }

  end(): SourceRow[] {
    const rows: SourceRow[] = [];
    if (this.#partBytes > 0 || this.#tooLong) this.#line(Buffer.alloc(0), 0, rows);
    return rows;
  }

  #keep(part: Buffer): void {
    this.#partBytes += part.length;
    if (this.#partBytes > MAX_LINE_BYTES) {
      this.#tooLong = true;
      this.#parts = [];
      // A copy: the block is read into again.
    } else this.#parts.push(Buffer.from(part));
  }

  #line(last: Buffer, feed: number, rows: SourceRow[]): void {
    const start = this.#start;
    const length = this.#partBytes + last.length;
    const bytes = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    const tooLong = this.#tooLong || length > MAX_LINE_BYTES;
    if (this.#partBytes > 0) {
      this.#parts = [];
      this.#partBytes = 0;
      this.#tooLong = false;
    }
    const blank = !tooLong && isBlank(bytes);
    const next = { index: blank ? start.index : start.index + 1, line: start.line + 1, offset: start.offset + length + feed };
    this.#start = next;
    if (blank || this.#wanted?.(start.index) === false) return;
    if (this.#format === 'either') this.#format = bytes.toString('latin1').trimStart().startsWith('{') ? 'jsonl' : 'text';
    const text = tooLong ? undefined : textOf(bytes, start.offset === 0);
    rows.push(new LineRow(start, next, text ?? { problem: tooLong ? TOO_LONG : 'the line is not UTF-8' }, this.#format));
  }
}

type Understood = Pick<SourceRow, 'content' | 'problem'>;

/** A line that is parsed when its turn has come: what waits is small. */
class LineRow implements SourceRow {
  readonly index: number;
  readonly line: number;
  readonly offset: number;
  readonly next: SourcePosition;
  readonly #format: LineFormat;
  #line: string | Understood;

  constructor({ index, line, offset }: SourcePosition, next: SourcePosition, text: string | Understood, format: LineFormat) {
    this.index = index;
    this.line = line;
    this.offset = offset;
    this.next = next;
    this.#line = text;
    this.#format = format;
  }

  get content(): SourceRow['content'] {
    return this.#understood().content;
  }

  get problem(): string | undefined {
    return this.#understood().problem;
  }

  #understood(): Understood {
    if (typeof this.#line === 'string') this.#line = this.#format === 'text' ? { content: this.#line } : understood(this.#line);
    return this.#line;
  }
}

/** True for what begins with the mark of UTF-16. */
function isUtf16(block: Uint8Array): boolean {
  return (block[0] === 0xff && block[1] === 0xfe) || (block[0] === 0xfe && block[1] === 0xff);
}

/** Without line end and mark; `undefined` for what is not UTF-8. */
function textOf(bytes: Buffer, isFirst: boolean): string | undefined {
  const text = bytes.toString('utf8');
  if (text.includes('\uFFFD') && !isUtf8(bytes)) return undefined;
  const start = isFirst && text.startsWith('\uFEFF') ? 1 : 0;
  const end = text.endsWith('\r') ? text.length - 1 : text.length;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function understood(text: string): Understood {
  try {
    const value: unknown = LONG_INTEGER.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
    if (typeof value === 'string' || isObject(value)) return { content: value };
    return { problem: 'the line is JSON, but neither an object nor a text' };
  } catch (error) {
    return { problem: `the line is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A whole number that JavaScript may not hold; a reviver would be slow for all lines. */
const LONG_INTEGER = /[[:,\s]-?\d{16,}(?![\d.eE])/;

/** Ids of 64 bits stay what they are: as text, as in tables and databases. */
function exactInteger(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source) ? source : value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBlank(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte !== 32 && byte !== 9 && byte !== 13) return false;
  }
  return true;
}

function unpacked(path: string): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: BLOCK_BYTES });
  const stream = process.getBuiltinModule('node:zlib').createGunzip({ chunkSize: BLOCK_BYTES });
  // A pipe passes neither errors nor the end of reading on.
  file.on('error', (error) => stream.destroy(error));
  stream.on('close', () => file.destroy());
  return file.pipe(stream);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
