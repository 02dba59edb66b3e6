import type { ModelRequest } from '../../core/index.ts';

/** Of text in most languages; code and Asian scripts take more, and limits of queues are not that sharp. */
const CHARS_PER_TOKEN = 4;
/** What chat formats add to a message. */
const MESSAGE_TOKENS = 4;
/** About what a middle-sized picture takes, and a page of a document. */
const ATTACHMENT_TOKENS = 800;

/** About how many input tokens a request has, for limits of queues; not for money. */
export function estimateTokens({ messages, schema, tools }: ModelRequest): number {
  let chars = schema === undefined ? 0 : JSON.stringify(schema).length;
  let tokens = 3;
  if (tools !== undefined) chars += JSON.stringify(tools).length;
  for (const message of messages) {
    tokens += MESSAGE_TOKENS;
    for (const part of message.parts) {
      if ('text' in part) chars += part.text.length;
      else if (part.type === 'tool-call') chars += part.name.length + part.arguments.length;
      else if (part.type === 'tool-result') {
        chars += part.output.length;
        tokens += ATTACHMENT_TOKENS * (part.attachments?.length ?? 0);
      } else if (part.type === 'attachment') tokens += ATTACHMENT_TOKENS;
      else tokens += part.ids.length;
    }
  }
  return tokens + Math.ceil(chars / CHARS_PER_TOKEN);
}
