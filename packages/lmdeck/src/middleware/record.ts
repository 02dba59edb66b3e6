import {
  asBatch,
  type CallContext,
  type CallEnd,
  type CallStore,
  ChunkEncoder,
  costMicros,
  eventPipe,
  type EventItem,
  EventPipe,
  type EventReceiver,
  isContent,
  LmdeckError,
  monotonicMs,
  MessageAssembler,
  type ModelEvent,
  type ModelRequest,
  type Next,
  type Usage,
  type Wrapper,
} from '../core/index.ts';
import { RecordedStart } from './recorded-start.ts';
import { isRecorded, markRecorded } from './recording.ts';

export interface RecordOptions {
  /** Puts all calls into one run; a call's own `runId` comes first. */
  readonly runId?: string | undefined;
  /** What a call cost in micro-dollars, `undefined` when unknown; absent: by the model's own `price`. Calls answered from the tape cost nothing. */
  readonly price?:
    | ((call: { readonly model: string; readonly resolvedModel?: string; readonly usage: Usage }) => number | undefined)
    | undefined;
}

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** How often the answer so far is handed to the store while it comes. */
const CHECKPOINT_MS = 500;

/**
 * Writes every call onto a tape: when it starts, what has come so far about twice a second, and how it ended, also when
 * it failed, was aborted or was left early. Events pass untouched and at once. What goes wrong with the store never
 * disturbs the call; `store.flush()` tells. Calls with `log: false` pass by.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { record } from 'lmdeck/middleware';
 * import { openTape } from 'lmdeck/tape';
 *
 * await using tape = openTape(':memory:');
 * const model = languageModel(mock({ outputs: ['Paris'] }), record(tape));
 * await model.prompt('What is the capital of France?').text();
 * console.log(tape.calls()[0]?.status); // ok
 * ```
 */
export function record(store: CallStore, options: RecordOptions = {}): Wrapper {
  return (request, context, next) => {
    if (context.log === false || isRecorded(context.trace, store)) return next(request, context);
    return new Recording(store, options, request, context, next);
  };
}

type Outcome = Pick<CallEnd, 'status' | 'error'>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Recording extends EventPipe implements EventReceiver {
  readonly #store: CallStore;
  readonly #options: RecordOptions;
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #next: Next;
  readonly #assembler = new MessageAssembler();
  #chunks: ChunkEncoder | undefined;
  #inner: EventPipe | undefined;
  #receiver: EventReceiver | undefined;
  #startedAt = 0;
  #firstTokenMs: number | undefined;
  #lastMs = 0;
  #checkpointMs = CHECKPOINT_MS;
  #timer: NodeJS.Timeout | undefined;
  #open = false;

  constructor(store: CallStore, options: RecordOptions, request: ModelRequest, context: CallContext, next: Next) {
    super();
    this.#store = store;
    this.#options = options;
    this.#request = request;
    this.#context = context;
    this.#next = next;
  }

  pull(receiver: EventReceiver): void {
    this.#receiver = receiver;
    try {
      (this.#inner ?? this.#start()).pull(this);
    } catch (error) {
      this.failed(error);
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    const finished = this.#assembler.samples();
    const complete = finished.length > 0 && finished.every((sample) => sample.finish !== undefined);
    if (complete) this.#end({ status: 'ok' });
    else this.#end({ status: 'aborted', error: this.#reasonToLeave().toInfo() });
    await this.#inner?.return();
    return done;
  }

  received(item: EventItem): void {
    try {
      if (this.#open) this.#observe(asBatch(item));
    } catch (error) {
      // Authors of models and wrappers may yield what is no event at all.
      return this.failed(error);
    }
    this.#receiver?.received(item);
  }

  ended(): void {
    this.#end({ status: 'ok' });
    this.#receiver?.ended();
  }

  failed(error: unknown): void {
    const aborted = this.#context.signal.aborted || (LmdeckError.isInstance(error) && error.code === 'aborted');
    this.#end({ status: aborted ? 'aborted' : 'error', error: LmdeckError.from(error).toInfo() });
    this.#receiver?.failed(error);
  }

  #reasonToLeave(): LmdeckError {
    const { signal } = this.#context;
    return signal.aborted
      ? LmdeckError.from(signal.reason, 'aborted')
      : new LmdeckError('aborted', 'The reader left before the end of the answer.');
  }

  #start(): EventPipe {
    this.#startedAt = monotonicMs();
    const context = this.#context;
    if (context.stream) this.#chunks = new ChunkEncoder();
    try {
      this.#store.start(new RecordedStart(this.#request, context, context.runId ?? this.#options.runId));
      this.#open = true;
      markRecorded(context.trace, this.#store);
    } catch {
      // The record is a bystander: its failures are the store's to tell, not the call's.
      this.#open = false;
    }
    return (this.#inner = eventPipe(this.#next(this.#request, context)));
  }

  #observe(batch: readonly ModelEvent[]): void {
    const now = monotonicMs() - this.#startedAt;
    for (const event of batch) {
      this.#assembler.push(event);
      if (this.#firstTokenMs === undefined && isContent(event)) this.#firstTokenMs = now;
      if (this.#chunks !== undefined) this.#chunk(event, this.#chunks, now);
      if (event.type === 'error') this.#end({ status: 'error', error: event.error });
    }
    if (!this.#open) return;
    if (now >= this.#checkpointMs) this.#checkpoint();
    // A stream that stalls brings no further event to do it with.
    else if (this.#chunks !== undefined) this.#timer ??= setTimeout(this.#checkpoint, this.#checkpointMs - now).unref();
  }

  readonly #checkpoint = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#checkpointMs = monotonicMs() - this.#startedAt + CHECKPOINT_MS;
    if (this.#assembler.isEmpty) return;
    try {
      this.#store.checkpoint(this.#context.callId, this.#assembler.samples());
    } catch {
      this.#open = false;
    }
  };

  #chunk(event: ModelEvent, chunks: ChunkEncoder, now: number): void {
    switch (event.type) {
      case 'text-delta':
        chunks.push('text', event.sample ?? 0, 0, event.text.length, this.#waited(now));
        break;
      case 'reasoning-delta':
        chunks.push('reasoning', event.sample ?? 0, 0, event.text.length, this.#waited(now));
        break;
      case 'refusal-delta':
        chunks.push('refusal', event.sample ?? 0, 0, event.text.length, this.#waited(now));
        break;
      case 'tool-call-start':
      case 'tool-call-end':
        chunks.push(event.type, event.sample ?? 0, event.index, 0, this.#waited(now));
        break;
      case 'tool-call-delta':
        chunks.push(event.type, event.sample ?? 0, event.index, event.arguments.length, this.#waited(now));
        break;
      case 'logprobs':
        chunks.push('logprobs', event.sample ?? 0, 0, event.tokens.length, this.#waited(now));
        break;
      default:
        break;
    }
  }

  /** Whole milliseconds since the piece before; fractions are carried over, so that the sum stays true. */
  #waited(now: number): number {
    const waited = Math.floor(now - this.#lastMs);
    this.#lastMs += waited;
    return waited;
  }

  #end(outcome: Outcome): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#timer);
    try {
      this.#store.finish(this.#context.callId, this.#outcome(outcome));
    } catch {
      return;
    }
  }

  #outcome({ status, error }: Outcome): CallEnd {
    const { resolvedModel, responseId, usage } = this.#assembler;
    const { attempts, cachedFrom } = this.#context.trace;
    // Without a layer that counts attempts there was one, unless the model was not asked at all.
    const asked = cachedFrom === undefined && error?.code !== 'replay-miss';
    const end: Mutable<CallEnd> = {
      status,
      samples: this.#assembler.samples(),
      durationMs: round(monotonicMs() - this.#startedAt),
      attempts: attempts === 0 && asked ? 1 : attempts,
    };
    const costMicros = cachedFrom === undefined ? this.#price() : 0;
    const chunks = this.#chunks?.toString();
    if (error !== undefined) end.error = error;
    if (this.#firstTokenMs !== undefined) end.firstTokenMs = round(this.#firstTokenMs);
    if (usage !== undefined) end.usage = usage;
    if (responseId !== undefined) end.responseId = responseId;
    if (resolvedModel !== undefined) end.resolvedModel = resolvedModel;
    if (cachedFrom !== undefined) end.cachedFrom = cachedFrom;
    if (costMicros !== undefined) end.costMicros = costMicros;
    if (chunks !== undefined && chunks !== '') end.chunks = chunks;
    return end;
  }

  #price(): number | undefined {
    const { usage, resolvedModel } = this.#assembler;
    if (usage === undefined) return undefined;
    const { model } = this.#context;
    if (this.#options.price !== undefined)
      return this.#options.price({ model: model.id, usage, ...(resolvedModel === undefined ? {} : { resolvedModel }) });
    return model.price === undefined ? undefined : costMicros(usage, model.price);
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
