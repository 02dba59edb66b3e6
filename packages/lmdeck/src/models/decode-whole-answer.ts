import { LmdeckError, type JsonValue, type ModelEvent } from '../core/index.ts';
import { httpError } from '../transport/index.ts';
import { decodedResponse, type DecodedResponse } from './openai-compatible/decode-response.ts';
import { parsedAnswer } from './openai-compatible/parsed-answer.ts';

/** A recorded answer of a provider with a protocol of its own; it came whole. */
export interface RecordedAnswerBody {
  readonly api: 'anthropic' | 'gemini';
  readonly body: Uint8Array;
  /** HTTP status; 200 when absent. */
  readonly status?: number | undefined;
}

/**
 * Decodes a recorded whole answer of Anthropic's Messages API or Google's Gemini API through exactly the code that the models use. An answer
 * that is an error is decoded too: `error` says which.
 *
 * @example
 * ```ts
 * import { decodeWholeAnswer } from 'lmdeck/models';
 *
 * const body = new TextEncoder().encode('{"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}');
 * const decoded = await decodeWholeAnswer({ api: 'anthropic', body });
 * console.log(decoded.samples[0]?.message.parts); // [ { type: 'text', text: 'Hi' } ]
 * ```
 */
export async function decodeWholeAnswer({ api, body, status = 200 }: RecordedAnswerBody): Promise<DecodedResponse> {
  const text = new TextDecoder().decode(body);
  if (status >= 300) return decodedResponse([], httpError(api, { status, headers: {} }, text));
  try {
    return decodedResponse(await decode(api, parsedAnswer(text, api)), undefined);
  } catch (error) {
    return decodedResponse([], LmdeckError.from(error));
  }
}

async function decode(api: RecordedAnswerBody['api'], body: JsonValue): Promise<readonly ModelEvent[]> {
  if (api === 'gemini') return (await import('./google/decode-content.ts')).decodeContent(body, api);
  return (await import('./anthropic/decode-message.ts')).decodeMessage(body, api);
}
