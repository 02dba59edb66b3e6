import { LmdeckError, isJsonObject, type JsonValue, type Message, type Part, type ToolCallPart, type ToolResultPart } from 'lmdeck/core';
import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelResponse } from 'node-llama-cpp';
import type { NodeLlama } from '../engine.ts';
import type { ToolSyntax } from './tool-syntax.ts';

/** What the conversion of messages needs to know of the format. */
export interface HistoryFormat {
  readonly library: NodeLlama;
  readonly modelId: string;
  readonly tools: ToolSyntax | undefined;
  /** The template puts a line break between text and the tool calls after it. */
  readonly breakBeforeCalls: boolean;
}

type ModelItem = string | Exclude<ChatModelResponse['response'][number], string>;

/**
 * Messages as the history of a chat wrapper, ending in the answer that is to be written. A wrapper keeps a call, its result and what the
 * model says next in one item; a last message of the assistant is continued.
 */
export function toHistory(messages: readonly Message[], format: HistoryFormat): ChatHistoryItem[] {
  const results = collectResults(messages, format.modelId);
  const history: ChatHistoryItem[] = [];
  let open: ModelItem[] | undefined;
  for (const message of messages) {
    if (message.role === 'tool') continue;
    if (message.role === 'assistant') {
      const afterResults = open !== undefined && isCall(open.at(-1));
      if (open === undefined || !afterResults) {
        open = [];
        history.push({ type: 'model', response: open });
      }
      appendAnswer(open, message, results, format);
      continue;
    }
    open = undefined;
    const text = textOf(message, format.modelId);
    history.push(message.role === 'system' ? { type: 'system', text } : { type: 'user', text });
  }
  if (open === undefined) history.push({ type: 'model', response: [] });
  return history;
}

/** All text of the messages, for models without a chat template. */
export function toPlainText(messages: readonly Message[], modelId: string): string {
  for (const message of messages) {
    if (message.role === 'tool' || message.parts.some((part) => part.type === 'tool-call'))
      throw new LmdeckError(
        'capability',
        `${modelId} has no chat template: it takes text, no tool calls or results. Take an instruction-tuned model.`,
      );
  }
  return messages.map((message) => textOf(message, modelId)).join('\n\n');
}

function appendAnswer(open: ModelItem[], message: Message, results: ReadonlyMap<string, ToolResultPart>, format: HistoryFormat): void {
  const isFirstCall = (index: number): boolean => message.parts[index + 1]?.type === 'tool-call';
  let firstCall = true;
  for (const [index, part] of message.parts.entries()) {
    switch (part.type) {
      case 'text':
      case 'refusal':
        if (part.text !== '') open.push(format.breakBeforeCalls && isFirstCall(index) ? `${part.text}\n` : part.text);
        break;
      case 'reasoning':
        if (part.text !== '') open.push({ type: 'segment', segmentType: 'thought', text: part.text, ended: true });
        break;
      case 'tool-call':
        open.push(functionCall(part, results, firstCall, format));
        firstCall = false;
        break;
      default:
        throw unsupportedPart(part, format.modelId);
    }
  }
}

function functionCall(
  part: ToolCallPart,
  results: ReadonlyMap<string, ToolResultPart>,
  startsNewChunk: boolean,
  { library, modelId, tools }: HistoryFormat,
): ChatModelFunctionCall {
  const result = results.get(part.id);
  if (result === undefined) {
    throw new LmdeckError(
      'invalid-request',
      `${modelId}: the tool call ${part.id} (${part.name}) has no result in the messages. Add a tool message with its result.`,
    );
  }
  const argumentsText = part.arguments.trim() === '' ? '{}' : part.arguments;
  const raw = tools === undefined ? undefined : rawCall(library, tools, part.name, argumentsText);
  return {
    type: 'functionCall',
    name: part.name,
    params: parsed(argumentsText),
    result: parsed(result.output),
    startsNewChunk,
    ...(raw === undefined ? {} : { rawCall: raw }),
  };
}

/** The call as it was written, in the pieces of the template, so that the tokens evaluated for it can be used again. */
function rawCall(library: NodeLlama, { template }: ToolSyntax, name: string, argumentsText: string): ChatModelFunctionCall['rawCall'] {
  const { prefix, paramsPrefix, suffix } = template.call;
  const text = library.LlamaText([prefix, name, paramsPrefix, argumentsText, suffix]);
  return text.toString().includes('{{functionName}}') ? undefined : text.toJSON();
}

/** Objects and lists as values, so that the template prints them in its own style; anything else stays the text that it is. */
function parsed(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return isJsonObject(value) || Array.isArray(value) ? value : text;
  } catch {
    return text;
  }
}

function collectResults(messages: readonly Message[], modelId: string): ReadonlyMap<string, ToolResultPart> {
  const results = new Map<string, ToolResultPart>();
  for (const message of messages) {
    for (const part of message.parts) {
      if (part.type !== 'tool-result') continue;
      if (part.attachments !== undefined && part.attachments.length > 0) throw unsupportedPart(part.attachments[0] ?? part, modelId);
      results.set(part.toolCallId, part);
    }
  }
  return results;
}

function textOf(message: Message, modelId: string): string {
  let text = '';
  for (const part of message.parts) {
    if (part.type !== 'text') throw unsupportedPart(part, modelId);
    text += part.text;
  }
  return text;
}

function unsupportedPart(part: Part, modelId: string): LmdeckError {
  const what = part.type === 'attachment' ? `attachments (${part.mediaType})` : `a ${part.type} part at this place`;
  return new LmdeckError('capability', `${modelId} takes text only, not ${what}. Take a model with vision, or put the content in as text.`);
}

function isCall(item: ModelItem | undefined): boolean {
  return typeof item === 'object' && item.type === 'functionCall';
}
