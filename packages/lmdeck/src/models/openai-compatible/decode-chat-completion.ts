import { isJsonObject, type JsonObject, type ModelEvent } from '../../core/index.ts';
import { ChatStreamDecoder } from './chat-stream-decoder.ts';
import type { AnswerSettings } from './choice-decoder.ts';
import { decodePlainCompletion } from './decode-plain-completion.ts';
import { providerError } from './provider-error.ts';
import { parsedAnswer } from './parsed-answer.ts';
import { unexpectedAnswer } from './unexpected-answer.ts';

/**
 * The events of an answer that came whole. What a broken answer did carry is in `out` when this throws.
 * @throws LmdeckError `invalid-response` when the text is no completion; the provider's error when it is one.
 */
export function decodeChatCompletion(text: string, settings: AnswerSettings, out: ModelEvent[]): void {
  const body = parsedAnswer(text, settings.endpoint);
  if (!isJsonObject(body)) throw unexpectedAnswer(text, settings.endpoint);
  decodeCompletionBody(body, settings, out);
}

/** The same for an answer that is parsed already: a row of a job's results. */
export function decodeCompletionBody(body: JsonObject, settings: AnswerSettings, out: ModelEvent[]): void {
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
    throw unexpectedAnswer(JSON.stringify(body), settings.endpoint);
  }
  decoder.end(out, true);
}
