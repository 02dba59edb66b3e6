import {
  EventPipe,
  eventPipe,
  isBatch,
  LmdeckError,
  offAbort,
  onAbort,
  type AbortListener,
  type CallContext,
  type EventItem,
  type EventReceiver,
  type HeadListener,
  type ModelEvent,
  type ModelRequest,
  type Next,
  type Usage,
} from '../../core/index.ts';
import { rateLimitFacts } from '../../transport/index.ts';
import { usedTokens, type Admission, type LaneOutcome } from './lane.ts';
import type { LimitedModel, Limiter } from './limiter.ts';
import { roughTokens } from './token-estimate.ts';

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** One call, let through in its turn. It has its place from its first read to its end. */
export class LimitedEvents extends EventPipe implements AbortListener, Admission, EventReceiver, HeadListener {
  readonly share: number;
  readonly run: string | undefined;
  readonly again: boolean;
  input = 0;
  output = 0;
  startedAt = 0;
  within = 0;
  readonly #limiter: Limiter;
  readonly #model: LimitedModel;
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #next: Next;
  readonly #rough: number;
  #state: 'new' | 'waiting' | 'under way' | 'over' = 'new';
  #inner: EventPipe | undefined;
  #receiver: EventReceiver | undefined;
  #usage: Usage | undefined;
  /** Of the answer, for the case that its tokens are never told. */
  #chars = 0;
  #hasBegun = false;
  #error: LmdeckError | undefined;

  constructor(limiter: Limiter, request: ModelRequest, context: CallContext, next: Next, share: number) {
    super();
    this.#limiter = limiter;
    this.#model = limiter.model(context.model.id);
    this.#request = request;
    this.#context = context;
    this.#next = next;
    this.share = share;
    this.run = context.runId;
    this.again = context.trace.attempts > 1;
    this.#rough = roughTokens(request);
  }

  get left(): boolean {
    return this.#state === 'over';
  }

  pull(receiver: EventReceiver): void {
    this.#receiver = receiver;
    if (this.#state === 'under way') return this.#inner?.pull(this);
    if (this.#state === 'over') return receiver.ended();
    const { signal } = this.#context;
    try {
      if (signal.aborted) throw LmdeckError.from(signal.reason, 'aborted');
      this.#state = 'waiting';
      if (this.#limiter.enter(this, this.#model, this.#model.estimate.leastInput(this.#rough))) this.#begin();
      else if (this.#isWaiting) onAbort(signal, this);
    } catch (error) {
      this.#state = 'over';
      receiver.failed(error);
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    if (this.#state === 'waiting') {
      this.#leave();
      this.#receiver?.ended();
      return done;
    }
    try {
      await this.#inner?.return();
    } finally {
      this.#end();
      this.#state = 'over';
    }
    return done;
  }

  guess(): void {
    const { estimate } = this.#model;
    this.input = estimate.input(this.#rough);
    this.output = estimate.output(this.#request);
  }

  granted(): void {
    offAbort(this.#context.signal, this);
    this.#begin();
  }

  refused(error: LmdeckError): void {
    offAbort(this.#context.signal, this);
    this.#state = 'over';
    this.#receiver?.failed(error);
  }

  /** Aborted while it waits. */
  handleEvent(): void {
    if (this.#state !== 'waiting') return;
    this.#leave();
    this.#receiver?.failed(LmdeckError.from(this.#context.signal.reason, 'aborted'));
  }

  answered({ status, headers }: { readonly status: number; readonly headers: Readonly<Record<string, string>> }): void {
    const { lane } = this.#model;
    const facts = rateLimitFacts(headers);
    if (facts.length > 0) lane.learn(facts, this.#limiter.now());
    if (status < 300) this.#wentWell();
    else if (facts.length > 0) this.#limiter.changed();
  }

  received(item: EventItem): void {
    if (!this.#hasBegun) this.#wentWell();
    if (isBatch(item)) for (const event of item) this.#look(event);
    else this.#look(item);
    this.#receiver?.received(item);
  }

  ended(): void {
    this.#end();
    this.#receiver?.ended();
  }

  failed(thrown: unknown): void {
    this.#error = LmdeckError.from(thrown);
    this.#end();
    this.#receiver?.failed(thrown);
  }

  get #isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  #begin(): void {
    this.#state = 'under way';
    this.#context.trace.headListener = this;
    try {
      this.#inner = eventPipe(this.#next(this.#request, this.#context));
      this.#inner.pull(this);
    } catch (error) {
      this.failed(error);
    }
  }

  #leave(): void {
    offAbort(this.#context.signal, this);
    this.#state = 'over';
    this.#limiter.leave(this.#model);
  }

  #wentWell(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#model.lane.wentWell();
    this.#limiter.changed();
  }

  #look(event: ModelEvent): void {
    switch (event.type) {
      case 'usage':
        this.#usage = event.usage;
        break;
      case 'text-delta':
      case 'reasoning-delta':
        this.#chars += event.text.length;
        break;
      case 'tool-call-delta':
        this.#chars += event.arguments.length;
        break;
      case 'error':
        this.#error = LmdeckError.fromInfo(event.error);
        break;
      default:
    }
  }

  #end(): void {
    if (this.#state !== 'under way') return;
    this.#state = 'over';
    const { trace } = this.#context;
    if (trace.headListener === this) trace.headListener = undefined;
    const { lane, estimate } = this.#model;
    if (this.#error !== undefined && lane.refusedBy(this.#error, this, this.#limiter.now())) trace.paced = true;
    if (this.#usage !== undefined) estimate.learn(this.#request, this.#rough, this.#usage);
    this.#limiter.end(this, this.#model, this.#outcome());
  }

  #outcome(): LaneOutcome {
    const { status, code } = this.#error ?? {};
    if (this.#usage === undefined && !this.#hasBegun) {
      if (code === 'rate-limit') return { type: 'refused' };
      if (status !== undefined && status < 500) return { type: 'rejected' };
    }
    return usedTokens({ input: this.input, output: this.#model.estimate.ofChars(this.#chars) }, this.#usage);
  }
}
