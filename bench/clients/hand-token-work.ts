import type { Tasks } from '../task.ts';
import { pairs, texts, windowLength } from '../token-work.ts';

/** Windows and batches as plain loops over arrays make them. */
export function open(): Tasks {
  return {
    windows: {
      run: () => {
        let windows = 0;
        let predicted = 0;
        for (const text of texts) {
          for (let begin = 0; begin < text.length; begin += windowLength) {
            const target = text.slice(begin, begin + windowLength);
            // The input of the last window is full, too: its context reaches back.
            const context = begin === 0 ? [1] : text.slice(Math.max(0, begin + target.length - windowLength - 1), begin);
            windows++;
            if (context.length > 0) predicted += target.length;
          }
        }
        return `${windows} windows, ${predicted} tokens`;
      },
    },
    collate: {
      run: () => {
        const sorted = pairs.toSorted((a, b) => b.context.length + b.continuation.length - a.context.length - a.continuation.length);
        const batches = [];
        for (let i = 0; i < sorted.length; i += 16) batches.push(sorted.slice(i, i + 16));
        return `${batches.length} batches, ${batches[0]?.[0]?.context.length} to ${batches.at(-1)?.at(-1)?.context.length}`;
      },
    },
  };
}
