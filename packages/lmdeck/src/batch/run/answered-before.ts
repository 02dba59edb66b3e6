import { type Wrapper } from '../../core/index.ts';
import { answerEvents, callIdentity } from '../../middleware/index.ts';
import type { Tape } from '../../tape/index.ts';

/**
 * Answers what a run has asked before from its tape; nothing is sent or recorded for it, and `response.cachedFrom` names the call. Calls of other runs
 * pass by. Belongs outside of `record`: a call that is on the tape must not be put there again.
 *
 * @example
 * ```ts
 * import { languageModel, mock, openTape, record } from 'lmdeck';
 * import { answeredBefore } from 'lmdeck/batch';
 *
 * await using tape = openTape(':memory:');
 * const model = mock({ outputs: ['Paris', 'Rome'] });
 * const taped = languageModel(model, answeredBefore(tape, 'run-1'), record(tape));
 * const ask = () => taped.prompt('Capital of France?', { runId: 'run-1' }).text();
 * console.log(await ask()); // Paris
 * await tape.flush();
 * console.log(await ask()); // Paris
 * console.log(model.requests.length); // 1
 * ```
 */
export function answeredBefore(tape: Pick<Tape, 'answerOf'>, runId: string): Wrapper {
  return (request, context, next) => {
    const before =
      context.runId === runId ? tape.answerOf(runId, callIdentity(context.model, request, context.trace).requestKey) : undefined;
    if (before === undefined) return next(request, context);
    context.trace.cachedFrom = before.id;
    return (async function* () {
      yield answerEvents(before, context.stream);
    })();
  };
}
