import { join } from 'node:path';
import { languageModel, openai } from 'lmdeck';
import { record } from 'lmdeck/middleware';
import { openTape } from 'lmdeck/tape';
import type { ClientSetup, Tasks } from '../task.ts';
import { maxTokens, promptText, systemText, temperature } from '../workload.ts';

export function open({ baseUrl, folder }: ClientSetup): Tasks {
  const tape = openTape(join(folder, 'tape.db'));
  const model = languageModel(openai({ model: 'mock', apiKey: 'sk-test', baseUrl }), record(tape));
  const ask = { system: systemText, options: { temperature, maxTokens } };
  return {
    call: {
      run: (index) => model.prompt(promptText(index), ask).text(),
      settle: () => tape.flush(),
    },
  };
}
