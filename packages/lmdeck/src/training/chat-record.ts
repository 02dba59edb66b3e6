import type { JsonObject, JsonValue, Message } from '../core/index.ts';
import { toChatMessages, toChatTools, type ChatMessageOptions } from '../interop/index.ts';
import type { TrainingExample } from './training-example.ts';

/** An example as chat messages: prompt and answer apart. */
export interface ChatRecord {
  readonly prompt: JsonObject[];
  readonly answer: JsonObject;
  readonly tools: JsonObject[] | undefined;
}

/**
 * An example in the chat format that trainers read; a message has a content only where it says something.
 * @throws Error for what that format cannot say.
 */
export function chatRecord({ messages, answer, tools }: TrainingExample, options: ChatMessageOptions): ChatRecord {
  const chat = (message: Message): JsonObject[] => toChatMessages(message, options).map(withoutNull);
  const [said] = chat({ ...answer, role: 'assistant' });
  if (said === undefined) throw new Error('the answer is empty');
  return {
    prompt: messages.flatMap(chat),
    answer: said,
    tools: tools === undefined || tools.length === 0 ? undefined : toChatTools(tools),
  };
}

/** The names of the tools that a history calls, by the id of the call: some templates want them beside the result. */
export function toolNames(messages: readonly Message[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const message of messages) for (const part of message.parts) if (part.type === 'tool-call') names.set(part.id, part.name);
  return names;
}

function withoutNull(chat: JsonObject): JsonObject {
  const kept: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(chat)) if (value !== null && value !== undefined) kept[key] = value;
  return kept;
}
