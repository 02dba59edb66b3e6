import {
  type CallContext,
  type CallStore,
  eventPipe,
  EventPipe,
  type EventReceiver,
  type Finish,
  LmdeckError,
  type ModelEvent,
  type ModelRequest,
  type Next,
  type Wrapper,
} from '../core/index.ts';
import { answerEvents } from './answer-events.ts';
import { callIdentity } from './call-identity.ts';
import { Flight } from './flight.ts';
import { record } from './record.ts';
import { isRecorded } from './recording.ts';

export interface CacheOptions {
  /** False never answers from the store: calls are made anew and, where they are recorded, answer later ones. */
  readonly read?: boolean | undefined;
  /** False does not write calls that had to be made. A `record` of the same store further out writes them anyway; nothing is written twice. */
  readonly write?: boolean | undefined;
}

type Item = ModelEvent | readonly ModelEvent[];

/**
 * Answers a request that the store has an answer to, without asking the model. A request is the same when its
 * `requestKey` is: model, endpoint, messages, options, tools, schema and sample index. Only calls that ended well
 * count: no errors, and no answer that was cut off (`length`), filtered, or ended without a reason.
 *
 * Equal requests made at the same time become one call; the others get its answer when it is complete, or make their
 * own when it fails. `trace.cachedFrom` names the call that the answer is from. A reader of pieces gets the answer in
 * the pieces in which it once came.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { cache } from 'lmdeck/middleware';
 * import { openTape } from 'lmdeck/tape';
 *
 * await using tape = openTape(':memory:');
 * const model = languageModel(mock({ outputs: ['one', 'two'] }), cache(tape));
 * console.log(await model.prompt('Count.').text()); // one
 * console.log(await model.prompt('Count.').text()); // one
 * ```
 */
export function cache(store: CallStore, options: CacheOptions = {}): Wrapper {
  const { read = true, write = true } = options;
  const flights = new Map<string, Flight>();
  const recorded = record(store);
  const ask: Wrapper = (request, context, next) =>
    write && !isRecorded(context.trace, store) ? recorded(request, context, next) : next(request, context);
  const parts: Cache = { store, flights, ask };
  return (request, context, next) => {
    if (!read) return ask(request, context, next);
    return new CachedEvents(parts, request, context, next);
  };
}

interface Cache {
  readonly store: CallStore;
  readonly flights: Map<string, Flight>;
  /** Makes a call, and writes it where that is wanted. */
  readonly ask: Wrapper;
}

class CachedEvents extends EventPipe {
  readonly #cache: Cache;
  readonly #request: ModelRequest;
  readonly #context: CallContext;
  readonly #next: Next;
  /** The call that had to be made. */
  #made: EventPipe | undefined;
  #ended = false;

  constructor(cache: Cache, request: ModelRequest, context: CallContext, next: Next) {
    super();
    this.#cache = cache;
    this.#request = request;
    this.#context = context;
    this.#next = next;
  }

  pull(receiver: EventReceiver): void {
    if (this.#made !== undefined) return this.#made.pull(receiver);
    if (this.#ended) return receiver.ended();
    let answer: readonly ModelEvent[] | EventPipe;
    try {
      answer = this.#begin();
    } catch (error) {
      return receiver.failed(error);
    }
    if (answer instanceof EventPipe) return (this.#made = answer).pull(receiver);
    // The frequent case: there is nothing more.
    this.#ended = true;
    receiver.received(answer);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#ended = true;
    await this.#made?.return();
    return { done: true, value: undefined };
  }

  /** The recorded answer, if there is one; else the call that has to be made. */
  #begin(): readonly ModelEvent[] | EventPipe {
    const [{ store, flights, ask }, request, context, next] = [this.#cache, this.#request, this.#context, this.#next];
    const { requestKey } = callIdentity(context.model, request, context.trace);
    const hit = lookUp(store, requestKey, context);
    return hit ?? eventPipe(answer(store, flights, requestKey, request, context, (r, c) => ask(r, c, next)));
  }
}

async function* answer(
  store: CallStore,
  flights: Map<string, Flight>,
  requestKey: string,
  request: ModelRequest,
  context: CallContext,
  ask: Next,
): AsyncGenerator<Item, undefined> {
  for (let flight = flights.get(requestKey); flight !== undefined && flight.end === undefined; flight = flights.get(requestKey)) {
    const end = await unlessAborted(flight.follow(), context.signal);
    if (end === 'left') continue;
    const events = end === 'complete' ? flight.events() : [];
    if (isKept(events, request.samples ?? 1)) {
      context.trace.cachedFrom = flight.callId;
      yield events;
    } else {
      yield* ask(request, context);
    }
    return undefined;
  }
  const flight = new Flight(context.callId, context.signal, ask(request, context));
  flights.set(requestKey, flight);
  try {
    yield* flight.lead();
  } finally {
    if (flights.get(requestKey) === flight) flights.delete(requestKey);
  }
  return undefined;
}

/** The events of the recorded answer, if there is a good one. A cache that cannot be read is an empty one. */
function lookUp(store: CallStore, requestKey: string, context: CallContext): ModelEvent[] | undefined {
  try {
    const call = store.find(requestKey);
    if (call === undefined || call.samples.length === 0 || !call.samples.every(({ finish }) => isGood(finish))) return undefined;
    const events = answerEvents(call, context.stream);
    context.trace.cachedFrom = call.cachedFrom ?? call.id;
    return events;
  } catch {
    return undefined;
  }
}

function isKept(events: readonly ModelEvent[], samples: number): boolean {
  const finishes = events.filter((event) => event.type === 'finish');
  return finishes.length >= samples && finishes.every(isGood);
}

function isGood(finish: Finish | undefined): boolean {
  switch (finish?.reason) {
    case 'stop':
    case 'tool-calls':
    case 'other':
      return true;
    default:
      return false;
  }
}

/** Waits, but not longer than the caller does. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw LmdeckError.from(signal.reason, 'aborted');
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(LmdeckError.from(signal.reason, 'aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
