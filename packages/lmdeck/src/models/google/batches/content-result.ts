import { isJsonObject, LmdeckError, type BatchResult, type ErrorInfo, type JsonObject } from '../../../core/index.ts';
import { errorCodeOfStatus } from '../../../transport/index.ts';
import { number, text } from '../../batches/fields.ts';
import { decodeContent } from '../decode-content.ts';

/** The HTTP statuses that gRPC's codes stand for (google/rpc/code.proto). */
const STATUS: Readonly<Record<number, number>> = {
  1: 499,
  2: 500,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  15: 500,
  16: 401,
};

/** One result: `{key, response | error}` in a file, `{metadata: {key}, response | error}` inline. */
export function contentResult(line: JsonObject, customId: string | undefined, endpoint: string): BatchResult | undefined {
  if (customId === undefined) return undefined;
  const { error, response } = line;
  if (isJsonObject(error)) {
    const code = number(error['code']);
    const info = statusError(error, endpoint);
    if (code === 1 || code === 499) return { customId, error: { ...info, code: 'aborted', retryable: false }, unasked: 'cancelled' };
    if (code === 4 || code === 504) return { customId, error: { ...info, code: 'timeout' }, unasked: 'expired' };
    return { customId, error: info };
  }
  try {
    return { customId, events: decodeContent(isJsonObject(response) ? response : line, endpoint) };
  } catch (thrown) {
    return { customId, error: LmdeckError.from(thrown).toInfo() };
  }
}

/** A `google.rpc.Status`; its code is one of gRPC's, or an HTTP status. */
export function statusError(error: JsonObject, endpoint: string): ErrorInfo {
  const code = number(error['code']) ?? 2;
  const status = STATUS[code] ?? code;
  const word = text(error['status']);
  return new LmdeckError(errorCodeOfStatus(status), `${endpoint}: ${text(error['message']) ?? 'an error without a message.'}`, {
    ...(status >= 400 && status < 600 ? { status } : {}),
    data: { providerCode: word ?? String(code) },
  }).toInfo();
}
