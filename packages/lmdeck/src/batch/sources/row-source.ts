import type { JsonObject } from '../../core/index.ts';

/** Where a row begins. */
export interface SourcePosition {
  /** Number of rows before it. */
  readonly index: number;
  /** Line of a text file, else number of the row; from 1. */
  readonly line: number;
  /** Bytes before it; 0 where rows cannot be found by bytes. */
  readonly offset: number;
}

/** Where every source begins. */
export const START: SourcePosition = { index: 0, line: 1, offset: 0 };

/** One row as its source has it, not yet understood. */
export interface SourceRow extends SourcePosition {
  /** Where the row after it begins. */
  readonly next: SourcePosition;
  /** A line of text, or the columns; absent when there is a `problem`. */
  readonly content?: string | JsonObject | undefined;
  /** Why it cannot be read. */
  readonly problem?: string | undefined;
}

/** What tells whether a source still is what it was. */
export interface SourceFingerprint {
  readonly bytes: number;
  readonly mtimeMs: number;
  /** The file's number on its disk, and that of its write-ahead log where it is a database. */
  readonly file: string;
}

/** Rows to ask about, read as they are needed. */
export interface RowSource {
  /** For places in messages: `prompts.jsonl`. */
  readonly name: string;
  /** The file behind it, absolute; absent for what cannot be read twice. */
  readonly path?: string | undefined;
  /** What a row's place says: `prompts.jsonl:17` or `prompts.parquet, row 17`. */
  readonly places: 'line' | 'row';
  /** How many bytes there are, where rows have offsets. */
  readonly bytes?: number | undefined;
  /**
   * The rows from a position on, as they come, several at a time. Rows that are not `wanted` may be left out.
   * @throws LmdeckError `config` when the source cannot be read, or is changed meanwhile.
   */
  read(from: SourcePosition, wanted?: (index: number) => boolean): AsyncIterable<readonly SourceRow[]>;
  /** Absent for what cannot be read twice. */
  readonly fingerprint?: (() => SourceFingerprint) | undefined;
  /** Tells whether the beginning is what it was when the rest has changed; absent where only the whole can be compared. */
  readonly prefix?: SourcePrefix | undefined;
}

/** The bytes that were read so far. */
export interface SourcePrefix {
  /** Tells that nothing before `offset` will be asked for. */
  advance(offset: number): void;
  /** The digest of the bytes before `offset`, which were read and not advanced over. */
  digest(offset: number): string;
  /** True when the file has this digest before `offset`. */
  matches(offset: number, digest: string): Promise<boolean>;
  /** Digests from now on what is read: from the start, or after a digest that matches, without reading what is before it. */
  begin(digest?: string): void;
}

/** `prompts.jsonl:17` */
export function placeOf(source: Pick<RowSource, 'name' | 'places'>, { line }: Pick<SourcePosition, 'line'>): string {
  return source.places === 'line' ? `${source.name}:${line}` : `${source.name}, row ${line}`;
}
