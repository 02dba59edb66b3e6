import type { Readable } from 'node:stream';
import { LmdeckError } from '../core/index.ts';

/** Bytes that may wait for the consumer before the sender is held back. */
const highWater = 65_536;

interface Waiter {
  readonly resolve: (item: IteratorResult<Uint8Array, undefined>) => void;
  readonly reject: (error: LmdeckError) => void;
}

/** Whoever the body belongs to. */
export interface BodyOwner {
  /** What an error of the stream means. */
  bodyError(error: unknown): LmdeckError;
  /** Called once, when nothing more will come: end, error or the consumer's leaving. */
  bodySettled(): void;
  /** The consumer leaves before the end. */
  bodyLeft(): void;
}

/**
 * The body of a response, read once: piece by piece or as text. Listens from the start, so a short answer is here by the
 * time it is asked for; beyond 64 KiB that nobody reads, the connection stops being read.
 *
 * Node's own async iterator of streams costs several promises and listeners per read; this one costs one promise.
 */
export class ResponseBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #stream: Readable;
  readonly #owner: BodyOwner;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #paused = false;
  #wantsAll = false;
  #state: 'open' | 'ended' | 'failed' | 'left' = 'open';
  #error: LmdeckError | undefined;
  #waiter: Waiter | undefined;

  constructor(stream: Readable, owner: BodyOwner) {
    this.#stream = stream;
    this.#owner = owner;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      this.#queuedBytes -= chunk.length;
      if (this.#paused && this.#queue.length === 0) this.#resume();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#state !== 'open') return Promise.resolve({ done: true, value: undefined });
    if (this.#waiter !== undefined)
      return Promise.reject(new LmdeckError('usage', 'A response body has one reader; this one is being read already.'));
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#queue = [];
    if (this.#state === 'open') {
      this.#settle('left');
      this.#owner.bodyLeft();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  /** What is left of the body as text (UTF-8, without a byte order mark). */
  async text(): Promise<string> {
    if (this.#state === 'open') {
      this.#wantsAll = true;
      if (this.#paused) this.#resume();
      await new Promise((resolve, reject) => {
        this.#waiter = { resolve, reject };
      });
    }
    if (this.#error !== undefined) throw this.#error;
    const [first] = this.#queue;
    const bytes = this.#queue.length === 1 && first !== undefined ? first : Buffer.concat(this.#queue);
    this.#queue = [];
    const text = bytes.toString('utf8');
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  /** Ends the body with an error. What came before it can still be read. */
  fail(error: LmdeckError): void {
    if (this.#state !== 'open') return;
    this.#error = error;
    this.#settle('failed');
  }

  /** Ends the body with an error at once: what was not read yet is dropped. */
  abort(error: LmdeckError): void {
    this.#queue = [];
    this.fail(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state !== 'open') return;
    if (this.#waiter !== undefined && !this.#wantsAll) {
      const { resolve } = this.#waiter;
      this.#waiter = undefined;
      return resolve({ done: false, value: chunk });
    }
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes > highWater && !this.#wantsAll && !this.#paused) {
      this.#paused = true;
      this.#stream.pause();
    }
  };

  readonly #onEnd = (): void => {
    if (this.#state === 'open') this.#settle('ended');
  };

  readonly #onError = (error: unknown): void => {
    if (this.#state === 'open') this.fail(this.#owner.bodyError(error));
  };

  #resume(): void {
    this.#paused = false;
    this.#stream.resume();
  }

  #settle(state: 'ended' | 'failed' | 'left'): void {
    this.#state = state;
    this.#owner.bodySettled();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter === undefined) return;
    if (this.#error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(this.#error);
  }
}
