import { offAbort, onAbort, type AbortListener } from './aborter.ts';
import { canonicalJson } from './canonical-json.ts';
import { LmdeckError } from './error.ts';
import type { ModelRequest } from './model-request.ts';
import type { CallContext } from './model.ts';

/** How requests that are asked at the same time go out together. */
export interface GathererOptions<Request extends ModelRequest, Result> {
  /** Most requests that go together. */
  readonly size: number;
  /** Only requests that are alike in this go together (and in API key, headers and connection limit). */
  readonly kind: (request: Request) => string;
  /** Answers requests together, outcomes in their order; an error among them concerns its own request only. */
  readonly send: (requests: readonly Request[], context: CallContext) => Promise<readonly (Result | LmdeckError)[]>;
}

/**
 * Repeated attempts come apart by the jitter of their waits; so long the first of them waits for the others, so that a batch that
 * failed does not come back as single requests.
 */
const RETRY_GATHER_MS = 250;

/**
 * Gathers the requests of one turn of the event loop and sends them together. Every caller waits for its own outcome and may leave
 * alone; what was sent is aborted when all of its callers have left.
 */
export class Gatherer<Request extends ModelRequest, Result> {
  readonly #options: GathererOptions<Request, Result>;
  #waiting: Entry<Request, Result>[] = [];
  #repeated: Entry<Request, Result>[] = [];

  constructor(options: GathererOptions<Request, Result>) {
    this.#options = options;
  }

  /** @throws LmdeckError the outcome of this request, what failed for all that went with it, or the reason of the signal. */
  ask(request: Request, context: CallContext): Promise<Result> {
    const entry = new Entry<Request, Result>(request, context);
    if (context.trace.attempts > 1) {
      if (this.#repeated.push(entry) === 1) setTimeout(this.#sendRepeated, RETRY_GATHER_MS);
    } else if (this.#waiting.push(entry) === 1) setImmediate(this.#sendWaiting);
    return entry.outcome;
  }

  readonly #sendWaiting = (): void => {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#sendAll(entries);
  };

  readonly #sendRepeated = (): void => {
    const entries = this.#repeated;
    this.#repeated = [];
    this.#sendAll(entries);
  };

  #sendAll(entries: readonly Entry<Request, Result>[]): void {
    const alike = Map.groupBy(
      entries.filter((entry) => !entry.settled),
      (entry) => this.#key(entry),
    );
    for (const list of alike.values()) {
      for (let start = 0; start < list.length; start += this.#options.size) void this.#send(list.slice(start, start + this.#options.size));
    }
  }

  /** Never rejects: every caller gets what became of its request. */
  async #send(entries: readonly Entry<Request, Result>[]): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    const controller = new AbortController();
    const onLeave = (): void => {
      if (entries.every((entry) => entry.settled)) controller.abort(new LmdeckError('aborted', 'Nobody waits for the answer any more.'));
    };
    for (const entry of entries) entry.onLeave = onLeave;
    try {
      const outcomes = await this.#options.send(
        entries.map((entry) => entry.request),
        { ...first.context, signal: controller.signal },
      );
      for (const [i, entry] of entries.entries()) entry.settle(outcomes[i]);
    } catch (error) {
      for (const entry of entries) entry.settle(LmdeckError.from(error));
    }
  }

  #key({ request, context: { apiKey, headers, timeouts } }: Entry<Request, Result>): string {
    const kind = this.#options.kind(request);
    // Nearly always nothing else is said; no JSON begins with a space.
    if (apiKey === undefined && headers === undefined && timeouts?.connectMs === undefined) return ` ${kind}`;
    return canonicalJson([apiKey ?? null, headers ?? null, timeouts?.connectMs ?? null, kind]);
  }
}

/** A request that waits for its outcome. */
class Entry<Request extends ModelRequest, Result> implements AbortListener {
  readonly request: Request;
  readonly context: CallContext;
  /** Called when the caller gives up. */
  onLeave: (() => void) | undefined;
  readonly #settled = Promise.withResolvers<Result>();
  #isSettled = false;

  constructor(request: Request, context: CallContext) {
    this.request = request;
    this.context = context;
    if (context.signal.aborted) this.handleEvent();
    else onAbort(context.signal, this);
  }

  get outcome(): Promise<Result> {
    return this.#settled.promise;
  }

  get settled(): boolean {
    return this.#isSettled;
  }

  settle(outcome: Result | LmdeckError | undefined): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    offAbort(this.context.signal, this);
    const { id } = this.context.model;
    if (outcome === undefined)
      this.#settled.reject(new LmdeckError('internal', `${id}: a request that went out with others got no outcome.`));
    else if (LmdeckError.isInstance(outcome)) this.#settled.reject(outcome);
    else this.#settled.resolve(outcome);
  }

  handleEvent(): void {
    this.settle(LmdeckError.from(this.context.signal.reason, 'aborted'));
    this.onLeave?.();
  }
}
