import type { CallStore, Wrapper } from '../core/index.ts';
import { answerEvents } from './answer-events.ts';
import { callIdentity } from './call-identity.ts';
import { record } from './record.ts';
import { isRecorded } from './recording.ts';
import { replayMiss } from './replay-miss.ts';

export interface ReplayOptions {
  /** What to do about a request that was not recorded: `fail` (unless said otherwise), or ask the model and `record` it. */
  readonly onMiss?: 'fail' | 'record' | undefined;
  /** Which answer, when a request was recorded several times: the `last` one unless said otherwise. */
  readonly order?: 'first' | 'last' | undefined;
}

/**
 * Answers from a tape and from nowhere else: a cache that may not miss. Every answer that ended `ok` is given again as
 * it was, in the pieces in which it came when it is read in pieces. For tests and demonstrations that run without a model,
 * and to prove that a program asks what it asked before.
 *
 * @throws LmdeckError `replay-miss` for a request that is not on the tape; the message shows the closest one that is,
 * and `data` has `requestKey`, `closestCallId` and `score`.
 *
 * @example
 * ```ts
 * import { languageModel, mock } from 'lmdeck';
 * import { record, replay } from 'lmdeck/middleware';
 * import { openTape } from 'lmdeck/tape';
 *
 * await using tape = openTape(':memory:');
 * await languageModel(mock({ outputs: ['Paris'] }), record(tape)).prompt('Capital of France?').text();
 *
 * const replayed = languageModel(mock({ outputs: [] }), replay(tape));
 * console.log(await replayed.prompt('Capital of France?').text()); // Paris
 * ```
 */
export function replay(store: CallStore, options: ReplayOptions = {}): Wrapper {
  const { onMiss = 'fail', order = 'last' } = options;
  const recorded = record(store);
  return (request, context, next) => ({
    async *[Symbol.asyncIterator]() {
      const { requestKey } = callIdentity(context.model, request);
      const call = store.find(requestKey, order === 'first' ? 'oldest' : 'newest');
      if (call !== undefined) {
        context.trace.cachedFrom = call.cachedFrom ?? call.id;
        yield answerEvents(call, context.stream);
      } else if (onMiss === 'record') {
        yield* isRecorded(context.trace, store) ? next(request, context) : recorded(request, context, next);
      } else {
        throw replayMiss(store, request, context.model, requestKey);
      }
    },
  });
}
