import { asBatch, LmdeckError, type ModelEvent, type ModelEvents } from '../core/index.ts';

type Item = ModelEvent | readonly ModelEvent[];

/** How a call ended for those who waited for its answer. */
export type FlightEnd = 'complete' | 'failed' | 'left';

/**
 * One running call that several callers want the answer of. Whoever needs the next piece first fetches it, so a caller
 * that reads slowly or stops holds nobody up.
 */
export class Flight {
  readonly callId: string;
  readonly #signal: AbortSignal;
  readonly #items: Item[] = [];
  readonly #source: AsyncIterator<Item>;
  #pull: Promise<void> | undefined;
  #interrupt: (error: unknown) => void = () => {};
  #end: FlightEnd | undefined;
  #error: unknown;

  /** @param signal of the one who makes the call: its abort is no failure of the call. */
  constructor(callId: string, signal: AbortSignal, source: ModelEvents) {
    this.callId = callId;
    this.#signal = signal;
    this.#source = source[Symbol.asyncIterator]();
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get end(): FlightEnd | undefined {
    return this.#end;
  }

  /** All events; only what a complete call has. */
  events(): ModelEvent[] {
    return this.#items.flatMap((item) => [...asBatch(item)]);
  }

  /** The call as the one who made it reads it. */
  async *lead(): AsyncGenerator<Item, void> {
    try {
      for (let i = 0; ; i++) {
        while (i >= this.#items.length && this.#end === undefined) await this.#more();
        const item = this.#items[i];
        if (item === undefined) break;
        yield item;
      }
      if (this.#end !== 'complete') throw this.#error ?? LmdeckError.from(this.#signal.reason, 'aborted');
    } finally {
      if (this.#end === undefined) {
        this.#finish('left');
        await this.#source.return?.();
      }
    }
  }

  /** Waits for the end. */
  async follow(): Promise<FlightEnd> {
    while (this.#end === undefined) await this.#more();
    return this.#end;
  }

  #more(): Promise<void> {
    return (this.#pull ??= this.#fetch().finally(() => (this.#pull = undefined)));
  }

  async #fetch(): Promise<void> {
    try {
      const item = await new Promise<IteratorResult<Item>>((resolve, reject) => {
        this.#interrupt = reject;
        this.#source.next().then(resolve, reject);
      });
      if (item.done !== true) this.#items.push(item.value);
      else this.#finish('complete');
    } catch (error) {
      this.#error = error;
      this.#finish(this.#signal.aborted ? 'left' : 'failed');
    }
  }

  /** A model that ignores its signal must not keep the others waiting. */
  readonly #onAbort = (): void => {
    this.#interrupt(LmdeckError.from(this.#signal.reason, 'aborted'));
    this.#finish('left');
  };

  #finish(end: FlightEnd): void {
    this.#end ??= end;
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
