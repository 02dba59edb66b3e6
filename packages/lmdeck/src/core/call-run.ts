import { Aborter } from './aborter.ts';
import { LmdeckError } from './error.ts';
import { eventPipe, type EventItem, type EventPipe, type EventReceiver } from './event-pipe.ts';
import { MessageAssembler } from './message-assembler.ts';
import { isBatch } from './model-event.ts';
import type { ModelRequest } from './model-request.ts';
import type { CallContext } from './model.ts';
import type { Next } from './wrapper.ts';

/** What a call needs to run. */
export interface CallSource {
  /** What to ask; a function when it depends on an answer that is not there yet. */
  readonly request: ModelRequest | (() => Promise<ModelRequest>);
  /** Makes the context when the call starts; `stream` tells whether somebody reads piece by piece. */
  readonly context: (stream: boolean, signal: AbortSignal) => CallContext;
  readonly run: Next;
  /** The caller's own signal. */
  readonly signal?: AbortSignal | undefined;
}

/** One call and its outcome: begun by the first pull, read by one consumer, kept for those who come later. */
export class CallRun implements EventReceiver {
  readonly assembler = new MessageAssembler();
  /** All that came. */
  readonly items: EventItem[] = [];
  readonly #source: CallSource;
  #state: 'idle' | 'running' | 'done' | 'failed' = 'idle';
  #stream = false;
  #request: ModelRequest | undefined;
  #context: CallContext | undefined;
  #aborter: Aborter | undefined;
  #events: EventPipe | undefined;
  /** Who waits for the next item; nobody when the call is read whole. */
  #reader: EventReceiver | undefined;
  #error: LmdeckError | undefined;
  #end: PromiseWithResolvers<void> | undefined;
  #onSignal: (() => void) | undefined;

  constructor(source: CallSource) {
    this.#source = source;
    if (typeof source.request !== 'function') this.#request = source.request;
  }

  get state(): 'idle' | 'running' | 'done' | 'failed' {
    return this.#state;
  }

  get request(): ModelRequest | undefined {
    return this.#request;
  }

  get context(): CallContext | undefined {
    return this.#context;
  }

  get error(): LmdeckError | undefined {
    return this.#error;
  }

  /** Makes the call; nothing is sent before the first pull. `stream`: somebody reads piece by piece. */
  start(stream: boolean): void {
    this.#state = 'running';
    this.#stream = stream;
    const { signal } = (this.#aborter = new Aborter());
    if (this.#source.signal !== undefined) this.#follow(this.#source.signal);
    if (this.#request !== undefined) this.#context = this.#source.context(stream, signal);
  }

  /** The next item, or the end, to `reader`. A call that has ended says so again and again. */
  pull(reader: EventReceiver): void {
    if (this.#state !== 'running') return this.#error === undefined ? reader.ended() : reader.failed(this.#error);
    this.#reader = reader;
    this.#pull();
  }

  /** Resolves when the call has ended well, rejects when it failed. Makes and reads it, unless somebody has begun to. */
  whole(): Promise<void> {
    if (this.#state === 'done') return Promise.resolve();
    if (this.#state === 'failed') return Promise.reject(this.#error);
    const isMine = this.#state === 'idle';
    const { promise } = (this.#end ??= Promise.withResolvers());
    if (isMine) {
      try {
        this.start(false);
        this.#pull();
      } catch (error) {
        this.failed(error);
      }
    }
    return promise;
  }

  /** Ends the call. What came so far stays. */
  abort(error: LmdeckError): void {
    if (this.#state === 'idle') this.#fail(error);
    if (this.#state !== 'running' || this.#aborter?.aborted === true) return;
    this.#aborter?.abort(error);
    // A model that ignores the signal gets one turn of the event loop; then nobody waits for it any more.
    setImmediate(() => void this.leave(error).catch(nothing));
  }

  /** The consumer goes, or gives up. */
  async leave(error: LmdeckError): Promise<void> {
    if (this.#state !== 'running') return;
    this.#fail(error);
    this.#aborter?.abort(error);
    await this.#events?.return();
  }

  received(item: EventItem): void {
    if (this.#state !== 'running') return;
    const error = this.#keep(item);
    if (error !== undefined) return void this.leave(error).catch(nothing);
    const reader = this.#reader;
    if (reader === undefined) return this.#pull();
    this.#reader = undefined;
    reader.received(item);
  }

  ended(): void {
    if (this.#state !== 'running') return;
    this.#settle('done');
    this.#end?.resolve();
    this.#reader?.ended();
  }

  failed(error: unknown): void {
    if (this.#state === 'running') this.#fail(this.#named(error));
  }

  #pull(): void {
    if (this.#events !== undefined) return this.#events.pull(this);
    try {
      if (this.#request === undefined) void this.#ask();
      else (this.#events = this.#open(this.#request)).pull(this);
    } catch (error) {
      this.failed(error);
    }
  }

  /** What is asked depends on another answer. */
  async #ask(): Promise<void> {
    const { request, context } = this.#source;
    try {
      if (typeof request === 'function') this.#request = await request();
      if (this.#aborter !== undefined) this.#context = context(this.#stream, this.#aborter.signal);
      this.#pull();
    } catch (error) {
      this.failed(error);
    }
  }

  #open(request: ModelRequest): EventPipe {
    if (this.#aborter?.aborted === true) throw LmdeckError.from(this.#aborter.signal.reason, 'aborted');
    if (this.#context === undefined) throw new LmdeckError('internal', 'The call was pulled before it was started.');
    return eventPipe(this.#source.run(request, this.#context));
  }

  /** Returns what ends the call: an error event, or something that is no event at all. */
  #keep(item: EventItem): LmdeckError | undefined {
    try {
      if (!isBatch(item)) {
        if (item.type === 'error') return LmdeckError.fromInfo(item.error);
        this.assembler.push(item);
      } else {
        for (const event of item) {
          if (event.type === 'error') return LmdeckError.fromInfo(event.error);
          this.assembler.push(event);
        }
      }
    } catch (error) {
      return this.#named(error);
    }
    this.items.push(item);
    return undefined;
  }

  /** What a model or wrapper throws that is no `LmdeckError` says at least whose fault it is. */
  #named(error: unknown): LmdeckError {
    if (this.#aborter?.aborted === true) return LmdeckError.from(this.#aborter.signal.reason, 'aborted');
    if (LmdeckError.isInstance(error)) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new LmdeckError('internal', `${this.#context?.model.id ?? 'lmdeck'}: ${message}`, { cause: error });
  }

  /** The caller's signal ends the call. */
  #follow(signal: AbortSignal): void {
    this.#onSignal = () => this.abort(LmdeckError.from(signal.reason, 'aborted'));
    if (signal.aborted) this.#onSignal();
    else signal.addEventListener('abort', this.#onSignal, { once: true });
  }

  #fail(error: LmdeckError): void {
    this.#error = error;
    this.#settle('failed');
    this.#end?.reject(error);
    this.#reader?.failed(error);
  }

  #settle(state: 'done' | 'failed'): void {
    this.#state = state;
    // A long-lived signal must not hold on to every call it once could have aborted.
    if (this.#onSignal !== undefined) this.#source.signal?.removeEventListener('abort', this.#onSignal);
  }
}

function nothing(): void {}
