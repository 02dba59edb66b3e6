import { readFileSync } from 'node:fs';
import { isJsonObject, user, type JsonValue, type Message, type ToolDefinition } from 'lmdeck/core';

/** A question with its right answer. */
export interface ChatItem {
  readonly family: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  /** The whole answer; a tool call as the model writes it. */
  readonly expected: string;
}

/** The beginning of a plain text, its right continuation and wrong ones. */
export interface ScoreItem {
  readonly family: string;
  readonly prompt: string;
  readonly expected: string;
  readonly wrong: readonly string[];
}

const CALL = /^<tool_call>\n\{"name": "(\w+)", "arguments": (.*)\}\n<\/tool_call>$/s;
const RESULT = /^<tool_response>\n(.*)\n<\/tool_response>$/s;

/** Reads a JSONL file of items. The data has conversations as text; tools and their calls become the real thing again. */
export function readItems(file: URL): { chat: ChatItem[]; score: ScoreItem[] } {
  const chat: ChatItem[] = [];
  const score: ScoreItem[] = [];
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const item: JsonValue = JSON.parse(line);
    if (!isJsonObject(item)) continue;
    const { messages, prompt, wrong } = item;
    const family = text(item['family']);
    const expected = text(item['expected']);
    if (Array.isArray(messages)) chat.push({ family, expected, ...conversation(messages) });
    else if (Array.isArray(wrong)) score.push({ family, expected, prompt: text(prompt), wrong: wrong.map(text) });
  }
  return { chat, score };
}

/** A tool call as the model writes it. */
export function callText(name: string, argumentsText: string): string {
  return `<tool_call>\n{"name": "${name}", "arguments": ${argumentsText}}\n</tool_call>`;
}

function conversation(entries: readonly JsonValue[]): Pick<ChatItem, 'messages' | 'tools'> {
  const messages: Message[] = [];
  let tools: ToolDefinition[] = [];
  for (const [index, entry] of entries.entries()) {
    if (!isJsonObject(entry)) continue;
    const content = text(entry['content']);
    const call = CALL.exec(content);
    const result = RESULT.exec(content);
    if (entry['role'] === 'system') {
      tools = toolsOf(content);
      const text = content.split('# Tools')[0]?.trim() ?? '';
      if (text !== '') messages.push({ role: 'system', parts: [{ type: 'text', text }] });
    } else if (entry['role'] === 'assistant') {
      messages.push({
        role: 'assistant',
        parts: [
          call === null
            ? { type: 'text', text: content }
            : { type: 'tool-call', id: `call-${index}`, name: call[1] ?? '', arguments: call[2] ?? '' },
        ],
      });
    } else if (result === null) messages.push(user(content));
    else messages.push({ role: 'tool', parts: [{ type: 'tool-result', toolCallId: `call-${index - 1}`, output: result[1] ?? '' }] });
  }
  return { messages, tools };
}

function toolsOf(system: string): ToolDefinition[] {
  const lines = /<tools>\n(.*)\n<\/tools>\n/s.exec(system)?.[1]?.split('\n') ?? [];
  return lines.map((line) => {
    const { function: tool }: { function: ToolDefinition } = JSON.parse(line);
    return tool;
  });
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
