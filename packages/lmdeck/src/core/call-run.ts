import { LmdeckError } from './error.ts';
import { MessageAssembler } from './message-assembler.ts';
import { asBatch, type ModelEvent } from './model-event.ts';
import type { ModelRequest } from './model-request.ts';
import type { CallContext } from './model.ts';
import type { Next } from './wrapper.ts';

type Item = ModelEvent | readonly ModelEvent[];
type Batch = readonly ModelEvent[];

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

/**
 * One call and its outcome: begun by the first pull, read by one consumer, kept for those who come later.
 *
 * Written with one hand-made promise per pull and handlers that are made once, because between two network reads JavaScript runs cold, and
 * every promise and closure counts.
 */
export class CallRun {
  readonly assembler = new MessageAssembler();
  readonly batches: Batch[] = [];
  readonly #source: CallSource;
  #state: 'idle' | 'running' | 'done' | 'failed' = 'idle';
  #request: ModelRequest | undefined;
  #context: CallContext | undefined;
  #controller: AbortController | undefined;
  #iterator: AsyncIterator<Item> | undefined;
  #stream = false;
  #error: LmdeckError | undefined;
  #ended: PromiseWithResolvers<void> | undefined;
  #resolve: (batch: Batch | undefined) => void = nothing;
  #reject: (error: LmdeckError) => void = nothing;

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

  /** Resolves when the call has ended, well or not. */
  get ended(): Promise<void> {
    if (this.#state === 'done' || this.#state === 'failed') return Promise.resolve();
    return (this.#ended ??= Promise.withResolvers<void>()).promise;
  }

  /** Makes the call; nothing is sent before the first pull. */
  start(stream: boolean): void {
    this.#state = 'running';
    this.#stream = stream;
    const controller = (this.#controller = new AbortController());
    const { signal } = this.#source;
    if (signal !== undefined) {
      if (signal.aborted) this.#onSignal();
      else signal.addEventListener('abort', this.#onSignal, { once: true });
    }
    if (this.#request !== undefined) this.#context = this.#source.context(stream, controller.signal);
  }

  /** The next batch; `undefined` at the end. Rejects when the call fails, and from then on. */
  pull(): Promise<Batch | undefined> {
    if (this.#state !== 'running') return this.#error === undefined ? Promise.resolve(undefined) : Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      try {
        if (this.#iterator !== undefined || this.#request !== undefined) this.#next();
        else this.#ask().then(this.#next, this.#onError);
      } catch (error) {
        this.#onError(error);
      }
    });
  }

  /** Ends the call. What came so far stays. */
  abort(error: LmdeckError): void {
    if (this.#state === 'idle') this.#fail(error);
    if (this.#state !== 'running' || this.#controller?.signal.aborted === true) return;
    this.#controller?.abort(error);
    // A model that ignores the signal gets one turn of the event loop; then nobody waits for it any more.
    setImmediate(() => void this.leave(error).catch(nothing));
  }

  /** The consumer goes, or gives up. */
  async leave(error: LmdeckError): Promise<void> {
    if (this.#state !== 'running') return;
    this.#fail(error);
    this.#controller?.abort(error);
    await this.#iterator?.return?.();
  }

  readonly #next = (): void => {
    if (this.#state !== 'running') return;
    const iterator = (this.#iterator ??= this.#open());
    iterator.next().then(this.#onItem, this.#onError);
  };

  async #ask(): Promise<void> {
    const { request } = this.#source;
    if (typeof request === 'function') this.#request = await request();
    if (this.#controller !== undefined) this.#context = this.#source.context(this.#stream, this.#controller.signal);
  }

  #open(): AsyncIterator<Item> {
    if (this.#controller?.signal.aborted === true) throw LmdeckError.from(this.#controller.signal.reason, 'aborted');
    if (this.#request === undefined || this.#context === undefined)
      throw new LmdeckError('internal', 'The call was pulled before it was started.');
    return this.#source.run(this.#request, this.#context)[Symbol.asyncIterator]();
  }

  readonly #onItem = (item: IteratorResult<Item>): void => {
    if (this.#state !== 'running') return;
    if (item.done === true) {
      this.#settle('done');
      return this.#resolve(undefined);
    }
    const batch = asBatch(item.value);
    for (const event of batch) {
      if (event.type === 'error') return void this.leave(LmdeckError.fromInfo(event.error)).catch(nothing);
      this.assembler.push(event);
    }
    this.batches.push(batch);
    this.#resolve(batch);
  };

  readonly #onError = (error: unknown): void => {
    if (this.#state === 'running') this.#fail(this.#named(error));
  };

  /** What a model or wrapper throws that is no `LmdeckError` says at least whose fault it is. */
  #named(error: unknown): LmdeckError {
    if (this.#controller?.signal.aborted === true) return LmdeckError.from(this.#controller.signal.reason, 'aborted');
    if (LmdeckError.isInstance(error)) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new LmdeckError('internal', `${this.#context?.model.id ?? 'lmdeck'}: ${message}`, { cause: error });
  }

  readonly #onSignal = (): void => this.abort(LmdeckError.from(this.#source.signal?.reason, 'aborted'));

  #fail(error: LmdeckError): void {
    this.#error = error;
    this.#settle('failed');
    this.#reject(error);
  }

  #settle(state: 'done' | 'failed'): void {
    this.#state = state;
    // A long-lived signal must not hold on to every call it once could have aborted.
    this.#source.signal?.removeEventListener('abort', this.#onSignal);
    this.#ended?.resolve();
  }
}

function nothing(): void {}
