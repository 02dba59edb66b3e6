import { assistant, system, toolResult, user, type Message } from 'lmdeck';
import { chatTemplate, tiktokenTokenizer, type JinjaChatTemplate } from 'lmdeck/tokenize';
import { history, templates, weatherTool, type Turn } from '../chat-templates.ts';
import { longText, shortMessages } from '../token-texts.ts';
import type { ClientSetup, Tasks } from '../task.ts';

export async function open({ folder }: ClientSetup): Promise<Tasks> {
  const text = longText();
  const messages = shortMessages();
  const tokenizer = await tiktokenTokenizer('o200k_base', { cacheFolder: folder });
  const compiled = new Map<string, JinjaChatTemplate>();
  for (const [name, source] of Object.entries(templates)) compiled.set(name, await chatTemplate(source));
  const chats = new Map([false, true].map((withTools) => [withTools, history(withTools).map(messageOf)]));
  return {
    'count long': { run: () => String(tokenizer.count(text)) },
    'encode long': { run: () => String(tokenizer.encode(text).length) },
    'count short': {
      run: () => {
        let tokens = 0;
        for (const message of messages) tokens += tokenizer.count(message);
        return String(tokens);
      },
    },
    render: {
      run: (_index, name) => {
        const withTools = name === 'tools';
        const chat = chats.get(withTools) ?? [];
        return compiled.get(name)?.render(chat, { tools: withTools ? [weatherTool] : [] }) ?? 'no template';
      },
    },
  };
}

function messageOf({ role, content, call, answers }: Turn): Message {
  switch (role) {
    case 'system':
      return system(content);
    case 'user':
      return user(content);
    case 'tool':
      return toolResult(answers ?? '', content);
    default:
      if (call === undefined) return assistant(content);
      return {
        role: 'assistant',
        parts: [{ type: 'tool-call', id: call.id, name: call.name, arguments: JSON.stringify(call.arguments) }],
      };
  }
}
