import type { CallContext, EventPipe, ModelRequest } from '../../core/index.ts';
import type { EndpointClient } from '../openai-compatible/endpoint-client.ts';
import type { AnswerProtocol, ProtocolTarget } from '../protocols/answer-protocol.ts';
import { askProvider } from '../protocols/ask-provider.ts';
import { ContentDecoder } from './content-decoder.ts';
import { decodeContent } from './decode-content.ts';
import { encodeGeminiRequest, modelPath } from './encode-gemini-request.ts';

/** Google's Gemini API. */
export const geminiProtocol: AnswerProtocol = {
  lastWord: 'finishReason',
  encode: (request, target, stream) => ({
    path: `/${modelPath(target)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: encodeGeminiRequest(request, target),
  }),
  decode: decodeContent,
  streamed: (endpoint) => new ContentDecoder(endpoint),
};

/** Asks the Gemini API. */
export function askGemini(client: EndpointClient, target: ProtocolTarget, request: ModelRequest, context: CallContext): EventPipe {
  return askProvider(geminiProtocol, client, target, request, context);
}
