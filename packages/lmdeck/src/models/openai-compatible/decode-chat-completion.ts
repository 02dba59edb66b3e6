import { isJsonObject, LmdeckError, type JsonValue, type ModelEvent } from '../../core/index.ts';
import { ChatStreamDecoder } from './chat-stream-decoder.ts';
import type { AnswerSettings } from './choice-decoder.ts';
import { decodePlainCompletion } from './decode-plain-completion.ts';
import { providerError } from './provider-error.ts';
import { excerpt, unexpectedAnswer } from './unexpected-answer.ts';

/**
 * The events of an answer that came whole. What a broken answer did carry is in `out` when this throws.
 * @throws LmdeckError `invalid-response` when the text is no completion; the provider's error when it is one.
 */
export function decodeChatCompletion(text: string, settings: AnswerSettings, out: ModelEvent[]): void {
  const body = parse(text, settings.endpoint);
  if (!isJsonObject(body)) throw unexpectedAnswer(text, settings.endpoint);
  if (decodePlainCompletion(body, out)) return;
  const decoder = new ChatStreamDecoder(settings);
  try {
    decoder.push(body, out);
  } catch (error) {
    decoder.end(out, false);
    throw error;
  }
  if (!Array.isArray(body['choices']) || body['choices'].length === 0) {
    // FastAPI's and other frameworks' own errors, answered with status 200.
    if (typeof body['detail'] === 'string' || typeof body['message'] === 'string') throw providerError(settings.endpoint, body);
    throw unexpectedAnswer(text, settings.endpoint);
  }
  decoder.end(out, true);
}

function parse(text: string, endpoint: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (cause) {
    const cut = /^\s*\{/.test(text) && !/\}\s*$/.test(text);
    if (cut)
      throw new LmdeckError('incomplete-response', `${endpoint}: the answer stopped in the middle of its JSON: ${excerpt(text)}`, {
        cause,
      });
    throw unexpectedAnswer(text, endpoint, cause);
  }
}
