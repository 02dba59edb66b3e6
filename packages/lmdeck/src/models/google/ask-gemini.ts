import type { CallContext, ModelEvent, ModelRequest } from '../../core/index.ts';
import type { EndpointClient } from '../openai-compatible/endpoint-client.ts';
import { parsedAnswer } from '../openai-compatible/parsed-answer.ts';
import { decodeContent } from './decode-content.ts';
import { encodeGeminiRequest, modelPath, type GeminiTarget } from './encode-gemini-request.ts';

/** Asks for a whole answer. */
export async function askGemini(
  client: EndpointClient,
  target: GeminiTarget,
  request: ModelRequest,
  context: CallContext,
): Promise<readonly ModelEvent[]> {
  const body = JSON.stringify(encodeGeminiRequest(request, target));
  const response = await client.send(`/${modelPath(target)}:generateContent`, body, 'application/json', context);
  return decodeContent(parsedAnswer(await response.text(), target.name), target.name);
}
