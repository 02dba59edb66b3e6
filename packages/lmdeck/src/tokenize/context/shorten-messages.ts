import type { Message, Part, Tokenizer } from '../../core/index.ts';
import type { FittedMessages } from './drop-messages.ts';
import { truncateText } from './truncate-text.ts';
import type { TruncationSide } from './truncate-tokens.ts';

/**
 * Shortens the longest text or tool result of messages that are not the system's, then the next longest, as much as it takes.
 * @returns `undefined` when it does not fit even without any of them.
 */
export async function shortenMessages(
  messages: readonly Message[],
  room: number,
  side: TruncationSide,
  tokenizer: Tokenizer,
  count: (messages: readonly Message[]) => Promise<number>,
): Promise<FittedMessages | undefined> {
  let current = messages;
  let tokens = await count(current);
  for (const place of await texts(messages, tokenizer)) {
    let keep = place.tokens;
    while (tokens > room && keep > 0) {
      keep = Math.max(0, keep - (tokens - room));
      const { text } = await truncateText(tokenizer, place.text, keep, side);
      current = withText(current, place, text);
      tokens = await count(current);
    }
    if (tokens <= room) return { messages: current, tokens };
  }
  return undefined;
}

interface TextPlace {
  readonly message: number;
  readonly part: number;
  readonly text: string;
  readonly tokens: number;
}

/** All texts that can be shortened, the longest first. */
async function texts(messages: readonly Message[], tokenizer: Tokenizer): Promise<readonly TextPlace[]> {
  const found: TextPlace[] = [];
  for (const [message, { role, parts }] of messages.entries()) {
    if (role === 'system') continue;
    for (const [index, part] of parts.entries()) {
      const text = textOf(part);
      if (text !== undefined) found.push({ message, part: index, text, tokens: await tokenizer.count(text) });
    }
  }
  return found.sort((a, b) => b.tokens - a.tokens);
}

function textOf(part: Part): string | undefined {
  if (part.type === 'text') return part.text;
  return part.type === 'tool-result' ? part.output : undefined;
}

function withText(messages: readonly Message[], place: TextPlace, text: string): readonly Message[] {
  return messages.map((message, index) =>
    index === place.message
      ? { ...message, parts: message.parts.map((part, at) => (at === place.part ? replaced(part, text) : part)) }
      : message,
  );
}

function replaced(part: Part, text: string): Part {
  if (part.type === 'text') return { ...part, text };
  return part.type === 'tool-result' ? { ...part, output: text } : part;
}
