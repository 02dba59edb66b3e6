import { isJsonObject, LmdeckError, type BatchResult, type JsonObject } from '../../../core/index.ts';
import { object, text } from '../../batches/fields.ts';
import { providerError } from '../../openai-compatible/provider-error.ts';
import { decodeMessage } from '../decode-message.ts';

/** One line of results: `{custom_id, result: {type: succeeded | errored | canceled | expired, …}}`. */
export function messageResult(line: JsonObject, endpoint: string): BatchResult | undefined {
  const customId = text(line['custom_id']);
  if (customId === undefined) return undefined;
  const result = object(line['result']);
  switch (result['type']) {
    case 'succeeded':
      try {
        return { customId, events: decodeMessage(object(result['message']), endpoint) };
      } catch (error) {
        return { customId, error: LmdeckError.from(error).toInfo() };
      }
    case 'expired': {
      const error = new LmdeckError('timeout', `${endpoint}: the job expired before this row's turn came.`);
      return { customId, error: error.toInfo(), unasked: 'expired' };
    }
    case 'canceled':
      return {
        customId,
        error: new LmdeckError('aborted', `${endpoint}: the job was cancelled before this row's turn came.`).toInfo(),
        unasked: 'cancelled',
      };
    default: {
      const { error } = result;
      // `{type: error, error: {type, message}}`, in some versions without the outer one.
      const inner = isJsonObject(error) && isJsonObject(error['error']) ? error['error'] : error;
      return { customId, error: providerError(endpoint, inner).toInfo() };
    }
  }
}
