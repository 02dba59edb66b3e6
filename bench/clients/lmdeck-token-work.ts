import { collate, disjointWindow, rollingTokenWindows } from 'lmdeck/scoring';
import type { Tasks } from '../task.ts';
import { pairs, texts, windowLength } from '../token-work.ts';

export function open(): Tasks {
  return { windows: { run: rollingWindows }, collate: { run: collateTokens } };
}

/** All texts as disjoint windows. Returns how many there are and how many tokens they predict. */
function rollingWindows(): string {
  let windows = 0;
  let predicted = 0;
  for (const text of texts) {
    for (const window of rollingTokenWindows(text, { prefixToken: 1, maxLength: windowLength })) {
      windows++;
      predicted += disjointWindow(window).continuation.length;
    }
  }
  return `${windows} windows, ${predicted} tokens`;
}

/** All questions in batches. Returns how many there are and the lengths of the first and the last one. */
function collateTokens(): string {
  const batches = collate(pairs, {
    context: ({ context }) => context.join(),
    rest: ({ continuation }) => continuation.join(),
    length: ({ context, continuation }) => context.length + continuation.length,
    batchSize: 16,
  });
  const [first] = batches[0]?.[0] ?? [];
  const [last] = batches.at(-1)?.at(-1) ?? [];
  return `${batches.length} batches, ${first?.context.length} to ${last?.context.length}`;
}
