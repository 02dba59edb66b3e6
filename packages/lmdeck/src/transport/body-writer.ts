import type { Socket } from 'node:net';

/**
 * Bytes, or characters, that are handed to the socket at once. A server that refuses a request early and closes the connection is heard
 * as long as nothing more is written, so pieces are large: mostly there is one.
 */
const pieceSize = 4 * 1_048_576;

/**
 * Sends a long body over a socket piece by piece, as the other end takes it, so that a text is never encoded whole.
 */
export class BodyWriter {
  readonly #socket: Socket;
  readonly #encoding: 'latin1' | 'utf8';
  #body: string | Uint8Array | undefined;
  #position = 0;

  constructor(socket: Socket, body: string | Uint8Array, encoding: 'latin1' | 'utf8') {
    this.#socket = socket;
    this.#body = body;
    this.#encoding = encoding;
    this.#send();
  }

  /** True when everything has been handed to the socket. */
  get done(): boolean {
    return this.#body === undefined;
  }

  readonly #send = (): void => {
    const body = this.#body;
    if (body === undefined || this.#socket.destroyed) return;
    const start = this.#position;
    let end = Math.min(start + pieceSize, body.length);
    // Half of a surrogate pair would be sent as a replacement character.
    if (typeof body === 'string' && end < body.length && isHighSurrogate(body.charCodeAt(end - 1))) end -= 1;
    this.#position = end;
    // What has been sent need not be held for as long as the answer takes.
    if (end === body.length) this.#body = undefined;
    const socket = this.#socket;
    const taken = typeof body === 'string' ? socket.write(body.slice(start, end), this.#encoding) : socket.write(body.subarray(start, end));
    if (this.done) return;
    // The next piece follows the next reads: an early answer is found before anything more is sent.
    if (taken) setImmediate(this.#send);
    else socket.once('drain', () => setImmediate(this.#send));
  };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
