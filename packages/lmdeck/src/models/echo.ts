import {
  isJsonObject,
  languageModel,
  messageText,
  type JsonObject,
  type JsonValue,
  type LanguageModel,
  type Message,
  type ModelRequest,
} from '../core/index.ts';
import { playOutput, type ScriptedOutput, type ScriptedToolCall } from './scripted-output.ts';
import { scoreByLength } from './scripted-score.ts';

/**
 * A model that answers with what it was given, as indented JSON: `prompt`, `system`, `previous`, `options`, `schema`,
 * `tools`, `attachments`, `tool_results`; what is not there is left out. Shows what a program really sends.
 *
 * A prompt that is itself a JSON object steers it: `{"raw": "…"}` is answered verbatim, `{"tool_calls": [{"name": "…",
 * "arguments": {…}}], "prompt": "…"}` makes these tool calls. A given text is scored by its length: 0.1 nats for each character.
 *
 * @example
 * ```ts
 * import { echo } from 'lmdeck';
 *
 * const said = await echo().prompt('Hello', { system: 'Be brief.', options: { temperature: 0 } }).json();
 * console.log(said); // { prompt: 'Hello', system: 'Be brief.', options: { temperature: 0 } }
 * console.log(await echo().prompt('{"raw": "pong"}').text()); // pong
 * ```
 */
export function echo(options: { readonly id?: string } = {}): LanguageModel {
  return languageModel({
    id: options.id ?? 'echo',
    capabilities: {
      streaming: true,
      tools: true,
      schema: true,
      attachments: ['*/*'],
      samples: true,
      raw: true,
      score: { contexts: ['text', 'tokens', 'chat'], batch: 16 },
    },
    scoreBatch: async (requests) => requests.map(scoreByLength),
    toJSON: () => ({ type: 'echo', id: options.id ?? 'echo' }),
    async *generate(request, context) {
      const output = answer(request);
      for (let sample = 0; sample < (request.samples ?? 1); sample++) yield* playOutput(output, request, context, sample);
    },
  });
}

function answer(request: ModelRequest): ScriptedOutput {
  const last = request.messages.findLastIndex((message) => message.role === 'user' || message.role === 'raw');
  const text = last === -1 ? '' : messageText(request.messages[last] ?? { role: 'user', parts: [] });
  const steering = parseObject(text);
  if (typeof steering?.['raw'] === 'string') return steering['raw'];
  const isAnswered = request.messages.slice(last + 1).some((message) => message.role === 'tool');
  const toolCalls = isAnswered ? [] : scriptedCalls(steering?.['tool_calls']);
  const prompt = typeof steering?.['prompt'] === 'string' ? steering['prompt'] : text;
  const said = { text: JSON.stringify(received(request, last, prompt), null, 2) };
  return toolCalls.length === 0 ? { ...said, chunks: lines(said.text) } : { toolCalls };
}

function received(request: ModelRequest, last: number, prompt: string): JsonObject {
  const { messages, tools, toolChoice, schema, options, sample } = request;
  const current = messages.slice(last);
  const system = messages
    .filter((message) => message.role === 'system')
    .map(messageText)
    .join('\n\n');
  const previous = messages
    .slice(0, Math.max(0, last))
    .filter((message) => message.role !== 'system')
    .map(summary);
  const attachments = current.flatMap((message) => message.parts).flatMap((part) => (part.type === 'attachment' ? [{ ...part }] : []));
  const results = current.flatMap((message) => message.parts).flatMap((part) => (part.type === 'tool-result' ? [part] : []));
  const tokens = current.flatMap((message) => message.parts).find((part) => part.type === 'tokens');
  return present({
    prompt,
    raw: messages[last]?.role === 'raw' ? true : undefined,
    tokens: tokens?.ids,
    system,
    previous,
    options,
    schema,
    tools: tools?.map((tool) => tool.name),
    tool_choice: typeof toolChoice === 'object' ? { ...toolChoice } : toolChoice,
    attachments: attachments.map(({ mediaType, url, name, data }) => present({ type: mediaType, url, name, base64: data })),
    tool_results: results.map(({ toolCallId, name, output, isError }) => present({ id: toolCallId, name, output, error: isError })),
    sample,
  });
}

function summary(message: Message): JsonObject {
  const calls = message.parts.flatMap((part) => (part.type === 'tool-call' ? [{ name: part.name, arguments: part.arguments }] : []));
  const results = message.parts.flatMap((part) => (part.type === 'tool-result' ? [part.output] : []));
  return present({ role: message.role, text: messageText(message), tool_calls: calls, tool_results: results });
}

/** Without what says nothing: absent, empty text (but the prompt's), empty lists and objects. */
function present(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => key === 'prompt' || !isEmpty(value)));
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function scriptedCalls(value: JsonValue | undefined): readonly ScriptedToolCall[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((call) => {
    if (!isJsonObject(call) || typeof call['name'] !== 'string') return [];
    const given = call['arguments'];
    return [{ name: call['name'], arguments: isJsonObject(given) || typeof given === 'string' ? given : {} }];
  });
}

function parseObject(text: string): JsonObject | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: JsonValue = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function lines(text: string): readonly string[] {
  return text.split(/(?<=\n)/u);
}
