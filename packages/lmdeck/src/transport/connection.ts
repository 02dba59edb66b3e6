import type { Socket } from 'node:net';
import { BodyWriter } from './body-writer.ts';
import { hangUp } from './network-error.ts';
import { openConnection, type ConnectLimit, type Destination } from './open-connection.ts';
import type { EncodedRequest } from './request-encoder.ts';
import type { ResponseHead } from './response-head.ts';
import { ResponseReader } from './response-reader.ts';
import { StreamedBodyWriter } from './streamed-body-writer.ts';

/** Who gets the answer to a request: `answered`, any number of `received`, and `ended`; or `broken` at any point. */
export interface AnswerReceiver {
  answered(head: ResponseHead): void;
  /** Bytes of the body; false holds the server back until `Connection.resume`. */
  received(payload: Buffer): boolean;
  ended(): void;
  /** @param untouched True when the connection was a kept one and nothing of an answer has come. */
  broken(error: unknown, untouched: boolean): void;
}

/** Who keeps the connection between two requests. */
export interface ConnectionKeeper {
  /** The answer has come whole and the connection can be used again. */
  keep(connection: Connection, keepAliveMs: number | undefined): void;
  /** The connection is closed. */
  forget(connection: Connection): void;
}

/** One connection to a server, with one request at a time on it. */
export class Connection {
  /** Set while the connection is kept unused: until then (`monotonicMs`). */
  keptUntil: number | undefined;
  readonly #keeper: ConnectionKeeper;
  readonly #reader = new ResponseReader();
  #giveUp: (() => void) | undefined;
  #socket: Socket | undefined;
  #receiver: AnswerReceiver | undefined;
  #body: BodyWriter | StreamedBodyWriter | undefined;
  #used = false;
  #untouched = true;

  constructor(keeper: ConnectionKeeper) {
    this.#keeper = keeper;
  }

  /**
   * Opens the connection and sends its first request.
   * @param buffer What is read goes through it: one for all connections.
   */
  open(destination: Destination, limit: ConnectLimit, buffer: Buffer, request: EncodedRequest, receiver: AnswerReceiver): void {
    this.#receiver = receiver;
    this.#giveUp = openConnection(destination, limit, { buffer, onRead: this.#onRead }, (error, socket) => {
      this.#giveUp = undefined;
      if (socket === undefined) return this.break(error);
      this.#socket = socket;
      socket.on('error', this.#onError).on('end', this.#onEnd).on('close', this.#onClose);
      this.#write(socket, request);
    });
  }

  /** Sends another request over a kept connection. */
  send(request: EncodedRequest, receiver: AnswerReceiver): void {
    this.#receiver = receiver;
    this.#used = true;
    this.#untouched = true;
    if (this.#socket === undefined) return process.nextTick(this.#onClose);
    this.#socket.ref();
    this.#write(this.#socket, request);
  }

  /** Reads on after `received` has returned false. */
  resume(): void {
    this.#socket?.resume();
  }

  /** Unused, it does not keep the process alive. */
  unref(): void {
    this.#socket?.unref();
  }

  /** Ends it without a word to the receiver. */
  close(): void {
    this.#receiver = undefined;
    this.#giveUp?.();
    this.#giveUp = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#keeper.forget(this);
  }

  /** Ends it; the receiver is told why. */
  break(error: unknown): void {
    const receiver = this.#receiver;
    this.close();
    receiver?.broken(error, this.#used && this.#untouched);
  }

  #write(socket: Socket, { text, encoding, body, bodyEncoding }: EncodedRequest): void {
    this.#body = undefined;
    if (body === undefined) return void socket.write(text, encoding);
    // The head and the first piece leave together.
    socket.cork();
    socket.write(text, encoding);
    this.#body =
      typeof body !== 'string' && 'read' in body ? new StreamedBodyWriter(socket, body) : new BodyWriter(socket, body, bodyEncoding);
    socket.uncork();
  }

  readonly #onRead = (bytes: Buffer, length: number): boolean => {
    const receiver = this.#receiver;
    // Nobody has asked for anything: whatever this is, it must not become the answer to the next request.
    if (receiver === undefined) {
      this.close();
      return false;
    }
    this.#untouched = false;
    const reader = this.#reader;
    const isNew = reader.head === undefined;
    reader.push(bytes, length);
    const { head, payload, complete, problem } = reader;
    let goesOn = true;
    if (head !== undefined) {
      if (isNew) receiver.answered(head);
      // It may have refused the answer.
      if (this.#receiver === undefined) return false;
      if (payload !== undefined) goesOn = receiver.received(payload);
    }
    if (problem !== undefined) {
      this.break(problem);
      return false;
    }
    if (head === undefined || !complete) return goesOn;
    this.#finish(head);
    receiver.ended();
    return true;
  };

  /** The answer is complete. */
  #finish(head: ResponseHead): void {
    const isSent = this.#body?.done !== false && this.#socket?.writableLength === 0;
    this.#receiver = undefined;
    this.#body = undefined;
    // An early answer to half a request, or more than an answer, leaves a connection that nobody can use any more.
    if (!head.keepAlive || !isSent || this.#reader.overrun) return this.close();
    this.#reader.reset();
    this.#keeper.keep(this, head.keepAliveMs);
  }

  readonly #onError = (error: Error): void => this.break(error);

  readonly #onClose = (): void => this.break(hangUp());

  /** The server has said all that it has to say. */
  readonly #onEnd = (): void => {
    const receiver = this.#receiver;
    if (receiver === undefined) return this.close();
    const reader = this.#reader;
    reader.end();
    if (reader.problem !== undefined || !reader.complete) return this.break(reader.problem ?? hangUp());
    this.close();
    receiver.ended();
  };
}
