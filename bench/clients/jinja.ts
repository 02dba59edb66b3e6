/** @huggingface/jinja as it is, on messages that are already what templates expect. */
import { Template } from '@huggingface/jinja';
import { history, templates, weatherTool, type Turn } from '../chat-templates.ts';
import type { Tasks } from '../task.ts';

export function open(): Tasks {
  const compiled = new Map(Object.entries(templates).map(([name, source]) => [name, new Template(source)]));
  const chats = new Map([false, true].map((withTools) => [withTools, history(withTools).map(dictOf)]));
  return {
    render: {
      run: (_index, name) => {
        const withTools = name === 'tools';
        const tools = withTools ? [{ type: 'function', function: weatherTool }] : undefined;
        return compiled.get(name)?.render({ messages: chats.get(withTools), tools, add_generation_prompt: true }) ?? 'no template';
      },
    },
  };
}

function dictOf({ role, content, call, answers }: Turn): object {
  return {
    role,
    content,
    ...(call === undefined
      ? {}
      : { tool_calls: [{ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } }] }),
    ...(answers === undefined ? {} : { tool_call_id: answers }),
  };
}
