import { LmdeckError, type AttachmentPart, type JsonObject, type JsonValue, type Message, type ToolDefinition } from '../../core/index.ts';

/**
 * Messages as chat templates know them, in the form that `transformers` passes on: `role` and `content` (text, or a list of parts when
 * there are attachments), `tool_calls` with their arguments as objects, `reasoning_content`, and one message of the role `tool`
 * for every result.
 *
 * @param parse reads a call's arguments; what it cannot read or what is no object stays the text that it is.
 * @throws LmdeckError `invalid-request` for a raw prompt.
 */
export function messageDicts(messages: readonly Message[], parse: (json: string) => JsonValue): TemplateMessage[] {
  const names = new Map<string, string>();
  return messages.flatMap((message) => {
    for (const part of message.parts) if (part.type === 'tool-call') names.set(part.id, part.name);
    return dictsOf(message, names, parse);
  });
}

/** A message as a template sees it. */
export type TemplateMessage = { -readonly [name in keyof JsonObject]: JsonObject[name] };

function dictsOf(message: Message, names: ReadonlyMap<string, string>, parse: (json: string) => JsonValue): TemplateMessage[] {
  if (message.role === 'raw')
    throw new LmdeckError('invalid-request', 'A raw prompt goes to the model as it is: a chat template has nothing to do with it.');
  let text = '';
  let reasoning = '';
  const attachments: JsonObject[] = [];
  const content: JsonObject[] = [];
  const calls: JsonObject[] = [];
  const results: TemplateMessage[] = [];
  for (const part of message.parts) {
    switch (part.type) {
      case 'text':
      case 'refusal':
        text += part.text;
        content.push({ type: 'text', text: part.text });
        break;
      case 'reasoning':
        reasoning += part.text;
        break;
      case 'attachment':
        attachments.push(attachmentDict(part));
        content.push(attachmentDict(part));
        break;
      case 'tool-call':
        calls.push({ id: part.id, type: 'function', function: { name: part.name, arguments: argumentsOf(part.arguments, parse) } });
        break;
      case 'tool-result': {
        const name = part.name ?? names.get(part.toolCallId);
        const files = (part.attachments ?? []).map(attachmentDict);
        results.push({
          role: 'tool',
          tool_call_id: part.toolCallId,
          ...(name === undefined ? {} : { name }),
          content: files.length === 0 ? part.output : [{ type: 'text', text: part.output }, ...files],
        });
        break;
      }
      default:
    }
  }
  if (results.length > 0 && content.length === 0 && calls.length === 0) return results;
  const dict: TemplateMessage = { role: message.role, content: attachments.length === 0 ? text : content };
  if (message.name !== undefined) dict['name'] = message.name;
  if (reasoning !== '') dict['reasoning_content'] = reasoning;
  if (calls.length > 0) dict['tool_calls'] = calls;
  return [...results, dict];
}

function argumentsOf(text: string, parse: (json: string) => JsonValue): JsonValue {
  if (text.trim() === '') return {};
  try {
    const value = parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : text;
  } catch {
    return text;
  }
}

/** Templates put a placeholder in the place of a file: they look at its kind. */
function attachmentDict({ mediaType, url }: AttachmentPart): JsonObject {
  const [kind = ''] = mediaType.split('/');
  return { type: ['image', 'audio', 'video'].includes(kind) ? kind : 'file', ...(url === undefined ? {} : { url }) };
}

/** Tools in the form of OpenAI's API, which templates expect. */
export function toolDicts(tools: readonly ToolDefinition[]): JsonObject[] {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, ...(description === undefined ? {} : { description }), parameters },
  }));
}
