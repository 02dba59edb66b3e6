import type { CallContext, EventPipe, ModelRequest } from '../../core/index.ts';
import type { EndpointClient } from '../openai-compatible/endpoint-client.ts';
import type { AnswerProtocol, ProtocolTarget } from '../protocols/answer-protocol.ts';
import { askProvider } from '../protocols/ask-provider.ts';
import { decodeMessage } from './decode-message.ts';
import { encodeMessagesRequest } from './encode-messages-request.ts';
import { MessageDecoder } from './message-decoder.ts';

/** Anthropic's Messages API. */
export const messagesProtocol: AnswerProtocol = {
  lastWord: 'stop_reason',
  encode: (request, target, stream) => {
    const body = encodeMessagesRequest(request, target);
    return { path: '/messages', body: stream ? { ...body, stream } : body };
  },
  decode: decodeMessage,
  streamed: (endpoint) => new MessageDecoder(endpoint),
};

/** Asks the Messages API. */
export function askMessages(client: EndpointClient, target: ProtocolTarget, request: ModelRequest, context: CallContext): EventPipe {
  return askProvider(messagesProtocol, client, target, request, context);
}
