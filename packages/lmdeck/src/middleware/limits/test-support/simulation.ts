import {
  createRequest,
  EventPipe,
  LmdeckError,
  user,
  type CallContext,
  type EventReceiver,
  type Model,
  type Next,
} from '../../../core/index.ts';
import { rateLimiter, type RateLimiter, type RateLimiterOptions } from '../rate-limiter.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { SimulatedServer, type ServerOptions } from './simulated-server.ts';

/** A call to be made: how much it takes, as the server counts. */
export interface Work {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Somebody who always wants more. */
export interface Client {
  /** Absent: in person. */
  readonly runId?: string;
  readonly model?: string;
  /** Calls that are waited for at once. */
  readonly concurrency: number;
  readonly work: (random: () => number) => Work;
}

export interface SimulationOptions {
  readonly server: ServerOptions;
  readonly limiter?: RateLimiterOptions;
  readonly clients: readonly Client[];
  /** How long the server takes for an answer. Default: half a second. */
  readonly answerMs?: number;
  /** The longest way to the server and back. Default: 40 ms. */
  readonly networkMs?: number;
  readonly seed?: number;
  /** When it begins. Default: as a minute begins. */
  readonly startAt?: number;
}

const CHARS_PER_TOKEN = 5;

/** Clients, a limiter and a server in simulated time. */
export class Simulation {
  readonly clock: SimulatedClock;
  readonly limiter: RateLimiter;
  readonly server: SimulatedServer;
  /** Answers by client. */
  readonly done: number[];
  /** Between the wish and the answer, the longest, milliseconds, by client. */
  readonly longestMs: number[];
  readonly errors: LmdeckError[] = [];
  readonly #options: SimulationOptions;
  readonly #random: () => number;
  #stopped = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.clock = new SimulatedClock(options.startAt ?? 1_020_000);
    this.#random = randomFrom(options.seed ?? 1);
    this.server = new SimulatedServer(options.server);
    this.limiter = rateLimiter({ ...options.limiter, clock: this.clock });
    this.done = options.clients.map(() => 0);
    this.longestMs = options.clients.map(() => 0);
    for (const [index, client] of options.clients.entries()) for (let i = 0; i < client.concurrency; i++) this.#again(index, client);
  }

  /** Lets time pass; returns what the server let through and refused meanwhile. */
  pass(ms: number): { readonly accepted: number; readonly refused: number; readonly tokens: number } {
    const { accepted, refused, tokens } = this.server;
    this.clock.pass(ms);
    return { accepted: this.server.accepted - accepted, refused: this.server.refused - refused, tokens: this.server.tokens - tokens };
  }

  /** Makes no more calls, and lets those that are under way end. */
  drain(): void {
    this.#stopped = true;
    for (let i = 0; i < 600 && (this.limiter.state().inFlight > 0 || this.limiter.state().waiting > 0); i++) this.clock.pass(1000);
  }

  #again(index: number, client: Client): void {
    if (this.#stopped) return;
    const work = client.work(this.#random);
    this.#attempt(index, client, work, { attempts: 1 }, this.clock.now());
  }

  #attempt(index: number, client: Client, work: Work, trace: CallContext['trace'], since: number): void {
    const model: Model = { id: client.model ?? 'm', capabilities: {}, generate: () => nothing };
    const request = createRequest({ messages: [user('x'.repeat(work.inputTokens * CHARS_PER_TOKEN))] });
    const context: CallContext = {
      callId: 'call',
      model,
      startedAt: 0,
      signal: new AbortController().signal,
      stream: false,
      trace,
      ...(client.runId === undefined ? {} : { runId: client.runId }),
    };
    const next: Next = () => new SimulatedAnswer(this, work, context);
    const events = this.limiter.wrapper(request, context, next);
    if (!(events instanceof EventPipe)) throw new Error('not a pipe');
    events.pull({
      received: () =>
        events.pull({ received: () => undefined, failed: () => undefined, ended: () => this.#answered(index, client, since) }),
      ended: () => undefined,
      failed: (error) => this.#failed(LmdeckError.from(error), index, client, work, trace, since),
    });
  }

  #answered(index: number, client: Client, since: number): void {
    this.done[index] = (this.done[index] ?? 0) + 1;
    this.longestMs[index] = Math.max(this.longestMs[index] ?? 0, this.clock.now() - since);
    this.#again(index, client);
  }

  /** As `retry()` does it. */
  #failed(error: LmdeckError, index: number, client: Client, work: Work, trace: CallContext['trace'], since: number): void {
    if (error.code === 'rate-limit' && trace.paced === true) {
      trace.attempts++;
      return void this.clock.after(0, () => this.#attempt(index, client, work, trace, since));
    }
    this.errors.push(error);
    this.clock.after(1000, () => this.#again(index, client));
  }

  /** The way of a request to the server and back. */
  send(work: Work, { trace }: CallContext, receiver: EventReceiver): void {
    const { answerMs = 500, networkMs = 40 } = this.#options;
    const way = (): number => networkMs * (0.25 + 0.25 * this.#random());
    this.clock.after(way(), () => {
      const { status, headers, retryAfterMs } = this.server.ask(work.inputTokens + work.outputTokens, this.clock.now());
      this.clock.after(way(), () => {
        trace.headListener?.answered({ status, headers });
        if (status === 200) return void this.clock.after(answerMs * (0.5 + this.#random()), () => receiver.received(eventsOf(work)));
        receiver.failed(new LmdeckError('rate-limit', 'too fast', { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }));
      });
    });
  }
}

function eventsOf({ inputTokens, outputTokens }: Work): Parameters<EventReceiver['received']>[0] {
  return [
    { type: 'text-delta', text: 'x'.repeat(outputTokens * CHARS_PER_TOKEN) },
    { type: 'usage', usage: { inputTokens, outputTokens } },
    { type: 'finish', reason: 'stop' },
  ];
}

async function* none(): AsyncGenerator<never> {}
const nothing = none();

/** The answer to one request. */
class SimulatedAnswer extends EventPipe {
  readonly #simulation: Simulation;
  readonly #work: Work;
  readonly #context: CallContext;
  #asked = false;

  constructor(simulation: Simulation, work: Work, context: CallContext) {
    super();
    this.#simulation = simulation;
    this.#work = work;
    this.#context = context;
  }

  pull(receiver: EventReceiver): void {
    if (this.#asked) return receiver.ended();
    this.#asked = true;
    this.#simulation.send(this.#work, this.#context, receiver);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    return { done: true, value: undefined };
  }
}

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
