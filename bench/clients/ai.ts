import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, streamText, tool } from 'ai';
import { describeArguments, TextCount } from '../hand-sse.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { maxTokens, promptText, saveNotes, systemText, temperature } from '../workload.ts';

export function open({ baseUrl }: ClientSetup): Tasks {
  const provider = createOpenAICompatible({ name: 'mock', baseURL: baseUrl, apiKey: 'sk-test' });
  const settings = (model: string, index: number) => ({
    model: provider.chatModel(model),
    instructions: systemText,
    prompt: promptText(index),
    temperature,
    maxOutputTokens: maxTokens,
  });
  const tools = { [saveNotes.name]: tool({ description: saveNotes.description, inputSchema: jsonSchema(saveNotes.parameters) }) };
  return {
    call: { run: async (index) => (await generateText(settings('mock', index))).text },
    stream: {
      run: async (index, model) => {
        const count = new TextCount();
        for await (const text of streamText(settings(model, index)).textStream) count.text(text);
        return count.toString();
      },
    },
    tool: {
      run: async (index, model) => {
        const [call] = await streamText({ ...settings(model, index), tools }).toolCalls;
        return describeArguments(call?.input);
      },
    },
  };
}
