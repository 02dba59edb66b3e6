import { openai } from 'lmdeck';
import { describeArguments, TextCount } from '../hand-sse.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { maxTokens, promptText, saveNotes, systemText, temperature } from '../workload.ts';

export function open({ baseUrl }: ClientSetup): Tasks {
  const models = new Map<string, ReturnType<typeof openai>>();
  const modelOf = (model: string): ReturnType<typeof openai> => {
    const known = models.get(model) ?? openai({ model, apiKey: 'sk-test', baseUrl });
    models.set(model, known);
    return known;
  };
  const ask = { system: systemText, options: { temperature, maxTokens } };
  const tools = [{ name: saveNotes.name, description: saveNotes.description, parameters: saveNotes.parameters }];
  return {
    call: { run: (index) => modelOf('mock').prompt(promptText(index), ask).text() },
    stream: {
      run: async (index, model) => {
        const count = new TextCount();
        for await (const text of modelOf(model).prompt(promptText(index), ask)) count.text(text);
        return count.toString();
      },
    },
    tool: {
      run: async (index, model) => {
        const [call] = await modelOf(model)
          .prompt(promptText(index), { ...ask, tools, stream: true })
          .toolCalls();
        return describeArguments(call?.arguments);
      },
    },
  };
}
