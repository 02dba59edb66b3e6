import { FramingError } from './framing-error.ts';
import { isNameByte, isValueByte } from './header-byte.ts';

/** Everything of an answer before its body. */
export interface ResponseHead {
  readonly status: number;
  /** Bytes of the head, its blank line included. */
  readonly byteLength: number;
  /** How the end of the body is known. */
  readonly framing: 'length' | 'chunked' | 'until-close';
  /** Bytes of the body; 0 unless `framing` is `length`. */
  readonly contentLength: number;
  /** True when the server lets the connection be used again. */
  readonly keepAlive: boolean;
  /** How long the server keeps the unused connection, milliseconds, as far as it says so. */
  readonly keepAliveMs: number | undefined;
  readonly contentEncoding: string | undefined;
  /** The header lines as they came, each with its line end. */
  readonly lines: string;
}

/** Bytes of one head beyond which it is refused. */
export const maxHeadBytes = 65_536;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

const statusLineStart = Buffer.from('HTTP/1.');
/** `HTTP/1.1 200` */
const statusLineBytes = statusLineStart.length + 5;

/**
 * Reads the head of an HTTP/1.1 or 1.0 answer (RFC 9112) from `bytes`, `start` to `end`. Strict like Node's own parser: lines end with
 * CRLF, none is folded, and nothing that two programs could understand in two ways is passed on.
 *
 * One pass over the bytes; of the headers only those that say where the body ends are looked at, the others wait in `lines`.
 *
 * @returns undefined when the head is not complete and not wrong so far.
 * @throws FramingError
 */
export function parseResponseHead(bytes: Buffer, start: number, end: number): ResponseHead | undefined {
  for (let i = 0; i < statusLineStart.length; i++) {
    if (start + i === end) return undefined;
    if (bytes[start + i] !== statusLineStart[i]) throw new FramingError('its first line is not that of an HTTP/1.1 answer');
  }
  if (end - start <= statusLineBytes) return undefined;
  const minor = digit(bytes, start + 7);
  const status = digit(bytes, start + 9) * 100 + digit(bytes, start + 10) * 10 + digit(bytes, start + 11);
  // Comparisons with NaN are false.
  if (!(minor <= 1 && status >= 100) || bytes[start + 8] !== SPACE) throw new FramingError('its status line is malformed');
  let at = start + statusLineBytes;
  // The reason, of which nothing is kept, may be missing, with or without the space before it.
  if (bytes[at] === SPACE) while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++;
  if (!endsLine(bytes, at, end, 'its status line is malformed')) return undefined;
  at += 2;

  const linesStart = at;
  const fields = new Fields();
  for (;;) {
    const nameStart = at;
    while (at < end && isNameByte(bytes[at])) at++;
    if (at === end) return undefined;
    if (at === nameStart) {
      if (!endsLine(bytes, at, end, 'a header has no name')) return undefined;
      break;
    }
    const nameEnd = at;
    if (bytes[at++] !== COLON) throw new FramingError('a header line has no colon right after its name');
    while (at < end && isValueByte(bytes[at])) at++;
    if (!endsLine(bytes, at, end, 'a header has a character that headers cannot have')) return undefined;
    fields.add(bytes, nameStart, nameEnd, at);
    at += 2;
  }
  const byteLength = at + 2 - start;
  if (byteLength > maxHeadBytes) throw headTooLarge();
  return fields.head(status, minor, byteLength, bytes.toString('latin1', linesStart, at));
}

/** The headers by name in lower case, those that came repeatedly joined by ", ". */
export function parseHeaderLines(lines: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let start = 0; start < lines.length;) {
    const colon = lines.indexOf(':', start);
    const end = lines.indexOf('\r', colon);
    const name = lines.slice(start, colon).toLowerCase();
    const value = trimmed(lines, colon + 1, end);
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
    start = end + 2;
  }
  return headers;
}

export function headTooLarge(): FramingError {
  return new FramingError(`its headers are larger than ${maxHeadBytes} bytes`);
}

/** The headers that matter for the end of the body and of the connection, while a head is read. */
class Fields {
  #contentLength: number | undefined;
  #transferEncoding: string | undefined;
  #connection: string | undefined;
  #keepAlive: string | undefined;
  #contentEncoding: string | undefined;

  /** Takes the header whose name is `nameStart` to `nameEnd` and whose value follows the colon there and ends at `valueEnd`. */
  add(bytes: Buffer, nameStart: number, nameEnd: number, valueEnd: number): void {
    switch (nameEnd - nameStart) {
      case 10:
        if (isText(bytes, nameStart, 'connection'))
          this.#connection = join(this.#connection, value(bytes, nameEnd, valueEnd).toLowerCase());
        else if (isText(bytes, nameStart, 'keep-alive')) this.#keepAlive = value(bytes, nameEnd, valueEnd);
        break;
      case 14:
        if (isText(bytes, nameStart, 'content-length')) this.#addLength(value(bytes, nameEnd, valueEnd));
        break;
      case 16:
        if (isText(bytes, nameStart, 'content-encoding'))
          this.#contentEncoding = join(this.#contentEncoding, value(bytes, nameEnd, valueEnd));
        break;
      case 17:
        if (isText(bytes, nameStart, 'transfer-encoding'))
          this.#transferEncoding = join(this.#transferEncoding, value(bytes, nameEnd, valueEnd).toLowerCase());
        break;
      default:
    }
  }

  head(status: number, minor: number, byteLength: number, lines: string): ResponseHead {
    const chunked = isChunked(this.#transferEncoding);
    const bodyless = status < 200 || status === 204 || status === 304;
    const framing = bodyless ? 'length' : chunked ? 'chunked' : this.#contentLength === undefined ? 'until-close' : 'length';
    return {
      status,
      byteLength,
      framing,
      contentLength: bodyless || chunked ? 0 : (this.#contentLength ?? 0),
      keepAlive: framing !== 'until-close' && !this.#isAmbiguous(minor) && this.#persists(minor),
      keepAliveMs: keepAliveMs(this.#keepAlive),
      contentEncoding: this.#contentEncoding,
      lines,
    };
  }

  /** The same length more than once is one length. */
  #addLength(text: string): void {
    for (const each of text.includes(',') ? text.split(',').map((item) => item.trim()) : [text]) {
      const length = Number(each);
      if (!/^\d+$/.test(each) || !Number.isSafeInteger(length)) throw new FramingError('its content-length is not a length');
      if (this.#contentLength !== undefined && this.#contentLength !== length)
        throw new FramingError('it has two different content-lengths');
      this.#contentLength = length;
    }
  }

  /** Somebody on the way may see another end of this body (RFC 9112, 6.3): what follows on this connection cannot be trusted. */
  #isAmbiguous(minor: number): boolean {
    return this.#transferEncoding !== undefined && (this.#contentLength !== undefined || minor === 0);
  }

  #persists(minor: number): boolean {
    if (this.#connection === undefined) return minor === 1;
    if (this.#connection === 'keep-alive') return true;
    const options = this.#connection.split(',').map((option) => option.trim());
    return !options.includes('close') && (minor === 1 || options.includes('keep-alive'));
  }
}

/** @throws FramingError for a coding that was not asked for: its bytes would be taken for the body. */
function isChunked(transferEncoding: string | undefined): boolean {
  if (transferEncoding === undefined) return false;
  if (transferEncoding === 'chunked') return true;
  const codings = transferEncoding.split(',').map((coding) => coding.trim());
  if (codings.every((coding) => coding === '' || coding === 'identity')) return false;
  if (codings.every((coding) => coding === 'chunked')) return true;
  throw new FramingError(`it came in the transfer-encoding ${JSON.stringify(transferEncoding)}, which was not asked for`);
}

/** `timeout=5, max=100` */
function keepAliveMs(value: string | undefined): number | undefined {
  const seconds = value === undefined ? undefined : /(?:^|[,;\s])timeout=(\d+)/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** @returns false when the line end is not here yet. */
function endsLine(bytes: Buffer, at: number, end: number, otherwise: string): boolean {
  if (at === end) return false;
  if (bytes[at] !== CR) throw new FramingError(otherwise);
  if (at + 1 === end) return false;
  if (bytes[at + 1] !== LF) throw new FramingError(otherwise);
  return true;
}

/** Compares without regard to case; `text` is in lower case. Names are tokens, so the bit that tells the cases is enough. */
function isText(bytes: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (((bytes[at + i] ?? 0) | 32) !== text.charCodeAt(i)) return false;
  return true;
}

/** NaN when it is none. */
function digit(bytes: Buffer, at: number): number {
  const value = (bytes[at] ?? 0) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

/** The value after the colon, without the white space around it. */
function value(bytes: Buffer, colon: number, end: number): string {
  let start = colon + 1;
  let last = end;
  while (start < last && isSpace(bytes[start])) start++;
  while (last > start && isSpace(bytes[last - 1])) last--;
  return bytes.toString('latin1', start, last);
}

/** Not `trim`, which takes more for white space than HTTP does. */
function trimmed(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}
