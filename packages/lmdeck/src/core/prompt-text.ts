import type { Message } from './message.ts';
import type { Part } from './part.ts';

/**
 * A history as plain text, for reading and comparing: each message as its role and what it says, a blank line between two.
 * Attachments are named by type and name; reasoning is left out.
 */
export function promptText(messages: readonly Message[]): string {
  let text = '';
  for (const message of messages) {
    text += text === '' ? `${message.role}:` : `\n\n${message.role}:`;
    let separator = ' ';
    for (const part of message.parts) {
      const piece = partText(part);
      if (piece === '') continue;
      text += separator + piece;
      separator = '\n';
    }
  }
  return text;
}

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text;
    case 'tool-call':
      return `${part.name}(${part.arguments})`;
    case 'tool-result':
      return part.output;
    case 'attachment':
      return `[${part.mediaType}${part.name === undefined ? '' : ` ${part.name}`}${part.url === undefined ? '' : ` ${part.url}`}]`;
    default:
      return '';
  }
}
