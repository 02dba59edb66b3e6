import { ByteBuffer } from './byte-buffer.ts';
import { ChunkedDecoder } from './chunked-decoder.ts';
import { FramingError } from './framing-error.ts';
import { headTooLarge, maxHeadBytes, parseResponseHead, type ResponseHead } from './response-head.ts';

/** While a head is this short, every byte is looked at when it comes: a server that speaks something else may wait for us. */
const eagerBytes = 16;

/**
 * Finds the answers in the bytes of one connection, one after the other. What was found is told by fields, not by calls: most
 * answers come in one read, and then one look at them is all it takes.
 */
export class ResponseReader {
  /** Set as soon as the head of an answer (not of an interim one) is complete. */
  head: ResponseHead | undefined;
  /** The body's bytes in the last read; a copy. */
  payload: Buffer | undefined;
  /** True when the answer has come to its end. */
  complete = false;
  /** True when more bytes came than belong to the answer. */
  overrun = false;
  /** Set when this is no HTTP; what came before is in the other fields. */
  problem: FramingError | undefined;
  /** A head that has not come whole. */
  readonly #partialHead = new ByteBuffer();
  #chunked: ChunkedDecoder | undefined;
  /** Bytes of the body still to come, when its length is known. */
  #remaining = 0;

  /** Takes the first `length` of `bytes`; they may be changed, and are not needed afterwards. */
  push(bytes: Buffer, length: number): void {
    this.payload = undefined;
    try {
      if (this.head !== undefined) this.#body(this.head, bytes, 0, length);
      else if (this.#partialHead.length === 0) this.#heads(bytes, length);
      else this.#continueHead(bytes, length);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.problem = error;
    }
  }

  /** The connection has ended: `complete` is true when the answer ends so, `problem` is set when what came can be no answer. */
  end(): void {
    this.payload = undefined;
    if (this.head !== undefined) this.complete ||= this.head.framing === 'until-close';
    else if (this.#partialHead.length > 0) {
      const partial = this.#partialHead.take();
      this.push(partial, partial.length);
    }
  }

  /** Gets ready for the next answer. */
  reset(): void {
    this.head = undefined;
    this.payload = undefined;
    this.complete = false;
    this.#chunked?.reset();
  }

  #continueHead(bytes: Buffer, length: number): void {
    const before = this.#partialHead.length;
    this.#partialHead.append(bytes.subarray(0, length));
    const all = this.#partialHead.bytes;
    // Looking at all of it for every byte would take quadratic time.
    if (before < eagerBytes || all.indexOf('\r\n\r\n', Math.max(0, before - 3), 'latin1') !== -1)
      this.#heads(this.#partialHead.take(), before + length);
    else if (all.length > maxHeadBytes) throw headTooLarge();
  }

  /** Reads the head, and interim heads before it, from the beginning of `bytes`. */
  #heads(bytes: Buffer, end: number): void {
    for (let at = 0; at < end;) {
      const head = parseResponseHead(bytes, at, end);
      if (head === undefined) {
        if (end - at > maxHeadBytes) throw headTooLarge();
        return this.#partialHead.append(bytes.subarray(at, end));
      }
      at += head.byteLength;
      if (head.status === 101) throw new FramingError('it switches to another protocol, which nobody asked for');
      if (head.status < 200) continue;
      this.head = head;
      this.#remaining = head.contentLength;
      if (head.framing === 'chunked') this.#chunked ??= new ChunkedDecoder();
      return this.#body(head, bytes, at, end);
    }
  }

  #body(head: ResponseHead, bytes: Buffer, start: number, end: number): void {
    let at = end;
    if (head.framing === 'length') {
      at = Math.min(end, start + this.#remaining);
      this.#remaining -= at - start;
      this.complete = this.#remaining === 0;
      this.#take(bytes, start, at);
    } else if (head.framing === 'until-close') this.#take(bytes, start, end);
    else if (this.#chunked !== undefined) {
      try {
        at = this.#chunked.decode(bytes, start, end);
      } finally {
        this.#take(bytes, this.#chunked.dataStart, this.#chunked.dataEnd);
      }
      this.complete = this.#chunked.complete;
    }
    this.overrun = at < end;
  }

  /** Copies: the block that is read into is used again for the next read, of any connection. */
  #take(bytes: Buffer, start: number, end: number): void {
    if (end === start) return;
    this.payload = Buffer.allocUnsafe(end - start);
    bytes.copy(this.payload, 0, start, end);
  }
}
