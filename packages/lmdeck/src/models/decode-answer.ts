import { httpError } from '../transport/index.ts';
import { decodedBody, decodedResponse, type DecodedResponse } from './openai-compatible/decode-response.ts';
import type { AnswerProtocol } from './protocols/answer-protocol.ts';

/** A recorded answer of a provider with a protocol of its own. */
export interface RecordedAnswerBody {
  readonly api: 'anthropic' | 'gemini';
  /** The body as it came: an event stream or JSON. */
  readonly body: Uint8Array;
  /** HTTP status; 200 when absent. */
  readonly status?: number | undefined;
  /** Feeds the decoder this many bytes at a time; all at once when absent. */
  readonly split?: number | undefined;
}

/**
 * Decodes a recorded answer of Anthropic's Messages API or Google's Gemini API through exactly the code that the models use. An answer that is
 * an error is decoded too: `error` says which, `samples` holds what came before it.
 *
 * @example
 * ```ts
 * import { decodeAnswer } from 'lmdeck/models';
 *
 * const body = new TextEncoder().encode('{"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}');
 * const decoded = await decodeAnswer({ api: 'anthropic', body });
 * console.log(decoded.samples[0]?.message.parts); // [ { type: 'text', text: 'Hi' } ]
 * ```
 */
export async function decodeAnswer({ api, body, status = 200, split }: RecordedAnswerBody): Promise<DecodedResponse> {
  if (status >= 300) return decodedResponse([], httpError(api, { status, headers: {} }, new TextDecoder().decode(body)));
  const { answerBody } = await import('./protocols/ask-provider.ts');
  return decodedBody(answerBody(await protocolOf(api), api), body, split);
}

async function protocolOf(api: RecordedAnswerBody['api']): Promise<AnswerProtocol> {
  if (api === 'gemini') return (await import('./google/ask-gemini.ts')).geminiProtocol;
  return (await import('./anthropic/ask-messages.ts')).messagesProtocol;
}
