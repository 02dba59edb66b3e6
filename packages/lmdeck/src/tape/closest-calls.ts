import { type ClosestCalls, type ClosestOptions, type ModelRequest, promptText, type StoredCall } from '../core/index.ts';
import { closestTexts, type TextCandidate } from './closest-texts.ts';
import { TextProfiler } from './text-profile.ts';

/**
 * Those of some calls whose prompts are most like a request's: `CallStore.closest` for stores that are no tape.
 *
 * @param calls the newest first; of those with equal prompts the first counts.
 */
export function closestCalls(calls: Iterable<StoredCall>, request: ModelRequest, options?: ClosestOptions): ClosestCalls {
  const prompts = new Map<string, StoredCall>();
  for (const call of calls) {
    const text = promptText(call.request.messages);
    if (!prompts.has(text)) prompts.set(text, call);
  }
  const { found, compared, complete } = closestTexts(promptText(request.messages), candidates(prompts.keys()), (text) => text, options);
  return {
    calls: found.flatMap(({ item, score }) => {
      const call = prompts.get(item);
      return call === undefined ? [] : [{ call, score }];
    }),
    compared,
    complete,
  };
}

function* candidates(texts: Iterable<string>): Generator<TextCandidate<string>, undefined> {
  const profiler = new TextProfiler();
  for (const item of texts) yield { item, profile: profiler.units(item) };
  return undefined;
}
