/** Bytes that arrive in pieces, kept in one block that doubles: appending n single bytes costs O(n). */
export class ByteBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view of everything appended; it holds until the next call of another method. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length, 256));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** Everything appended, for the caller to keep; empties the buffer. */
  take(): Buffer {
    const { bytes } = this;
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return bytes;
  }

  /** Everything appended since the last call, decoded as UTF-8; empties the buffer. */
  takeText(): string {
    const text = this.#bytes.toString('utf8', 0, this.#length);
    this.#length = 0;
    // One huge line must not hold its memory for the rest of a long stream.
    if (this.#bytes.length > 1_048_576) this.#bytes = Buffer.alloc(0);
    return text;
  }
}
