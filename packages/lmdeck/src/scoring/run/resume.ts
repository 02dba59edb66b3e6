import { type ModelEvents, type StoredCall, type Wrapper } from '../../core/index.ts';
import { answerEvents, callIdentity } from '../../middleware/index.ts';
import { AnsweredCalls } from './answered-calls.ts';

/** What of a tape a run needs to go on where it stopped. */
export interface RunRecord {
  iterate(filter: { readonly runId: string; readonly status: 'ok' }): Iterable<StoredCall>;
  call(id: string): StoredCall | undefined;
}

/**
 * Answers what a run has asked before: calls of the run that ended well are given out again from the tape, sampled ones included, and
 * nothing is sent or recorded for them. A request that is asked again while the first one is under way waits for it. For calls with another
 * run id, or none, it does nothing.
 *
 * Belongs outside of `record`: a call that is on the tape must not be put there again.
 */
export function resume(tape: RunRecord, runId: string): Wrapper {
  const answered = new AnsweredCalls();
  for (const call of tape.iterate({ runId, status: 'ok' })) answered.set(call.requestKey, call.id);
  const underWay = new Map<string, Promise<void>>();
  return (request, context, next): ModelEvents =>
    context.runId !== runId
      ? next(request, context)
      : {
          async *[Symbol.asyncIterator]() {
            const key = callIdentity(context.model, request, context.trace).requestKey;
            // Whoever waited and finds that the other one failed asks itself, and the next one waits for that.
            for (let other = underWay.get(key); other !== undefined; other = underWay.get(key)) await other;
            const id = answered.get(key);
            const before = id === undefined ? undefined : tape.call(id);
            if (before?.requestKey === key) {
              yield answerEvents(before, false);
              return;
            }
            const done = Promise.withResolvers<void>();
            underWay.set(key, done.promise);
            try {
              yield* next(request, context);
              answered.set(key, context.callId);
            } finally {
              underWay.delete(key);
              done.resolve();
            }
          },
        };
}
