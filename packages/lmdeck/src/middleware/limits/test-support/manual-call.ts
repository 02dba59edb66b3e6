import {
  createRequest,
  eventPipe,
  EventPipe,
  LmdeckError,
  user,
  type CallTrace,
  type EventReceiver,
  type JsonObject,
  type ModelEvent,
} from '../../../core/index.ts';
import type { RateLimiter } from '../rate-limiter.ts';

export interface ManualCallOptions {
  /** Characters of the prompt. */
  readonly chars?: number;
  readonly model?: string;
  readonly runId?: string;
  readonly signal?: AbortSignal;
  readonly trace?: CallTrace;
  readonly options?: JsonObject;
}

/** A call whose server is the test. */
export class ManualCall extends EventPipe {
  /** `sent`: it was let through; `ended`, `failed`: as its caller sees it. */
  state: 'waiting' | 'sent' | 'received' | 'ended' | 'failed' = 'waiting';
  error: LmdeckError | undefined;
  readonly trace: CallTrace;
  readonly #events: EventPipe;
  #receiver: EventReceiver | undefined;

  constructor(limiter: RateLimiter, { chars = 4, model = 'm', runId, signal, trace = { attempts: 1 }, options }: ManualCallOptions = {}) {
    super();
    this.trace = trace;
    const context = {
      callId: 'call',
      model: { id: model, capabilities: {}, generate: () => this },
      startedAt: 0,
      signal: signal ?? new AbortController().signal,
      stream: true,
      trace,
      ...(runId === undefined ? {} : { runId }),
    };
    const request = createRequest({ messages: [user('x'.repeat(chars))], options });
    this.#events = eventPipe(limiter.wrapper(request, context, () => this));
    this.#read();
  }

  /** The limiter has let it through. */
  pull(receiver: EventReceiver): void {
    if (this.state === 'waiting') this.state = 'sent';
    this.#receiver = receiver;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    return { done: true, value: undefined };
  }

  head(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.trace.headListener?.answered({ status, headers });
  }

  give(...events: readonly ModelEvent[]): void {
    this.#receiver?.received(events);
  }

  /** The answer is over, with these counts. */
  end(inputTokens?: number, outputTokens?: number): void {
    if (inputTokens !== undefined && outputTokens !== undefined) this.give({ type: 'usage', usage: { inputTokens, outputTokens } });
    this.#receiver?.ended();
  }

  fail(error: LmdeckError): void {
    this.#receiver?.failed(error);
  }

  /** Its reader goes. */
  leave(): Promise<IteratorReturnResult<undefined>> {
    return this.#events.return();
  }

  #read(): void {
    this.#events.pull({
      received: () => {
        this.state = 'received';
        this.#read();
      },
      ended: () => {
        this.state = 'ended';
      },
      failed: (error) => {
        this.state = 'failed';
        this.error = LmdeckError.from(error);
      },
    });
  }
}
