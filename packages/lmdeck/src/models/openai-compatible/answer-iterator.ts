import { EventPipe, type EventReceiver, type ModelEvent } from '../../core/index.ts';
import type { HttpResponse } from '../../transport/index.ts';
import type { BodyDecoder } from './body-decoder.ts';

/** How long a server may take to end the body after the end of the answer before its connection is closed instead of kept. */
const DRAIN_MS = 100;

/**
 * The events of an answer that comes in pieces, one item per read. Opens the response with the first pull; leaving early closes it. A
 * failure is told after the events that came before it.
 */
export class AnswerIterator extends EventPipe {
  readonly #open: () => Promise<HttpResponse>;
  readonly #decoder: BodyDecoder;
  readonly #hide: ((error: unknown) => unknown) | undefined;
  #receiver: EventReceiver | undefined;
  #body: AsyncIterator<Uint8Array> | undefined;
  /** Events of the read that is being decoded: emptied by `pop`, its memory serves the next read. */
  #out: ModelEvent[] = [];
  #failure: { readonly error: unknown } | undefined;
  #ended = false;

  /** @param hide Takes out of an error what was sent in secret. */
  constructor(open: () => Promise<HttpResponse>, decoder: BodyDecoder, hide?: (error: unknown) => unknown) {
    super();
    this.#open = open;
    this.#decoder = decoder;
    this.#hide = hide;
  }

  pull(receiver: EventReceiver): void {
    this.#receiver = receiver;
    if (this.#ended) this.#over();
    else if (this.#body === undefined) void this.#start();
    else if (this.#decoder.done) void this.#drain(this.#body);
    else this.#read(this.#body);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#ended = true;
    this.#failure = undefined;
    await this.#body?.return?.();
    return { done: true, value: undefined };
  }

  async #start(): Promise<void> {
    try {
      const response = await this.#open();
      this.#body = response.body[Symbol.asyncIterator]();
      if (!this.#ended) return this.#read(this.#body);
      // The reader has left while the request was under way.
      await this.#body.return?.();
      this.#receiver?.ended();
    } catch (error) {
      this.#ended = true;
      this.#receiver?.failed(error);
    }
  }

  #read(body: AsyncIterator<Uint8Array>): void {
    try {
      body.next().then(this.#onRead, this.#onFailure);
    } catch (error) {
      this.#onFailure(error);
    }
  }

  readonly #onRead = (read: IteratorResult<Uint8Array>): void => {
    try {
      if (read.done === true) {
        this.#ended = true;
        this.#decoder.end(this.#out);
      } else this.#decoder.push(read.value, this.#out);
    } catch (error) {
      return this.#onFailure(error);
    }
    this.#give();
  };

  readonly #onFailure = (error: unknown): void => {
    this.#ended = true;
    this.#failure = { error: this.#hide?.(error) ?? error };
    this.#decoder.breakOff(this.#out);
    const give = (): void => this.#give();
    // Whoever hears of the failure may count on the connection being closed.
    Promise.resolve(this.#body?.return?.()).then(give, give);
  };

  #give(): void {
    const out = this.#out;
    if (out.length > 1) {
      this.#out = [];
      return this.#receiver?.received(out);
    }
    const event = out.pop();
    if (event !== undefined) this.#receiver?.received(event);
    else if (this.#receiver !== undefined) this.pull(this.#receiver);
  }

  #over(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) this.#receiver?.ended();
    else this.#receiver?.failed(failure.error);
  }

  /** Servers end the body right after the answer; reading that end lets the connection serve the next call. */
  async #drain(body: AsyncIterator<Uint8Array>): Promise<void> {
    this.#ended = true;
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(late.resolve, DRAIN_MS, undefined);
    try {
      for (;;) {
        const next = body.next();
        // A connection that breaks later, unwatched, has done no harm: the answer is complete.
        next.catch(() => undefined);
        const read = await Promise.race([next, late.promise]);
        if (read === undefined || read.done === true) break;
      }
      await body.return?.();
    } catch {
      // As above.
    } finally {
      clearTimeout(timer);
    }
    this.#over();
  }
}
