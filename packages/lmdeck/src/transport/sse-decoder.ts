import { LmdeckError } from '../core/index.ts';
import { ByteBuffer } from './byte-buffer.ts';

/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  /** The lines of the event's `data` fields, joined by line feeds. */
  readonly data: string;
  /** Type of the event; absent for the default type `message`. */
  readonly event?: string;
  /** The last event id that the stream has set, also by an earlier event; absent when there is none. */
  readonly id?: string;
}

export interface SseDecoderOptions {
  /** Called with the text of every comment line, one leading space removed. */
  readonly onComment?: (comment: string) => void;
  /** Bytes of one line, or characters of one event's data, beyond which the stream is given up. Default: 64 MiB. */
  readonly maxEventBytes?: number;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const none: readonly ServerSentEvent[] = [];

/**
 * Decodes a `text/event-stream` from bytes that may be split anywhere, by the rules of the WHATWG HTML standard, section
 * 9.2.6: CR, LF and CRLF end lines, one leading byte order mark is dropped, a block without its closing blank line is not an event.
 *
 * Every read is decoded up to its last line end in one go, and lines are found with the engine's `indexOf`: that is several
 * times faster than looking at bytes in JavaScript, and no character is ever cut, because a line end is no part of any other
 * UTF-8 sequence. What comes after the last line end waits as bytes.
 *
 * @example
 * ```ts
 * import { SseDecoder } from 'lmdeck/transport';
 *
 * const decoder = new SseDecoder();
 * console.log(decoder.push(new TextEncoder().encode('data: hel'))); // []
 * console.log(decoder.push(new TextEncoder().encode('lo\n\n'))); // [ { data: 'hello' } ]
 * ```
 */
export class SseDecoder {
  readonly #onComment: ((comment: string) => void) | undefined;
  readonly #maxEventBytes: number;
  readonly #tail = new ByteBuffer();
  #atStart = true;
  /** The last byte was a CR, which ended its line; a LF that follows belongs to it. */
  #skipLf = false;
  #data: string | undefined;
  #event = '';
  #id = '';
  #retryMs: number | undefined;

  constructor(options: SseDecoderOptions = {}) {
    this.#onComment = options.onComment;
    this.#maxEventBytes = options.maxEventBytes ?? 64 * 1_048_576;
  }

  /** The reconnection time that the stream asked for last, in milliseconds. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /**
   * The events that these bytes completed. The bytes are not kept.
   * @throws LmdeckError `invalid-response` when an event is larger than `maxEventBytes`.
   */
  push(chunk: Uint8Array): readonly ServerSentEvent[] {
    let bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (bytes.length === 0) return none;
    if (this.#skipLf) {
      this.#skipLf = false;
      if (bytes[0] === LF) bytes = bytes.subarray(1);
    }
    const end = linesEnd(bytes);
    if (end === 0) {
      this.#keep(bytes);
      return none;
    }
    this.#skipLf = end === bytes.length && bytes[end - 1] === CR;
    const text = this.#text(bytes, end);
    if (end < bytes.length) this.#keep(bytes.subarray(end));
    const events: ServerSentEvent[] = [];
    if (text.includes('\r')) this.#mixedLines(text, events);
    else this.#lines(text, events);
    return events;
  }

  /** The stream has ended: what is left without a closing blank line is dropped, as the standard demands. */
  end(): void {
    this.#tail.takeText();
    this.#data = undefined;
    this.#event = '';
  }

  #keep(bytes: Uint8Array): void {
    if (this.#tail.length + bytes.length > this.#maxEventBytes) throw this.#tooLarge();
    this.#tail.append(bytes);
  }

  /** The waiting bytes and the first `end` of these as text. */
  #text(bytes: Buffer, end: number): string {
    let text: string;
    if (this.#tail.length === 0) text = bytes.toString('utf8', 0, end);
    else {
      this.#tail.append(bytes.subarray(0, end));
      text = this.#tail.takeText();
    }
    if (this.#atStart) {
      this.#atStart = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    return text;
  }

  #lines(text: string, events: ServerSentEvent[]): void {
    let start = 0;
    while (start < text.length) {
      const end = text.indexOf('\n', start);
      this.#line(text, start, end, events);
      start = end + 1;
    }
  }

  /** What a LF ends is one line where CRLF is the rule; a CR inside it has ended a line of its own. */
  #mixedLines(text: string, events: ServerSentEvent[]): void {
    let start = 0;
    let cr = text.indexOf('\r');
    while (start < text.length) {
      const lf = text.indexOf('\n', start);
      const end = lf === -1 ? text.length : lf;
      const last = end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end;
      while (cr !== -1 && cr < last) {
        this.#line(text, start, cr, events);
        start = cr + 1;
        cr = text.indexOf('\r', start);
      }
      this.#line(text, start, last, events);
      start = end + 1;
      // Searched for again only when it has been passed: the text may be long and hold a single CR.
      if (cr !== -1 && cr < start) cr = text.indexOf('\r', start);
    }
  }

  #line(text: string, start: number, end: number, events: ServerSentEvent[]): void {
    if (end === start) this.#dispatch(events);
    else if (text.startsWith('data:', start)) {
      const value = text.slice(text.charCodeAt(start + 5) === SPACE ? start + 6 : start + 5, end);
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
      if (this.#data.length > this.#maxEventBytes) throw this.#tooLarge();
    } else this.#field(text.slice(start, end));
  }

  #dispatch(events: ServerSentEvent[]): void {
    const data = this.#data;
    if (data !== undefined) {
      if (this.#event === '' && this.#id === '') events.push({ data });
      else
        events.push({
          data,
          ...(this.#event === '' ? undefined : { event: this.#event }),
          ...(this.#id === '' ? undefined : { id: this.#id }),
        });
    }
    this.#data = undefined;
    this.#event = '';
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1);
    if (name === '') this.#onComment?.(value);
    // With a colon it was taken before; without one it is an empty line of data.
    else if (name === 'data') this.#data = this.#data === undefined ? '' : `${this.#data}\n`;
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value)) this.#retryMs = Number(value);
  }

  #tooLarge(): LmdeckError {
    return new LmdeckError(
      'invalid-response',
      `The event stream has an event of more than ${this.#maxEventBytes} bytes: it is no event stream, or maxEventBytes must be raised.`,
    );
  }
}

/**
 * The events of a response body, one batch per read that completed any. Leaving early closes the body.
 * @throws LmdeckError what the body throws, and `invalid-response` as {@link SseDecoder.push} does.
 */
export function sseEvents(body: AsyncIterable<Uint8Array>, options: SseDecoderOptions = {}): AsyncIterable<readonly ServerSentEvent[]> {
  return { [Symbol.asyncIterator]: () => new SseIterator(body[Symbol.asyncIterator](), new SseDecoder(options)) };
}

// An async generator would cost two more promises per read.
class SseIterator implements AsyncIterator<readonly ServerSentEvent[], undefined> {
  readonly #body: AsyncIterator<Uint8Array>;
  readonly #decoder: SseDecoder;

  constructor(body: AsyncIterator<Uint8Array>, decoder: SseDecoder) {
    this.#body = body;
    this.#decoder = decoder;
  }

  async next(): Promise<IteratorResult<readonly ServerSentEvent[], undefined>> {
    for (;;) {
      const read = await this.#body.next();
      if (read.done === true) {
        this.#decoder.end();
        return { done: true, value: undefined };
      }
      try {
        const value = this.#decoder.push(read.value);
        if (value.length > 0) return { done: false, value };
      } catch (error) {
        await this.return();
        throw error;
      }
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#body.return?.();
    return { done: true, value: undefined };
  }
}

/** Where the last complete line ends: the index after its CR or LF, 0 when there is none. */
function linesEnd(bytes: Buffer): number {
  const last = bytes[bytes.length - 1];
  if (last === LF || last === CR) return bytes.length;
  return Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR)) + 1;
}
