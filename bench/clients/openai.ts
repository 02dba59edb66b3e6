import { OpenAI } from 'openai';
import { ArgumentsJoin, describeArguments, TextCount } from '../hand-sse.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { chatMessages, chatTools, maxTokens, temperature } from '../workload.ts';

export function open({ baseUrl }: ClientSetup): Tasks {
  const { completions } = new OpenAI({ apiKey: 'sk-test', baseURL: baseUrl }).chat;
  return {
    call: { run: async (index) => (await completions.create(params('mock', index))).choices[0]?.message.content ?? '' },
    stream: {
      run: async (index, model) => {
        const count = new TextCount();
        for await (const chunk of await completions.create({ ...params(model, index), stream: true })) count.chunk(chunk);
        return count.toString();
      },
    },
    'stream helper': {
      run: async (index, model) => {
        const count = new TextCount();
        const stream = completions.stream(params(model, index));
        for await (const chunk of stream) count.chunk(chunk);
        await stream.finalChatCompletion();
        return count.toString();
      },
    },
    tool: {
      run: async (index, model) => {
        const join = new ArgumentsJoin();
        for await (const chunk of await completions.create({ ...params(model, index), tools: chatTools, stream: true })) join.chunk(chunk);
        return join.toString();
      },
    },
    'tool helper': {
      run: async (index, model) => {
        const final = await completions.stream({ ...params(model, index), tools: chatTools }).finalChatCompletion();
        return describeArguments(JSON.parse(final.choices[0]?.message.tool_calls?.[0]?.function.arguments ?? 'null'));
      },
    },
  };
}

function params(model: string, index: number) {
  return { model, messages: chatMessages(index), temperature, max_tokens: maxTokens };
}
