import { llama } from 'lmdeck-llama';
import { answer, choices, wholeText } from '../score-texts.ts';
import type { Tasks } from '../task.ts';

export async function open(): Promise<Tasks> {
  const model = llama({ model: 'tiny' });
  await model.load();
  const score = async ({ context, continuations }: ReturnType<typeof choices>): Promise<string> => {
    const scores = await model.score(continuations.map((continuation) => ({ context, continuation })));
    return `${scores.length} texts`;
  };
  return {
    choices: { run: (index) => score(choices(index)) },
    answer: { run: (index) => score(answer(index)) },
    text: { run: (index) => score(wholeText(index)) },
  };
}
