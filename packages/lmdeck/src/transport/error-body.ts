import { isJsonObject, type JsonObject, type JsonValue } from '../core/index.ts';

/** What a server said about an error, as far as its envelope is one of the usual ones. */
export interface ErrorBody {
  /** One line; absent when the body says nothing. */
  readonly message?: string;
  readonly code?: string;
  readonly type?: string;
  readonly param?: string;
  /** How long the body (not the headers) asks to wait. */
  readonly retryAfterMs?: number;
}

const maxChars = 1_000;

/**
 * Reads the body of an error answer: `{error: {message, code, type, param}}` (OpenAI, Anthropic, Google, Azure),
 * `{error: "text"}` (Ollama, TGI), `{message}`, `{detail}` (FastAPI, also as a list), `[{error}]`, `{errors: [...]}`; of an HTML page
 * its title; of other text the text itself, clipped.
 */
export function readErrorBody(text: string): ErrorBody {
  const trimmed = text.trim();
  if (trimmed === '') return {};
  const payload = parse(trimmed);
  if (payload === undefined) return { message: oneLine(/^(?:<!|<\w)/.test(trimmed) ? pageTitle(trimmed) : trimmed) };
  const error = envelope(payload);
  if (!isJsonObject(error)) return { message: oneLine(scalar(error) ?? trimmed) };
  const message = messageOf(error);
  const retryAfterMs = retryInfo(error);
  return {
    message: oneLine(message ?? trimmed),
    ...field('code', error['code'] ?? error['status']),
    ...field('type', error['type'] ?? error['error_type'] ?? error['status'] ?? error['__type']),
    ...field('param', error['param']),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function parse(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** What the envelope is around. Fields beside a plain-text `error` stay readable. */
function envelope(payload: JsonValue): JsonValue {
  if (Array.isArray(payload)) return payload.length === 0 ? null : envelope(payload[0]);
  if (!isJsonObject(payload)) return payload;
  const inner = payload['error'] ?? (Array.isArray(payload['errors']) ? payload['errors'][0] : undefined);
  if (isJsonObject(inner)) return inner;
  return typeof inner === 'string' ? { ...payload, message: inner } : payload;
}

function messageOf(error: JsonObject): string | undefined {
  const metadata = isJsonObject(error['metadata']) ? error['metadata'] : {};
  // A router says that its provider failed; what the provider said is the part to act on.
  const upstream = scalar(metadata['raw']);
  for (const name of ['message', 'error', 'detail', 'msg', 'Message', 'error_description', 'title']) {
    const text = describe(error[name]);
    if (text !== undefined) return upstream === undefined ? text : `${text}: ${upstream}`;
  }
  return upstream;
}

/** Text, FastAPI's list of `{loc, msg}`, or an object with a message of its own. */
function describe(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (isJsonObject(value)) return messageOf(value);
  if (!Array.isArray(value)) return undefined;
  const lines = value.flatMap((item: JsonValue) => {
    const text = describe(item);
    if (text === undefined) return [];
    const where = isJsonObject(item) && Array.isArray(item['loc']) ? item['loc'].filter((step) => step !== 'body').join('.') : '';
    return [where === '' ? text : `${where}: ${text}`];
  });
  return lines.length === 0 ? undefined : lines.join('; ');
}

/** Google's RetryInfo: `{"@type": "….RetryInfo", "retryDelay": "34.4s"}` among the details. */
function retryInfo(error: JsonObject): number | undefined {
  const { details } = error;
  if (!Array.isArray(details)) return undefined;
  for (const detail of details) {
    const seconds = isJsonObject(detail) ? /^(\d+(?:\.\d+)?)s$/.exec(scalar(detail['retryDelay']) ?? '')?.[1] : undefined;
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1_000);
  }
  return undefined;
}

function pageTitle(html: string): string {
  const title = /<title[^>]*>(.*?)<\/title>/is.exec(html)?.[1] ?? /<h1[^>]*>(.*?)<\/h1>/is.exec(html)?.[1];
  const visible = (title ?? html.replace(/<(style|script|head)\b.*?<\/\1>/gis, ' ')).replace(/<[^>]*>/g, ' ');
  return visible
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

function field(name: 'code' | 'type' | 'param', value: JsonValue | undefined): ErrorBody {
  const text = scalar(value);
  return text === undefined ? {} : { [name]: oneLine(text) };
}

function scalar(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const secret = /\b(Bearer\s+|sk-|pk-|rk-|hf_|gsk_|xai-|AIza)[\w.-]{12,}/g;

/** Servers repeat the key that they refuse; it must not travel on with the error. */
export function withoutKeys(text: string): string {
  return text.replace(secret, '$1…');
}

function oneLine(text: string): string {
  const line = withoutKeys(
    text
      .slice(0, 4 * maxChars)
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return line.length <= maxChars ? line : `${line.slice(0, maxChars)}…`;
}
