import { isJsonObject, LmdeckError, type JsonValue } from '../../core/index.ts';
import { pythonRstrip, pythonStrip } from '../../python/index.ts';
import type { TemplateMessage } from './message-dicts.ts';

/** Ends with a space, to see whether the template trims what it is given. */
const MARK = 'CONTINUE_FINAL_MESSAGE_TAG ';

/**
 * The messages with a mark at the end of the last one's text: what a template puts after it is what must not be there when the message
 * goes on. As in `transformers` (utils/chat_template_utils.py).
 */
export function marked(
  messages: readonly TemplateMessage[],
  name: string,
): { readonly chat: readonly TemplateMessage[]; readonly text: string } {
  const last = messages.at(-1);
  const content = last?.['content'];
  const parts: readonly JsonValue[] = Array.isArray(content) ? content : [];
  const at = parts.findLastIndex((part) => isJsonObject(part) && typeof part['text'] === 'string');
  const part = parts[at];
  const text = isJsonObject(part) ? part['text'] : content;
  if (last === undefined || typeof text !== 'string')
    throw new LmdeckError('invalid-request', `${name}: the last message has no text that could be continued.`);
  const open = isJsonObject(part) ? parts.with(at, { ...part, text: text + MARK }) : text + MARK;
  return { chat: [...messages.slice(0, -1), { ...last, content: open }], text };
}

/** What was rendered, up to the mark. */
export function continued(rendered: string, text: string, name: string): string {
  const at = rendered.lastIndexOf(pythonStrip(MARK));
  if (at < 0 || !rendered.includes(pythonStrip(text)))
    throw new LmdeckError(
      'invalid-request',
      `${name}: the template leaves the text of the last message out or changes it, so it cannot be continued.`,
    );
  const before = rendered.slice(0, at);
  return rendered.startsWith(MARK, at) ? before : pythonRstrip(before);
}
