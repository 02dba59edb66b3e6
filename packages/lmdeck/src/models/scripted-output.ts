import {
  LmdeckError,
  pause,
  type CallContext,
  type ErrorInfo,
  type Finish,
  type FinishReason,
  type JsonObject,
  type ModelEvent,
  type ModelRequest,
  type TokenLogprob,
  type Usage,
} from '../core/index.ts';

/** A tool call to make. */
export interface ScriptedToolCall {
  readonly name: string;
  /** An object, or the JSON text as a model would write it (also broken, to test what happens then). */
  readonly arguments?: JsonObject | string;
  readonly id?: string;
}

/** An answer spelled out. Parts come in the order of the fields: reasoning, text, refusal, tool calls, then the error. */
export interface ScriptedAnswer {
  readonly reasoning?: string;
  readonly text?: string;
  readonly refusal?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  readonly logprobs?: readonly TokenLogprob[];
  /** The pieces of the text (then `text` is not needed), or how many pieces to cut it into. Default: one per word. */
  readonly chunks?: readonly string[] | number;
  /** Wait before the first event and between the pieces, in milliseconds. */
  readonly delayMs?: number;
  /** Fails after whatever else is given here. */
  readonly error?: LmdeckError | ErrorInfo;
  /** Default: `tool-calls` when there are any, else `stop`. */
  readonly finish?: FinishReason | Finish;
  /** Default: words of the prompt as input, pieces of the answer as output tokens. */
  readonly usage?: Usage;
}

/** One answer: its text, spelled out, the bare events, or a failure. */
export type ScriptedOutput = string | ScriptedAnswer | readonly ModelEvent[] | LmdeckError;

/** The events of a scripted answer, one by one; ends early with the signal. */
export async function* playOutput(
  output: ScriptedOutput,
  request: ModelRequest,
  context: CallContext,
  sample: number,
): AsyncGenerator<ModelEvent, void> {
  if (LmdeckError.isInstance(output)) throw output;
  const answer = typeof output === 'string' ? { text: output } : output;
  const delayMs = isEvents(answer) ? 0 : (answer.delayMs ?? 0);
  for (const event of isEvents(answer) ? answer : answerEvents(answer, request, context.stream)) {
    context.signal.throwIfAborted();
    if (delayMs > 0 && isPiece(event)) await pause(delayMs, context.signal);
    yield ofSample(event, sample);
  }
  if (!isEvents(answer) && answer.error !== undefined) {
    throw LmdeckError.isInstance(answer.error) ? answer.error : LmdeckError.fromInfo(answer.error);
  }
}

function* answerEvents(answer: ScriptedAnswer, request: ModelRequest, stream: boolean): Generator<ModelEvent> {
  const { reasoning, refusal, toolCalls = [], logprobs } = answer;
  const pieces = textPieces(answer);
  if (reasoning !== undefined) yield { type: 'reasoning-delta', text: reasoning };
  if (stream) for (const text of pieces) yield { type: 'text-delta', text };
  else if (pieces.length > 0) yield { type: 'text-delta', text: pieces.join('') };
  if (refusal !== undefined) yield { type: 'refusal-delta', text: refusal };
  if (logprobs !== undefined) yield { type: 'logprobs', tokens: logprobs };
  for (const [index, call] of toolCalls.entries()) yield* toolCallEvents(call, index, request.messages.length);
  if (answer.usage !== undefined || answer.error === undefined) {
    yield { type: 'usage', usage: answer.usage ?? { inputTokens: promptWords(request), outputTokens: pieces.length } };
  }
  if (answer.error === undefined) yield finishEvent(answer.finish ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'));
}

function* toolCallEvents(call: ScriptedToolCall, index: number, turn: number): Generator<ModelEvent> {
  const { name, id = `call_${turn}_${index}`, arguments: given = {} } = call;
  yield { type: 'tool-call-start', index, id, name };
  yield { type: 'tool-call-delta', index, arguments: typeof given === 'string' ? given : JSON.stringify(given) };
  yield { type: 'tool-call-end', index };
}

function finishEvent(finish: FinishReason | Finish): ModelEvent {
  return typeof finish === 'string' ? { type: 'finish', reason: finish } : { type: 'finish', ...finish };
}

function textPieces({ text = '', chunks }: ScriptedAnswer): readonly string[] {
  if (typeof chunks === 'object') return chunks;
  if (chunks === undefined) return text.match(/\s*\S+\s*$|\s*\S+|\s+/gu) ?? [];
  const size = Math.max(1, Math.ceil(text.length / chunks));
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
}

/** The words of all messages, as a stand-in for tokens. */
function promptWords(request: ModelRequest): number {
  let words = 0;
  for (const message of request.messages) {
    for (const part of message.parts) if ('text' in part) words += part.text.match(/\S+/gu)?.length ?? 0;
  }
  return words;
}

function isEvents(output: ScriptedAnswer | readonly ModelEvent[]): output is readonly ModelEvent[] {
  return Array.isArray(output);
}

function ofSample(event: ModelEvent, sample: number): ModelEvent {
  return sample === 0 || event.type === 'usage' || event.type === 'error' || event.type === 'raw' ? event : { ...event, sample };
}

function isPiece(event: ModelEvent): boolean {
  return event.type === 'text-delta' || event.type === 'reasoning-delta' || event.type === 'tool-call-start';
}
