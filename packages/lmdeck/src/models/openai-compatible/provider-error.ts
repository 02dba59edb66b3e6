import { isJsonObject, LmdeckError, type ErrorCode, type JsonObject, type JsonValue } from '../../core/index.ts';
import { errorCodeOfStatus, withoutKeys } from '../../transport/index.ts';

const MAX_MESSAGE_CHARS = 1000;

/** What a server's own words for an error mean, first match wins. */
const KINDS: readonly (readonly [RegExp, ErrorCode, retryable?: boolean])[] = [
  [/insufficient_quota|billing|insufficient.credits/i, 'rate-limit', false],
  [/rate.?limit|too.many.requests/i, 'rate-limit'],
  [/content.?(filter|policy)|moderation/i, 'content-filter'],
  [/context.length|too.?large|invalid.?request|bad.?request|unprocessable|validation/i, 'invalid-request'],
  [/authentication|unauthorized|invalid.api.key/i, 'authentication'],
  [/permission|forbidden/i, 'permission'],
  [/not.?found/i, 'not-found'],
];

/**
 * The error that a server sent inside an answer with status 200: an `error` object in a chunk or body, or the payload of
 * an `event: error`. Its message, code and type stay readable; a numeric code counts as the HTTP status it stands for.
 */
export function providerError(endpoint: string, payload: JsonValue | undefined): LmdeckError {
  const error: JsonObject = isJsonObject(payload) ? (isJsonObject(payload['error']) ? payload['error'] : payload) : {};
  const status = statusOf(error);
  const [code, retryable] = classify(status, `${text(error['type'])} ${text(error['code'])}`);
  return new LmdeckError(code, `${endpoint}: ${clip(messageOf(error, payload))}`, {
    ...(retryable === undefined ? {} : { retryable }),
    ...(status === undefined ? {} : { status }),
    ...providerData(error),
  });
}

/** The provider's own words, under the names that errors with an HTTP status have for them. */
function providerData(error: JsonObject): { readonly data?: JsonObject } {
  const data: Record<string, string> = {};
  for (const [name, field] of [
    ['providerCode', 'code'],
    ['providerType', 'type'],
    ['param', 'param'],
  ] as const) {
    const said = withoutKeys(text(error[field]));
    if (said !== '') data[name] = said;
  }
  return Object.keys(data).length === 0 ? {} : { data };
}

function messageOf(error: JsonObject, payload: JsonValue | undefined): string {
  const metadata = isJsonObject(error['metadata']) ? error['metadata'] : {};
  const upstream = text(metadata['raw']);
  for (const each of [error['message'], error['error'], error['detail'], error['msg']]) {
    if (typeof each === 'string' && each !== '') return upstream === '' ? each : `${each}: ${upstream}`;
  }
  if (typeof payload === 'string' && payload !== '') return payload;
  return `the server sent an error in the middle of its answer: ${JSON.stringify(payload ?? null)}`;
}

function statusOf(error: JsonObject): number | undefined {
  for (const each of [error['status'], error['status_code'], error['code']]) {
    const status = typeof each === 'string' && /^\d{3}$/.test(each) ? Number(each) : each;
    if (typeof status === 'number' && status >= 400 && status < 600) return status;
  }
  return undefined;
}

function classify(status: number | undefined, words: string): readonly [ErrorCode, boolean?] {
  const kind = KINDS.find(([pattern]) => pattern.test(words));
  if (kind !== undefined && kind[2] !== undefined) return [kind[1], kind[2]];
  if (status !== undefined) return [errorCodeOfStatus(status)];
  return kind === undefined ? ['server'] : [kind[1]];
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function clip(said: string): string {
  const message = withoutKeys(said);
  return message.length <= MAX_MESSAGE_CHARS ? message : `${message.slice(0, MAX_MESSAGE_CHARS)}…`;
}
