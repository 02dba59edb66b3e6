import { LmdeckError, type ErrorCode } from '../core/index.ts';
import { readErrorBody, type ErrorBody } from './error-body.ts';
import { errorCodeOfStatus } from './error-code-of-status.ts';
import { retryAfterMs } from './retry-after.ts';

/** Where providers put the id that their support asks for. */
const requestIdHeaders = ['x-request-id', 'request-id', 'x-amzn-requestid', 'apim-request-id', 'cf-ray'];

/**
 * What an answer with an error status (or a redirect) means, with the server's own words, the time it asks to wait and its
 * request id. `data` may have `providerCode`, `providerType`, `param` and `requestId`.
 *
 * | status | code | retryable |
 * |---|---|---|
 * | 3xx | `config` | no: the base URL has moved |
 * | 401 · 402, 403 · 404 | `authentication` · `permission` · `not-found` | no |
 * | 408 · 409, 425 | `timeout` · `conflict` | yes |
 * | 429 | `rate-limit` | yes, unless the quota is used up |
 * | other 4xx | `invalid-request`, or `content-filter` when the server says so | no |
 * | 5xx | `server` | yes |
 *
 * A header `x-should-retry: true` or `false` decides over the table.
 *
 * @param endpointName Leads the message.
 *
 * @example
 * ```ts
 * import { httpError } from 'lmdeck/transport';
 *
 * const body = '{"error":{"message":"Slow down","type":"requests"}}';
 * const error = httpError('openai', { status: 429, headers: { 'retry-after': '2' } }, body);
 * console.log(error.code, error.retryAfterMs, error.message); // rate-limit 2000 openai: HTTP 429: Slow down
 * ```
 */
export function httpError(
  endpointName: string,
  response: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  bodyText: string,
): LmdeckError {
  const { status, headers } = response;
  const body = readErrorBody(bodyText);
  const code = codeOf(status, body);
  const wait = retryAfterMs(headers) ?? body.retryAfterMs;
  const requestId = requestIdHeaders.map((name) => headers[name]).find((value) => value !== undefined);
  const data = {
    ...(body.code === undefined ? {} : { providerCode: body.code }),
    ...(body.type === undefined ? {} : { providerType: body.type }),
    ...(body.param === undefined ? {} : { param: body.param }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  return new LmdeckError(code, `${endpointName}: HTTP ${status}: ${explain(status, code, headers, body)}`, {
    status,
    retryable: isRetryable(status, headers, body),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  });
}

function codeOf(status: number, body: ErrorBody): ErrorCode {
  if (status < 400) return 'config';
  const code = errorCodeOfStatus(status);
  const isFiltered = code === 'invalid-request' && /content.?(?:filter|policy)|moderation/i.test(`${body.code} ${body.type}`);
  return isFiltered ? 'content-filter' : code;
}

function isRetryable(status: number, headers: Readonly<Record<string, string>>, body: ErrorBody): boolean {
  const told = headers['x-should-retry'];
  if (told === 'true' || told === 'false') return told === 'true';
  if (status === 429) return !/insufficient_quota|billing/i.test(`${body.code} ${body.type}`);
  return status >= 500 || status === 408 || status === 409 || status === 425;
}

function explain(status: number, code: ErrorCode, headers: Readonly<Record<string, string>>, body: ErrorBody): string {
  if (status < 400)
    return `the server redirects to ${publicPart(headers['location'])}. Correct the base URL, which ends with the version (…/v1).`;
  const said = body.message ?? 'the answer has no text';
  if (code === 'authentication') return `${said}${stop(said)} Check the API key.`;
  if (code === 'not-found' && body.code === undefined && body.type === undefined)
    return `${said}${stop(said)} Check the base URL and the model's name.`;
  return said;
}

function stop(text: string): string {
  return /[.!?…]$/.test(text) ? '' : '.';
}

/** A redirect may carry credentials or tokens. */
function publicPart(location: string | undefined): string {
  return location === undefined ? 'an address that it does not name' : location.replace(/\/\/[^/]*@/, '//').replace(/[?#].*/s, '');
}
