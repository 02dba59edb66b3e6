import { LmdeckError, type AttachmentPart, type JsonObject, type Message, type RenderOptions } from '../../core/index.ts';
import { messageDicts, toolDicts } from '../chat/message-dicts.ts';

/** Messages and tools as servers take them that render chat templates themselves: those of OpenAI's chat completions. */
export function openAiMessages(messages: readonly Message[], options: RenderOptions): JsonObject {
  const { tools = [], variables, continueFinalMessage = false } = options;
  const addGenerationPrompt = options.addGenerationPrompt ?? (!continueFinalMessage && messages.at(-1)?.role !== 'assistant');
  return {
    messages: messages.flatMap((message) => messageDicts([withoutFiles(message)], keep).map((dict) => withFiles(dict, message))),
    add_generation_prompt: addGenerationPrompt,
    ...(continueFinalMessage ? { continue_final_message: true } : {}),
    ...(tools.length === 0 ? {} : { tools: toolDicts(tools) }),
    ...(variables === undefined ? {} : { chat_template_kwargs: variables }),
  };
}

/** On the wire arguments are text. */
function keep(json: string): string {
  return json;
}

/** Without files, which are put in afterwards; a call without arguments has an empty object of them. */
function withoutFiles(message: Message): Message {
  return {
    ...message,
    parts: message.parts
      .filter((part) => part.type !== 'attachment')
      .map((part) => (part.type === 'tool-call' && part.arguments.trim() === '' ? { ...part, arguments: '{}' } : part)),
  };
}

function withFiles(dict: JsonObject, { parts }: Message): JsonObject {
  const files = parts.filter((part) => part.type === 'attachment');
  if (files.length === 0) return dict;
  return { ...dict, content: [{ type: 'text', text: dict['content'] }, ...files.map(image)] };
}

function image({ mediaType, url, data = '' }: AttachmentPart): JsonObject {
  if (mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url: url ?? `data:${mediaType};base64,${data}` } };
  throw new LmdeckError('capability', `A server counts the tokens of text and images, not of ${mediaType}.`);
}
