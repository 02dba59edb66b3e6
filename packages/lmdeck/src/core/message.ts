import type { AttachmentPart, Part, ProviderMetadata } from './part.ts';
import type { TokenIds } from './tokenizer.ts';

/** Who speaks. `raw`: nobody; text or token ids that go to the model as they are, without a chat template (see {@link raw}). */
export type Role = 'system' | 'user' | 'assistant' | 'tool' | 'raw';

/** One message of a conversation. */
export interface Message {
  readonly role: Role;
  readonly parts: readonly Part[];
  /** The speaker's name, where a provider takes one. */
  readonly name?: string;
  readonly providerMetadata?: ProviderMetadata;
}

/** A user message: text, or text and attachments. */
export function user(text: string, attachments: readonly AttachmentPart[] = []): Message {
  return { role: 'user', parts: [...(text === '' && attachments.length > 0 ? [] : [textPart(text)]), ...attachments] };
}

/** A system message: instructions that stand above the conversation. */
export function system(text: string): Message {
  return { role: 'system', parts: [textPart(text)] };
}

/** An assistant message: what the model said, or is made to have said (few-shot). */
export function assistant(text: string): Message {
  return { role: 'assistant', parts: [textPart(text)] };
}

/** A tool message: the result of one tool call. */
export function toolResult(toolCallId: string, output: string, isError = false): Message {
  return {
    role: 'tool',
    parts: [isError ? { type: 'tool-result', toolCallId, output, isError } : { type: 'tool-result', toolCallId, output }],
  };
}

/**
 * A raw prompt: text or token ids that the model continues as they are, without a chat template. It is the only message of
 * its request.
 *
 * @example
 * ```ts
 * import { languageModel, echo, raw } from 'lmdeck';
 *
 * console.log(await languageModel(echo()).prompt(raw('Once upon a time')).text());
 * ```
 */
export function raw(prompt: string | TokenIds): Message {
  return { role: 'raw', parts: [typeof prompt === 'string' ? textPart(prompt) : { type: 'tokens', ids: [...prompt] }] };
}

/** The text of a message: its text parts joined, nothing else. */
export function messageText(message: Message): string {
  let text = '';
  for (const part of message.parts) if (part.type === 'text') text += part.text;
  return text;
}

function textPart(text: string): Part {
  return { type: 'text', text };
}
