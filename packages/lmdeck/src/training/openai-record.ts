import type { JsonObject } from '../core/index.ts';
import { chatRecord } from './chat-record.ts';
import type { Answer } from './select-answers.ts';
import { exampleOf } from './training-example.ts';

/** What a line for OpenAI's fine-tuning may have in its messages besides text. */
const TAKEN = new Set(['text', 'image_url']);

/**
 * A line for OpenAI's supervised fine-tuning. Source: the OpenAPI document's FineTuneChatRequestInput.
 *
 * @param wholeConversation learns every answer of it, not only the last one.
 * @throws Error for what fine-tuning does not take.
 */
export function openaiRecord({ call, sample }: Answer, wholeConversation: boolean): JsonObject {
  const { prompt, answer, tools } = chatRecord(exampleOf(call, sample), { toolArguments: 'text', toolNames: 'none' });
  const messages = prompt.map((message) => (message['role'] === 'assistant' && !wholeConversation ? { ...message, weight: 0 } : message));
  for (const message of [...messages, answer]) check(message);
  const parallel = call.request.options['parallelToolCalls'];
  return {
    messages: [...messages, answer],
    ...(tools === undefined ? {} : { tools }),
    ...(tools !== undefined && typeof parallel === 'boolean' ? { parallel_tool_calls: parallel } : {}),
  };
}

function check({ content }: JsonObject): void {
  if (!Array.isArray(content)) return;
  for (const part of content) {
    const { type } = part;
    if (!TAKEN.has(type)) throw new Error(`fine-tuning takes text and images, not a part of the type ${type}`);
  }
}
