import { isJsonObject } from '../../core/index.ts';
import type {
  AttachmentPart,
  Continuation,
  ErrorInfo,
  FinishReason,
  JsonObject,
  Message,
  Part,
  ProviderMetadata,
  Role,
  Sample,
  TokenLogprob,
  ToolChoice,
  ToolDefinition,
  Usage,
} from '../../core/index.ts';

/** Tests of what a line of the exchange format holds. Fields that are not known are kept as they are. */

export function isMessages(value: unknown): value is readonly Message[] {
  return isListOf(value, isMessage);
}

export function isSamples(value: unknown): value is readonly Sample[] {
  return isListOf(value, isSample);
}

export function isTools(value: unknown): value is readonly ToolDefinition[] {
  return isListOf(
    value,
    (tool): tool is ToolDefinition =>
      isJsonObject(tool) &&
      typeof tool['name'] === 'string' &&
      isText(tool['description']) &&
      isJsonObject(tool['parameters']) &&
      isFlag(tool['strict']),
  );
}

export function isToolChoice(value: unknown): value is ToolChoice {
  return value === 'auto' || value === 'none' || value === 'required' || (isJsonObject(value) && typeof value['name'] === 'string');
}

export function isContinuation(value: unknown): value is Continuation {
  return typeof value === 'string' || isListOf(value, isNumber);
}

export function isErrorInfo(value: unknown): value is ErrorInfo {
  return (
    isJsonObject(value) &&
    typeof value['code'] === 'string' &&
    typeof value['message'] === 'string' &&
    typeof value['retryable'] === 'boolean' &&
    isCount(value['status']) &&
    isCount(value['retryAfterMs']) &&
    (value['data'] === undefined || isJsonObject(value['data']))
  );
}

const COUNTS = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens', 'totalTokens'];

export function isUsage(value: unknown): value is Usage {
  return isJsonObject(value) && COUNTS.every((name) => isCount(value[name])) && (value['raw'] === undefined || isJsonObject(value['raw']));
}

const ROLES: ReadonlySet<unknown> = new Set<Role>(['system', 'user', 'assistant', 'tool', 'raw']);

function isMessage(value: unknown): value is Message {
  return (
    isJsonObject(value) &&
    ROLES.has(value['role']) &&
    isListOf(value['parts'], isPart) &&
    isText(value['name']) &&
    isProviderMetadata(value['providerMetadata'])
  );
}

function isPart(value: unknown): value is Part {
  if (!isJsonObject(value) || !isProviderMetadata(value['providerMetadata'])) return false;
  switch (value['type']) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return typeof value['text'] === 'string' && isFlag(value['redacted']);
    case 'tokens':
      return isListOf(value['ids'], isNumber);
    case 'tool-call':
      return typeof value['id'] === 'string' && typeof value['name'] === 'string' && typeof value['arguments'] === 'string';
    case 'tool-result':
      return (
        typeof value['toolCallId'] === 'string' &&
        typeof value['output'] === 'string' &&
        isText(value['name']) &&
        isFlag(value['isError']) &&
        (value['attachments'] === undefined || isListOf(value['attachments'], isAttachment))
      );
    case 'attachment':
      return isAttachment(value);
    default:
      return false;
  }
}

function isAttachment(value: unknown): value is AttachmentPart {
  return (
    isJsonObject(value) && typeof value['mediaType'] === 'string' && isText(value['data']) && isText(value['url']) && isText(value['name'])
  );
}

function isProviderMetadata(value: unknown): value is ProviderMetadata | undefined {
  return value === undefined || (isJsonObject(value) && Object.values(value).every(isJsonObject));
}

const REASONS: ReadonlySet<unknown> = new Set<FinishReason>(['stop', 'length', 'tool-calls', 'content-filter', 'error', 'other']);

function isSample(value: unknown): value is Sample {
  if (!isJsonObject(value) || !isMessage(value['message'])) return false;
  const { finish, logprobs } = value;
  const ended = finish === undefined || (isJsonObject(finish) && REASONS.has(finish['reason']) && isText(finish['raw']));
  return ended && (logprobs === undefined || isListOf(logprobs, isLogprob));
}

function isLogprob(value: unknown): value is TokenLogprob {
  return isJsonObject(value) && typeof value['token'] === 'string' && typeof value['logprob'] === 'number' && isCount(value['tokenId']);
}

function isListOf<T>(value: unknown, test: (each: unknown) => each is T): value is readonly T[] {
  return Array.isArray(value) && value.every(test);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isText(value: JsonObject[string]): boolean {
  return value === undefined || typeof value === 'string';
}

function isFlag(value: JsonObject[string]): boolean {
  return value === undefined || typeof value === 'boolean';
}

function isCount(value: JsonObject[string]): boolean {
  return value === undefined || typeof value === 'number';
}
