import { FramingError } from './framing-error.ts';
import { isNameByte, isValueByte } from './header-byte.ts';
import { maxHeadBytes } from './response-head.ts';

/** Bytes of one chunk's size and its extensions, beyond which they are refused. */
const maxSizeLineBytes = 16_384;
/** Larger sizes would lose digits as numbers. */
const maxChunkBytes = 2 ** 48;

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const COLON = 58;

/** What comes next. */
type Expected =
  | 'first digit'
  | 'size'
  | 'extension'
  | 'size LF'
  | 'data'
  | 'data CR'
  | 'data LF'
  | 'trailer line'
  | 'trailer name'
  | 'trailer value'
  | 'trailer LF'
  | 'last LF'
  | 'nothing';

/**
 * Undoes the transfer-encoding `chunked` (RFC 9112, 7.1) of one body whose bytes come in pieces. Extensions and trailers are passed over.
 *
 * The data of one piece is moved together in its own place: one read, however many chunks it brought, is one run of bytes afterwards.
 */
export class ChunkedDecoder {
  /** Where the data of the last piece lies in it: from here … */
  dataStart = 0;
  /** … to here. */
  dataEnd = 0;
  #expected: Expected = 'first digit';
  /** Bytes of this chunk that are still to come; while its size is read, what is known of it. */
  #size = 0;
  /** Bytes of this size line, or of the trailers. */
  #lineBytes = 0;

  /** True when the last chunk and the trailers have come. */
  get complete(): boolean {
    return this.#expected === 'nothing';
  }

  /** Gets ready for another body. */
  reset(): void {
    this.#expected = 'first digit';
  }

  /**
   * Decodes `bytes` from `start` to `end`, and changes them.
   * @returns the index after the last byte that belongs to this body.
   * @throws FramingError; the data before the fault is there nevertheless.
   */
  decode(bytes: Buffer, start: number, end: number): number {
    let at = start;
    this.dataStart = start;
    this.dataEnd = start;
    while (at < end) {
      if (this.#expected === 'data') {
        at = this.#data(bytes, at, end);
        continue;
      }
      this.#framing(bytes[at++] ?? 0);
      if (this.#expected === 'nothing') break;
    }
    return at;
  }

  #data(bytes: Buffer, at: number, end: number): number {
    const length = Math.min(this.#size, end - at);
    if (this.dataEnd === this.dataStart) {
      this.dataStart = at;
      this.dataEnd = at;
    } else bytes.copyWithin(this.dataEnd, at, at + length);
    this.dataEnd += length;
    this.#size -= length;
    if (this.#size === 0) this.#expected = 'data CR';
    return at + length;
  }

  /** Takes one byte that is not data. */
  #framing(byte: number): void {
    this.#lineBytes += 1;
    switch (this.#expected) {
      case 'first digit':
        this.#size = 0;
        this.#lineBytes = 1;
        this.#expected = 'size';
        this.#digit(byte, 'a chunk has no size');
        break;
      case 'size':
        if (byte === CR) this.#expected = 'size LF';
        else if (byte === SEMICOLON) this.#expected = 'extension';
        else this.#digit(byte, 'the size of a chunk is malformed');
        break;
      case 'extension':
        if (byte === CR) this.#expected = 'size LF';
        else this.#line(isValueByte(byte), maxSizeLineBytes, 'an extension of a chunk is malformed or too long');
        break;
      case 'size LF':
        must(byte === LF, 'the size of a chunk does not end with CRLF');
        this.#lineBytes = 0;
        this.#expected = this.#size === 0 ? 'trailer line' : 'data';
        break;
      case 'data CR':
        must(byte === CR, 'a chunk is longer than its size');
        this.#expected = 'data LF';
        break;
      case 'data LF':
        must(byte === LF, 'a chunk is longer than its size');
        this.#expected = 'first digit';
        break;
      case 'trailer line':
        if (byte === CR) this.#expected = 'last LF';
        else {
          this.#line(isNameByte(byte), maxHeadBytes, 'its trailers are malformed');
          this.#expected = 'trailer name';
        }
        break;
      case 'trailer name':
        if (byte === COLON) this.#expected = 'trailer value';
        else this.#line(isNameByte(byte), maxHeadBytes, 'its trailers are malformed or too long');
        break;
      case 'trailer value':
        if (byte === CR) this.#expected = 'trailer LF';
        else this.#line(isValueByte(byte), maxHeadBytes, 'its trailers are malformed or too long');
        break;
      case 'trailer LF':
        must(byte === LF, 'its trailers are malformed');
        this.#expected = 'trailer line';
        break;
      case 'last LF':
        must(byte === LF, 'its last chunk does not end with CRLF');
        this.#expected = 'nothing';
        break;
      default:
    }
  }

  #digit(byte: number, otherwise: string): void {
    const digit = hexDigit(byte);
    this.#size = this.#size * 16 + digit;
    this.#line(this.#size <= maxChunkBytes, maxSizeLineBytes, otherwise);
  }

  #line(holds: boolean, limit: number, otherwise: string): void {
    must(holds && this.#lineBytes <= limit, otherwise);
  }
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new FramingError(otherwise);
}

/** NaN when it is none. */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN;
}
