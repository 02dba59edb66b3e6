import { isJsonObject, LmdeckError, type BatchResult, type JsonObject, type ModelEvent } from '../../../core/index.ts';
import { httpError } from '../../../transport/index.ts';
import { number, object, text } from '../../batches/fields.ts';
import type { AnswerSettings } from '../choice-decoder.ts';
import { decodeCompletionBody } from '../decode-chat-completion.ts';
import { providerError } from '../provider-error.ts';

/**
 * One line of an output or error file: `{custom_id, response: {status_code, request_id, body}, error}`. A line without an id of its own
 * is none of ours.
 */
export function rowResult(line: JsonObject, endpoint: string): BatchResult | undefined {
  const customId = text(line['custom_id']);
  if (customId === undefined) return undefined;
  const { response, error } = line;
  if (isJsonObject(error)) return { customId, ...failure(error, endpoint) };
  if (!isJsonObject(response))
    return { customId, error: new LmdeckError('invalid-response', `${endpoint}: the row has no answer.`).toInfo() };
  const status = number(response['status_code']) ?? 200;
  const body = object(response['body']);
  if (status >= 300) {
    const requestId = text(response['request_id']);
    const headers = requestId === undefined ? {} : { 'x-request-id': requestId };
    return { customId, error: httpError(endpoint, { status, headers }, JSON.stringify(body)).toInfo() };
  }
  return answer(customId, body, endpoint);
}

function failure(
  error: JsonObject,
  endpoint: string,
): { readonly error: ReturnType<LmdeckError['toInfo']>; readonly unasked?: 'expired' | 'cancelled' } {
  const info = providerError(endpoint, error).toInfo();
  const word = /expired|cancell?ed/.exec(text(error['code']) ?? '')?.[0];
  if (word === undefined) return { error: info };
  if (word === 'expired') return { error: { ...info, code: 'timeout', retryable: true }, unasked: 'expired' };
  return { error: { ...info, code: 'aborted', retryable: false }, unasked: 'cancelled' };
}

function answer(customId: string, body: JsonObject, endpoint: string): BatchResult {
  const settings: AnswerSettings = { endpoint, turn: 0, reasoningField: undefined };
  const events: ModelEvent[] = [];
  try {
    decodeCompletionBody(body, settings, events);
  } catch (thrown) {
    return { customId, error: LmdeckError.from(thrown).toInfo() };
  }
  return { customId, events };
}
