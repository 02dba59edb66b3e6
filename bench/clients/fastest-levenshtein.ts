/** What one does without an index: the distance to every text, by the fastest library for it. */
import { distance } from 'fastest-levenshtein';
import { fullText, promptsOf, type PromptSet } from '../prompts.ts';
import type { Tasks } from '../task.ts';

interface Loaded {
  readonly texts: readonly string[];
  readonly asked: ReadonlyMap<string, string>;
}

const sets = new Map<string, Loaded>();

function load(set: PromptSet): Loaded {
  let loaded = sets.get(set);
  if (loaded === undefined) {
    const { recorded, near, miss } = promptsOf(set);
    const asked = new Map([
      ['near', fullText(near)],
      ['miss', fullText(miss)],
    ]);
    sets.set(set, (loaded = { texts: recorded.map(fullText), asked }));
  }
  return loaded;
}

export function open(): Tasks {
  return {
    closest: {
      prepare: (_first, _count, argument) => void load(argument.startsWith('same') ? 'same' : 'mixed'),
      run: (_index, argument) => {
        const [set, question = '', cutoff = ''] = argument.split(' ');
        const { texts, asked } = load(set === 'same' ? 'same' : 'mixed');
        const text = asked.get(question) ?? '';
        let best = -1;
        let score = Number(cutoff);
        for (const [i, other] of texts.entries()) {
          const similarity = 1 - distance(text, other) / Math.max(text.length, other.length);
          if (similarity < score || (similarity === score && best !== -1)) continue;
          score = similarity;
          best = i;
        }
        return best === -1 ? 'none' : `prompt ${best}, ${score.toFixed(6)}`;
      },
    },
  };
}
