import type { CallContext, ModelEvent, ModelRequest } from '../../core/index.ts';
import type { EndpointClient } from '../openai-compatible/endpoint-client.ts';
import { parsedAnswer } from '../openai-compatible/parsed-answer.ts';
import { decodeMessage } from './decode-message.ts';
import { encodeMessagesRequest, type MessagesTarget } from './encode-messages-request.ts';

/** Asks for a whole answer. */
export async function askMessages(
  client: EndpointClient,
  target: MessagesTarget,
  request: ModelRequest,
  context: CallContext,
): Promise<readonly ModelEvent[]> {
  const body = JSON.stringify(encodeMessagesRequest(request, target));
  const response = await client.send('/messages', body, 'application/json', context);
  return decodeMessage(parsedAnswer(await response.text(), target.name), target.name);
}
