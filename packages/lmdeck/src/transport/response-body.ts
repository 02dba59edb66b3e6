import { LmdeckError } from '../core/index.ts';

/** Bytes that may wait for the consumer before the sender is held back. */
const highWater = 65_536;

interface Waiter {
  readonly resolve: (item: IteratorResult<Uint8Array, undefined>) => void;
  readonly reject: (error: LmdeckError) => void;
}

/** Where the body comes from. */
export interface BodySource {
  /** The consumer has caught up: send again what `push` has held back. */
  resume(): void;
  /** Called once, when nothing more will be taken: end, error or the consumer's leaving. */
  settled(): void;
  /** The consumer leaves before the end, or has been aborted. */
  left(): void;
}

const end: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The body of a response, read once: piece by piece or as text. It takes what comes from the start, so a short answer is here by
 * the time it is asked for; beyond 64 KiB that nobody reads, the sender is held back.
 *
 * A read costs one promise, and none of its time is spent waiting when its bytes are here.
 */
export class ResponseBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: BodySource;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #paused = false;
  #state: 'open' | 'ended' | 'failed' | 'left' = 'open';
  #error: LmdeckError | undefined;
  #waiter: Waiter | undefined;
  /** Set while somebody waits for the whole. An object that is let go, and no closure: what a closure has seen lives on until a full collection. */
  #whole: PromiseWithResolvers<string> | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      this.#queuedBytes -= chunk.length;
      if (this.#queue.length === 0) this.#resume();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#state !== 'open') return Promise.resolve(end);
    if (this.#isBeingRead()) return Promise.reject(alreadyRead());
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#queue = [];
    if (this.#state === 'open') {
      this.#settle('left');
      this.#source.left();
    }
    return Promise.resolve(end);
  }

  /** What is left of the body as text (UTF-8, without a byte order mark). */
  text(): Promise<string> {
    if (this.#state !== 'open') return this.#error === undefined ? Promise.resolve(this.#takeText()) : Promise.reject(this.#error);
    if (this.#isBeingRead()) return Promise.reject(alreadyRead());
    const { promise } = (this.#whole = Promise.withResolvers());
    this.#resume();
    return promise;
  }

  /** More of the body. @returns false when the sender is to wait for `resume`. */
  push(chunk: Buffer): boolean {
    if (this.#state !== 'open') return true;
    if (this.#waiter !== undefined) {
      const { resolve } = this.#waiter;
      this.#waiter = undefined;
      resolve({ done: false, value: chunk });
      return true;
    }
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    this.#paused = this.#queuedBytes > highWater && this.#whole === undefined;
    return !this.#paused;
  }

  end(): void {
    if (this.#state === 'open') this.#settle('ended');
  }

  /** Ends the body with an error. What came before it can still be read. */
  fail(error: LmdeckError): void {
    if (this.#state !== 'open') return;
    this.#error = error;
    this.#settle('failed');
  }

  /** Ends the body with an error at once: what was not read yet is dropped. */
  abort(error: LmdeckError): void {
    if (this.#state !== 'open') return;
    this.#queue = [];
    this.fail(error);
    this.#source.left();
  }

  #isBeingRead(): boolean {
    return this.#waiter !== undefined || this.#whole !== undefined;
  }

  #takeText(): string {
    const [first] = this.#queue;
    const bytes = this.#queue.length === 1 && first !== undefined ? first : Buffer.concat(this.#queue);
    this.#queue = [];
    const text = bytes.toString('utf8');
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.resume();
  }

  #settle(state: 'ended' | 'failed' | 'left'): void {
    this.#state = state;
    this.#source.settled();
    const [waiter, whole] = [this.#waiter, this.#whole];
    this.#waiter = undefined;
    this.#whole = undefined;
    if (this.#error !== undefined) {
      waiter?.reject(this.#error);
      whole?.reject(this.#error);
    } else {
      waiter?.resolve(end);
      whole?.resolve(this.#takeText());
    }
  }
}

function alreadyRead(): LmdeckError {
  return new LmdeckError('usage', 'A response body has one reader; this one is being read already.');
}
