import type { CallContext, EventPipe, ModelRequest } from '../../core/index.ts';
import { AnswerIterator } from '../openai-compatible/answer-iterator.ts';
import type { BodyDecoder } from '../openai-compatible/body-decoder.ts';
import type { EndpointClient } from '../openai-compatible/endpoint-client.ts';
import { AnswerBody } from './answer-body.ts';
import type { AnswerProtocol, ProtocolTarget } from './answer-protocol.ts';

/** Asks a provider by its protocol: for an answer in pieces where the call wants one, else for a whole one. */
export function askProvider(
  protocol: AnswerProtocol,
  client: EndpointClient,
  target: ProtocolTarget,
  request: ModelRequest,
  context: CallContext,
): EventPipe {
  const { stream } = context;
  const open = async () => {
    const { path, body } = protocol.encode(request, target, stream);
    return client.send(path, JSON.stringify(body), stream ? 'text/event-stream' : 'application/json', context);
  };
  return new AnswerIterator(open, answerBody(protocol, target.name), (error) => client.hide(error, context));
}

/** What decodes the body of an answer. */
export function answerBody(protocol: AnswerProtocol, endpoint: string): BodyDecoder {
  return new AnswerBody(protocol, endpoint);
}
