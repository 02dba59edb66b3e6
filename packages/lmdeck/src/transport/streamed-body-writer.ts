import type { Socket } from 'node:net';
import { LmdeckError } from '../core/index.ts';
import type { StreamedBody } from './http.ts';

/** Sends a body over a socket as it is read, no faster than the other end takes it. What goes wrong with reading ends the connection. */
export class StreamedBodyWriter {
  readonly #socket: Socket;
  readonly #body: StreamedBody;
  #left: number;

  constructor(socket: Socket, body: StreamedBody) {
    this.#socket = socket;
    this.#body = body;
    this.#left = body.byteLength;
    this.#send().catch((error: unknown) => socket.destroy(LmdeckError.from(error)));
  }

  /** True when everything has been handed to the socket. */
  get done(): boolean {
    return this.#left === 0;
  }

  async #send(): Promise<void> {
    const socket = this.#socket;
    for await (const piece of this.#body.read()) {
      this.#left -= piece.byteLength;
      // Where the message ends has been said already: more would be taken for another request.
      if (this.#left < 0) throw wrongLength(this.#body, 'more');
      if (!socket.write(piece)) await drained(socket);
      if (socket.destroyed) return;
    }
    if (this.#left > 0) throw wrongLength(this.#body, 'less');
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.removeListener('drain', settle).removeListener('close', settle);
      resolve();
    };
    socket.once('drain', settle).once('close', settle);
  });
}

function wrongLength({ byteLength }: StreamedBody, what: 'more' | 'less'): LmdeckError {
  return new LmdeckError('internal', `The body of a request was said to have ${byteLength} bytes and has ${what}.`);
}
