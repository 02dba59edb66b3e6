import { isJsonObject, LmdeckError, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { objects } from '../batches/fields.ts';
import { providerError } from '../openai-compatible/provider-error.ts';
import { unexpectedAnswer } from '../openai-compatible/unexpected-answer.ts';
import { ContentDecoder } from './content-decoder.ts';

/**
 * The events of a whole answer of `generateContent`.
 * @throws LmdeckError the error that it is, `content-filter` for a prompt that was refused, or `invalid-response`.
 */
export function decodeContent(body: JsonValue, endpoint: string): readonly ModelEvent[] {
  if (Array.isArray(body)) throw listAnswer(body, endpoint);
  if (!isJsonObject(body)) throw unexpectedAnswer(JSON.stringify(body), endpoint);
  const events: ModelEvent[] = [];
  // A whole answer is a stream of one chunk.
  const decoder = new ContentDecoder(endpoint);
  decoder.push(body, events);
  if (objects(body['candidates']).length === 0) throw unexpectedAnswer(JSON.stringify(body), endpoint);
  decoder.end(events);
  return events;
}

/** What streams are where the parameter `alt=sse` does not reach the server: a JSON list of the chunks. */
function listAnswer(chunks: readonly JsonValue[], endpoint: string): LmdeckError {
  const error = chunks.find((chunk) => isJsonObject(chunk) && isJsonObject(chunk['error']));
  if (error !== undefined) return providerError(endpoint, error);
  return new LmdeckError(
    'invalid-response',
    `${endpoint}: the server answered a JSON list of chunks instead of an event stream, as if it had not been asked for "alt=sse": a proxy in between drops the query or does not stream. Ask for whole answers (capabilities: { streaming: false }), or use another base URL.`,
  );
}
