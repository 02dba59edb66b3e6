import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OpenAI } from 'openai';
import PQueue from 'p-queue';
import { longPrompt, writeTask, type ChoiceDocument } from '../evaluation-data.ts';
import type { ClientSetup, Tasks } from '../task.ts';

/** The same evaluation as one writes it by hand: a queue of calls that takes no more lines than it can send. Nothing is recorded. */
export function open({ baseUrl, folder }: ClientSetup): Tasks {
  const { completions } = new OpenAI({ apiKey: 'sk-test', baseURL: baseUrl });
  const score = async (context: string, continuation: string): Promise<number> => {
    const answer = await completions.create({
      model: 'mock',
      prompt: context + continuation,
      temperature: 0,
      max_tokens: 1,
      logprobs: 1,
      echo: true,
    });
    const { token_logprobs: values = [], text_offset: offsets = [] } = answer.choices[0]?.logprobs ?? {};
    let sum = 0;
    for (let i = 0; i < values.length - 1; i++) if ((offsets[i] ?? 0) >= context.length) sum += values[i] ?? 0;
    return sum;
  };
  return {
    evaluate: {
      prepare: (_first, _count, argument) => void writeTask(join(folder, argument), Number(argument)),
      run: async (_index, argument) => {
        const queue = new PQueue({ concurrency: 64 });
        let right = 0;
        let documents = 0;
        for await (const line of createInterface({ input: createReadStream(join(folder, argument, 'choices.jsonl')) })) {
          const { question, choices, answer }: ChoiceDocument = JSON.parse(line);
          await queue.onSizeLessThan(256);
          documents++;
          void Promise.all(choices.map((choice) => queue.add(() => score(question, ` ${choice}`)))).then((scores) => {
            if (scores.indexOf(Math.max(...scores)) === answer) right++;
          });
        }
        await queue.onIdle();
        return `acc ${(right / documents).toFixed(6)}`;
      },
    },
    echo: {
      run: async (index) => {
        const { context, continuation } = longPrompt(index);
        return (await score(context, continuation)).toFixed(6);
      },
    },
  };
}
