/** The closest recorded prompt, as a miss looks for it: from a tape on file. */
import { join } from 'node:path';
import { createRequest, system, user, type ModelRequest } from 'lmdeck';
import { openTape, type Tape } from 'lmdeck/tape';
import { fileCall } from '../recorded-calls.ts';
import { promptsOf, type Prompt, type PromptSet } from '../prompts.ts';
import type { ClientSetup, Tasks } from '../task.ts';

interface Filed {
  readonly tape: Tape;
  readonly asked: ReadonlyMap<string, ModelRequest>;
}

export function open({ folder }: ClientSetup): Tasks {
  const sets = new Map<string, Promise<Filed>>();
  const filed = (set: PromptSet): Promise<Filed> => {
    let made = sets.get(set);
    if (made === undefined) sets.set(set, (made = file(join(folder, `${set}.db`), set)));
    return made;
  };
  return {
    closest: {
      prepare: async (_first, _count, argument) => void (await filed(argument.startsWith('same') ? 'same' : 'mixed')),
      run: async (_index, argument) => {
        const [set, question = '', cutoff = '', similarity] = argument.split(' ');
        const { tape, asked } = await filed(set === 'same' ? 'same' : 'mixed');
        const request = asked.get(question);
        if (request === undefined) return 'not prepared';
        const { calls } = tape.closest(request, { cutoff: Number(cutoff), similarity: similarity === 'indel' ? 'indel' : 'levenshtein' });
        const [best] = calls;
        return best === undefined ? 'none' : `prompt ${Number(best.call.metadata?.['place'])}, ${best.score.toFixed(6)}`;
      },
    },
  };
}

async function file(path: string, set: PromptSet): Promise<Filed> {
  const { recorded, near, miss } = promptsOf(set);
  const tape = openTape(path);
  for (const [place, prompt] of recorded.entries()) fileCall(tape, requestOf(prompt), { place });
  await tape.flush();
  const asked = new Map([
    ['near', requestOf(near)],
    ['miss', requestOf(miss)],
  ]);
  return { tape, asked };
}

function requestOf(prompt: Prompt): ModelRequest {
  return createRequest({ messages: [system(prompt.system), user(prompt.user)] });
}
