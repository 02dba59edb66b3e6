import { conversationName, isJsonObject, messageText, sha256 } from '../../core/index.ts';
import type { AttachmentPart, JsonObject, JsonSchema, JsonValue, Message, StoredCall, ToolResultPart } from '../../core/index.ts';

/** A tool call in a {@link LogRow}. */
interface LogToolCall {
  readonly name: string;
  /** Parsed; the text itself when the model wrote no JSON object. */
  readonly arguments: JsonValue;
  readonly tool_call_id: string;
}

/** A tool result in a {@link LogRow}. */
interface LogToolResult {
  readonly name: string | null;
  readonly output: string;
  readonly tool_call_id: string;
  readonly is_error: boolean;
  readonly attachments: readonly LogAttachment[];
}

/** An attachment in a {@link LogRow}. Its bytes stay on the tape. */
interface LogAttachment {
  /** SHA-256 of the bytes, or of the URL. */
  readonly id: string;
  readonly type: string;
  readonly name: string | null;
  readonly url: string | null;
  /** Bytes; null for an URL. */
  readonly content_length: number | null;
}

/** One recorded call as `--json` prints it. The keys are those of simonw/llm's `logs --json`, and what it does not record. */
export interface LogRow {
  readonly id: string;
  readonly model: string;
  readonly resolved_model: string | null;
  readonly options_json: JsonObject;
  readonly conversation_id: string | null;
  readonly duration_ms: number | null;
  readonly datetime_utc: string;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly token_details: JsonObject | null;
  readonly conversation_name: string | null;
  readonly conversation_model: string;
  readonly schema_json: JsonSchema | null;
  readonly prompt: string | null;
  readonly system: string | null;
  readonly response: string | null;
  readonly reasoning: string | null;
  readonly tools: readonly { readonly name: string; readonly description: string | null; readonly input_schema: JsonSchema }[];
  readonly tool_calls: readonly LogToolCall[];
  readonly tool_results: readonly LogToolResult[];
  readonly attachments: readonly LogAttachment[];
  /** `ok`, `error`, `aborted`, `interrupted` (its process died) or `started` (still running). */
  readonly status: StoredCall['status'];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly finish_reason: string | null;
  readonly first_token_ms: number | null;
  readonly attempts: number | null;
  /** Micro-dollars. */
  readonly cost_micros: number | null;
  /** Id of the call whose recorded answer this is. */
  readonly cached_from: string | null;
  readonly request_key: string;
  /** The texts of all samples, where more than one was drawn. */
  readonly samples?: readonly string[];
  /** What was noted on the call afterwards (`lmdeck tape tag`). */
  readonly tags?: JsonObject;
}

/** A stored call as a row. */
export function logRow(call: StoredCall): LogRow {
  const { messages, options, schema, tools = [] } = call.request;
  const answer = call.samples[0]?.message;
  const turn = turnInput(messages);
  const firstPrompt = messages.find((message) => message.role === 'user');
  const { usage, error } = call;
  return {
    id: call.id,
    model: call.model,
    resolved_model: call.resolvedModel ?? null,
    options_json: options,
    conversation_id: call.conversationId ?? null,
    duration_ms: call.durationMs === undefined ? null : Math.round(call.durationMs),
    datetime_utc: new Date(call.startedAt).toISOString(),
    input_tokens: usage?.inputTokens ?? null,
    output_tokens: usage?.outputTokens ?? null,
    token_details: tokenDetails(call),
    conversation_name: firstPrompt === undefined ? null : conversationName(messageText(firstPrompt)),
    conversation_model: call.model,
    schema_json: schema ?? null,
    prompt: textOf(turn.filter((message) => message.role === 'user')),
    system: textOf(messages.filter((message) => message.role === 'system')),
    response: answer === undefined || answer.parts.length === 0 ? null : answerText(answer),
    reasoning: answer === undefined ? null : reasoningText(answer),
    tools: tools.map(({ name, description, parameters }) => ({ name, description: description ?? null, input_schema: parameters })),
    tool_calls: answer === undefined ? [] : toolCalls(answer),
    tool_results: turn.flatMap((message) => message.parts.flatMap((part) => (part.type === 'tool-result' ? [toolResult(part)] : []))),
    attachments: turn.flatMap((message) => message.parts.flatMap((part) => (part.type === 'attachment' ? [attachment(part)] : []))),
    status: call.status,
    error: error === undefined ? null : { code: error.code, message: error.message },
    finish_reason: call.samples[0]?.finish?.reason ?? null,
    first_token_ms: call.firstTokenMs === undefined ? null : Math.round(call.firstTokenMs),
    attempts: call.attempts ?? null,
    cost_micros: call.costMicros ?? null,
    cached_from: call.cachedFrom ?? null,
    request_key: call.requestKey,
    ...(call.samples.length > 1 ? { samples: call.samples.map((sample) => answerText(sample.message)) } : {}),
    ...(call.tags === undefined ? {} : { tags: call.tags }),
  };
}

/** What was new in this turn: everything after the last answer, system messages aside. */
function turnInput(messages: readonly Message[]): readonly Message[] {
  const answered = messages.findLastIndex((message) => message.role === 'assistant');
  return messages.slice(answered + 1).filter((message) => message.role !== 'system');
}

/** Text and refusal of an answer. */
function answerText(message: Message): string {
  return message.parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('');
}

function textOf(messages: readonly Message[]): string | null {
  return messages.length === 0 ? null : messages.map(messageText).join('\n\n');
}

function reasoningText(message: Message): string | null {
  const text = message.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  return text === '' ? null : text;
}

function tokenDetails({ usage }: StoredCall): JsonObject | null {
  const details: JsonObject = {
    ...(usage?.cachedInputTokens === undefined ? {} : { cached_input_tokens: usage.cachedInputTokens }),
    ...(usage?.cacheWriteTokens === undefined ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
    ...(usage?.reasoningTokens === undefined ? {} : { reasoning_tokens: usage.reasoningTokens }),
  };
  return Object.keys(details).length === 0 ? null : details;
}

function toolCalls(message: Message): LogToolCall[] {
  return message.parts.flatMap((part) =>
    part.type === 'tool-call' ? [{ name: part.name, arguments: parsed(part.arguments), tool_call_id: part.id }] : [],
  );
}

function parsed(text: string): JsonValue {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : text;
  } catch {
    return text;
  }
}

function toolResult(part: ToolResultPart): LogToolResult {
  return {
    name: part.name ?? null,
    output: part.output,
    tool_call_id: part.toolCallId,
    is_error: part.isError === true,
    attachments: (part.attachments ?? []).map(attachment),
  };
}

function attachment(part: AttachmentPart): LogAttachment {
  const bytes = part.data === undefined ? undefined : Buffer.from(part.data, 'base64');
  return {
    id: bytes === undefined ? sha256(part.url ?? '') : process.getBuiltinModule('node:crypto').hash('sha256', bytes, 'hex'),
    type: part.mediaType,
    name: part.name ?? null,
    url: part.url ?? null,
    content_length: bytes?.length ?? null,
  };
}
