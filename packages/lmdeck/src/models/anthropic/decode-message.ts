import { isJsonObject, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { providerError } from '../openai-compatible/provider-error.ts';
import { unexpectedAnswer } from '../openai-compatible/unexpected-answer.ts';
import { MessageDecoder } from './message-decoder.ts';

/**
 * The events of a whole answer of the Messages API.
 * @throws LmdeckError the error that it is, or `invalid-response`.
 */
export function decodeMessage(body: JsonValue, endpoint: string): readonly ModelEvent[] {
  if (!isJsonObject(body)) throw unexpectedAnswer(JSON.stringify(body), endpoint);
  if (body['type'] === 'error' || isJsonObject(body['error'])) throw providerError(endpoint, body);
  const { content } = body;
  if (!Array.isArray(content)) throw unexpectedAnswer(JSON.stringify(body), endpoint);
  const events: ModelEvent[] = [];
  // A whole answer is a stream whose blocks have no deltas.
  const decoder = new MessageDecoder(endpoint);
  decoder.push({ type: 'message_start', message: body }, events);
  content.filter(isJsonObject).forEach((content_block, index) => {
    decoder.push({ type: 'content_block_start', index, content_block }, events);
    decoder.push({ type: 'content_block_stop', index }, events);
  });
  decoder.end(events, true);
  return events;
}
