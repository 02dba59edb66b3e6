import {
  type CallContext,
  type CallStore,
  LmdeckError,
  type ModelEvent,
  type ModelRequest,
  type Next,
  pause,
  type Wrapper,
} from '../core/index.ts';
import { answerEvents } from './answer-events.ts';
import { record } from './record.ts';
import { isRecorded } from './recording.ts';
import { type TimedBatch, timedBatches } from './replay-events.ts';
import { type Replayed, ReplayLookup } from './replay-lookup.ts';
import type { Matching, Relaxation } from './replay-key.ts';
import type { Miss } from './replay-miss.ts';

export interface ReplayOptions extends Matching {
  /**
   * What becomes of a request that was not recorded:
   *
   * |            | the model is asked | the answer is recorded | the call        |
   * |------------|--------------------|------------------------|-----------------|
   * | `fail`     | no                 | no                     | `replay-miss`   |
   * | `miss`     | yes                | no                     | goes through    |
   * | `record`   | yes                | yes, and replayed next | goes through    |
   *
   * Default: `fail`.
   */
  readonly on?: 'fail' | 'miss' | 'record' | undefined;
  /**
   * Which recording, when a request was recorded several times: the `first`, the `last`, or in `sequence` the n-th for the n-th time that
   * this replay is asked (requests asked at the same time count in the order in which they began). Default: `last`.
   */
  readonly order?: 'first' | 'last' | 'sequence' | undefined;
  /**
   * In a `sequence`, what follows its last recording: a `miss` (see `on`; the error says how many there were), the last one again and again
   * (`repeat`), or the first again (`restart`). Default: `miss`.
   */
  readonly afterLast?: 'miss' | 'repeat' | 'restart' | undefined;
  /** Parts of a request that need not agree. Default: none; the request key decides. */
  readonly relax?: readonly Relaxation[] | undefined;
  /**
   * Rewrites recorded and asked requests alike before they are compared: takes out what differs each time (a date, an id). Must not depend
   * on anything but the request. What is sent to a model and recorded stays as it is.
   */
  readonly normalize?: ((request: ModelRequest) => ModelRequest) | undefined;
  /**
   * Whether calls that did not end well are recordings too: an API error is thrown again after what had come before it, an answer that its
   * reader left is given as far as it was read. In the orders `first` and `last` only where no call ended well. Default: true unless the
   * model may be asked instead (`on`).
   */
  readonly errors?: boolean | undefined;
  /** `recorded`: answers take the time that they took, between their pieces and in all. Default: `none`. */
  readonly timing?: 'recorded' | 'none' | undefined;
  /** Only calls of this run are recordings. */
  readonly runId?: string | undefined;
  /** What a miss says about how to record. Default: how `replay` does it. */
  readonly advice?: string | undefined;
}

/**
 * Answers from recordings. Every recorded answer is given again as it was, in the pieces in which it came when it is read in pieces. For
 * tests and demonstrations that run without a model, and to prove that a program asks what it asked before.
 *
 * A request that was not recorded is a miss. Its error shows the closest one that was, and where they differ.
 *
 * @throws LmdeckError `usage` for relaxations that there are not. Calls throw `replay-miss`; `data` has `requestKey`, `closestCallId` and
 * `score`.
 *
 * @example
 * ```ts
 * import { languageModel, mock, openTape, record, replay } from 'lmdeck';
 *
 * await using tape = openTape(':memory:');
 * await languageModel(mock({ outputs: ['Paris'] }), record(tape)).prompt('Capital of France?').text();
 *
 * const replayed = languageModel(mock({ outputs: [] }), replay(tape));
 * console.log(await replayed.prompt('Capital of France?').text()); // Paris
 *
 * const relaxed = languageModel(mock({ id: 'other' }), replay(tape, { relax: ['model', 'whitespace'] }));
 * console.log(await relaxed.prompt('Capital  of France?').text()); // Paris
 * ```
 */
export function replay(store: CallStore, options: ReplayOptions = {}): Wrapper {
  const { on = 'fail', timing = 'none' } = options;
  const lookup = new ReplayLookup(store, options);
  const recorded = record(store);
  const begin = (request: ModelRequest, context: CallContext, next: Next): Events => {
    const result = lookup.find(context.model, request, context.trace);
    if (result.call !== undefined) return answer(result.call, context, timing);
    if (on === 'fail') return new MissStream({ store, request, context, options, key: lookup.key, ...result });
    const ask = on === 'record' && !isRecorded(context.trace, store) ? recorded : pass;
    return ask(request, context, next)[Symbol.asyncIterator]();
  };
  return (request, context, next) => ({
    [Symbol.asyncIterator]: () => {
      try {
        return begin(request, context, next);
      } catch (error) {
        // Whoever opens a stream expects its errors from the stream.
        return { next: () => Promise.reject(error) };
      }
    },
  });
}

type Events = AsyncIterator<ModelEvent | readonly ModelEvent[]>;

const pass: Wrapper = (request, context, next) => next(request, context);

function answer(call: Replayed, context: CallContext, timing: 'recorded' | 'none'): Events {
  context.trace.cachedFrom = call.cachedFrom ?? call.id;
  if (timing === 'recorded') return played(call, timedBatches(call, context.stream), context.signal);
  const events = answerEvents(call, context.stream);
  if (call.status === 'aborted') return played(call, events.length === 0 ? [] : [{ waitMs: 0, events }], context.signal);
  return new OneBatch(events, endOf(call));
}

/** How long an answer that its reader left stays open for the reader to leave it again. */
const LEAVE_MS = 1000;

async function* played(call: Replayed, batches: readonly TimedBatch[], signal: AbortSignal): AsyncGenerator<readonly ModelEvent[], void> {
  for (const { waitMs, events } of batches) {
    if (waitMs > 0) await pause(waitMs, signal);
    yield events;
  }
  if (call.status === 'aborted') await pause(LEAVE_MS, signal);
  const error = endOf(call);
  if (error !== undefined) throw error;
}

/** The error in which a recorded call ended. */
function endOf({ status, error, id }: Replayed): LmdeckError | undefined {
  if (status === undefined || status === 'ok') return undefined;
  if (status === 'error' && error !== undefined) return LmdeckError.fromInfo(error);
  return new LmdeckError(
    'replay-miss',
    `The recording ${id} ends here: its reader left before the end of the answer. Record the request anew and read the answer to its end.`,
    { data: { callId: id } },
  );
}

/** A stream that is the error of a miss. What explains the error is loaded when there is one. */
class MissStream implements AsyncIterator<never, undefined> {
  readonly #what: Miss;

  constructor(what: Miss) {
    this.#what = what;
  }

  async next(): Promise<IteratorResult<never, undefined>> {
    const { replayMiss } = await import('./replay-miss.ts');
    throw replayMiss(this.#what);
  }
}

/** All events at once, then the end. Written by hand: a generator would cost as much as looking up. */
class OneBatch implements AsyncIterator<readonly ModelEvent[], undefined> {
  #events: readonly ModelEvent[] | undefined;
  readonly #error: LmdeckError | undefined;

  constructor(events: readonly ModelEvent[], error: LmdeckError | undefined) {
    this.#events = events.length === 0 ? undefined : events;
    this.#error = error;
  }

  next(): Promise<IteratorResult<readonly ModelEvent[], undefined>> {
    const events = this.#events;
    this.#events = undefined;
    if (events !== undefined) return Promise.resolve({ done: false, value: events });
    return this.#error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(this.#error);
  }
}
