import type { CallRun } from './call-run.ts';
import { LmdeckError } from './error.ts';
import type { EventItem, EventReceiver } from './event-pipe.ts';
import { isBatch, type ModelEvent } from './model-event.ts';

const none: readonly ModelEvent[] = [];

/**
 * Reads a call piece by piece: live for the first reader, from what is kept for the later ones. A batch is handed out without going
 * back to the call, and what has to be waited for costs a single promise.
 */
abstract class ResponseReader<T> implements EventReceiver {
  readonly #run: CallRun;
  /** How many of the kept items have been read; absent when the call is read live. */
  #kept: number | undefined;
  #batch: readonly ModelEvent[] = none;
  #place = 0;
  #resolve: ((result: IteratorResult<T, undefined>) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  /** Asked for before the answer to an earlier `next` was there. */
  #queued = 0;
  #last: Promise<unknown> | undefined;

  constructor(run: CallRun) {
    this.#run = run;
  }

  /** @throws LmdeckError `usage` when somebody else is reading. */
  begin(): void {
    if (this.#run.state === 'running') {
      throw new LmdeckError(
        'usage',
        'This response is being read already: it has one consumer. Await text() or message(), or read it again when it has ended.',
      );
    }
    if (this.#run.state === 'idle') this.#run.start(true);
    else this.#kept = 0;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#resolve === undefined && this.#queued === 0) return this.read();
    this.#queued++;
    const turn = (): Promise<IteratorResult<T, undefined>> => {
      this.#queued--;
      return this.read();
    };
    const next = Promise.resolve(this.#last).then(turn, turn);
    this.#last = next;
    return next;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#run.leave(new LmdeckError('aborted', 'The reader left before the end of the answer.'));
    return { done: true, value: undefined };
  }

  received(item: EventItem): void {
    const value = this.#first(item);
    if (value === undefined) this.#pull();
    else this.answer({ done: false, value });
  }

  ended(): void {
    this.answer({ done: true, value: undefined });
  }

  failed(error: unknown): void {
    const reject = this.#reject;
    this.#resolve = undefined;
    reject?.(error);
  }

  /** What this reader makes of an event, if anything. */
  protected abstract pick(event: ModelEvent): T | undefined;

  protected answer(result: IteratorResult<T, undefined>): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(result);
  }

  /** What `next` gives, when nobody else waits. */
  protected read(): Promise<IteratorResult<T, undefined>> {
    const value = this.#take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const next = new Promise<IteratorResult<T, undefined>>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#pull();
    });
    this.#last = next;
    return next;
  }

  #pull(): void {
    // A loop over what is at hand: recursion would be as deep as the answer is long.
    while (this.#kept !== undefined) {
      const item = this.#run.items[this.#kept++];
      if (item === undefined) break;
      const value = this.#first(item);
      if (value !== undefined) return this.answer({ done: false, value });
    }
    this.#run.pull(this);
  }

  /** What an item begins with; the rest of it is taken later. */
  #first(item: EventItem): T | undefined {
    if (!isBatch(item)) return this.pick(item);
    this.#batch = item;
    this.#place = 0;
    return this.#take();
  }

  #take(): T | undefined {
    while (this.#place < this.#batch.length) {
      const event = this.#batch[this.#place++];
      const value = event === undefined ? undefined : this.pick(event);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** The text of sample 0, piece by piece. */
export class TextReader extends ResponseReader<string> implements AsyncIterator<string, undefined> {
  protected pick(event: ModelEvent): string | undefined {
    return event.type === 'text-delta' && event.text !== '' && (event.sample ?? 0) === 0 ? event.text : undefined;
  }
}

/** Every event. Begins with the first `next`; a failure is an event, the last one. */
export class EventReader extends ResponseReader<ModelEvent> implements AsyncGenerator<ModelEvent, undefined, undefined> {
  #state: 'idle' | 'reading' | 'over' = 'idle';

  protected override read(): Promise<IteratorResult<ModelEvent, undefined>> {
    if (this.#state === 'over') return Promise.resolve({ done: true, value: undefined });
    if (this.#state === 'idle') {
      try {
        this.begin();
        this.#state = 'reading';
      } catch (error) {
        this.#state = 'over';
        return Promise.reject(error);
      }
    }
    return super.read();
  }

  override async return(): Promise<IteratorReturnResult<undefined>> {
    const wasReading = this.#state === 'reading';
    this.#state = 'over';
    return wasReading ? super.return() : { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<ModelEvent, undefined>> {
    await this.return();
    throw error;
  }

  override ended(): void {
    this.#state = 'over';
    super.ended();
  }

  override failed(error: unknown): void {
    this.#state = 'over';
    this.answer({ done: false, value: { type: 'error', error: LmdeckError.from(error).toInfo() } });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  protected pick(event: ModelEvent): ModelEvent {
    return event;
  }
}
