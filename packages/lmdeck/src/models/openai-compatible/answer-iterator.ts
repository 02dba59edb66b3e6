import type { ModelEvent } from '../../core/index.ts';
import type { HttpResponse } from '../../transport/index.ts';
import { AnswerDecoder } from './answer-decoder.ts';
import type { AnswerSettings } from './choice-decoder.ts';

/** How long a server may take to end the body after `[DONE]` before its connection is closed instead of kept. */
const DRAIN_MS = 100;

/**
 * The events of a streamed answer, one batch per read. Opens the response at the first read; leaving early closes it. A
 * failure is thrown after the events that came before it.
 *
 * A class and not an async generator, which would cost two more promises for every read.
 */
export class AnswerIterator implements AsyncIterator<readonly ModelEvent[], undefined> {
  readonly #open: () => Promise<HttpResponse>;
  readonly #decoder: AnswerDecoder;
  #body: AsyncIterator<Uint8Array> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #ended = false;

  constructor(open: () => Promise<HttpResponse>, settings: AnswerSettings) {
    this.#open = open;
    this.#decoder = new AnswerDecoder(settings);
  }

  async next(): Promise<IteratorResult<readonly ModelEvent[], undefined>> {
    if (this.#body === undefined && !this.#ended) await this.#start();
    while (this.#body !== undefined && !this.#ended) {
      if (this.#decoder.done) await this.#drain(this.#body);
      else {
        const out: ModelEvent[] = [];
        await this.#read(this.#body, out);
        if (out.length > 0) return { done: false, value: out };
      }
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#ended = true;
    this.#failure = undefined;
    await this.#body?.return?.();
    return { done: true, value: undefined };
  }

  async #start(): Promise<void> {
    const response = await this.#open();
    this.#body = response.body[Symbol.asyncIterator]();
    // The reader may have left while the request was under way.
    if (this.#ended) await this.#body.return?.();
  }

  async #read(body: AsyncIterator<Uint8Array>, out: ModelEvent[]): Promise<void> {
    try {
      const read = await body.next();
      if (read.done === true) {
        this.#ended = true;
        this.#decoder.end(out);
      } else this.#decoder.push(read.value, out);
    } catch (error) {
      this.#ended = true;
      this.#failure = { error };
      this.#decoder.breakOff(out);
      await body.return?.();
    }
  }

  /** Servers end the body right after `[DONE]`; reading that end lets the connection serve the next call. */
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
    } catch {
      // As above.
    } finally {
      clearTimeout(timer);
    }
    await body.return?.();
  }
}
