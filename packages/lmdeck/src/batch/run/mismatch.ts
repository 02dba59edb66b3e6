import { LmdeckError, messageText, type ErrorInfo, type ModelRequest, type Sample } from '../../core/index.ts';

/** Why an answer is not what was asked for: samples are missing, or a schema wants JSON. */
export function mismatch(request: ModelRequest, samples: readonly Sample[]): ErrorInfo | undefined {
  const { samples: wanted = 1 } = request;
  if (samples.length < wanted) {
    const came = `${wanted} samples were asked for, and ${samples.length} came: the server ignores "n".`;
    return new LmdeckError(
      'invalid-response',
      `${came} Say so in its entry in endpoints.yaml (refuses: [n]), and each sample is a call.`,
    ).toInfo();
  }
  if (request.schema === undefined) return undefined;
  for (const { message, finish } of samples) {
    if (message.parts.some((part) => part.type === 'tool-call')) continue;
    try {
      JSON.parse(messageText(message));
    } catch (error) {
      const cut = finish?.reason === 'length' ? ' It was cut off by the token limit: raise maxTokens.' : '';
      const reason = error instanceof Error ? error.message : String(error);
      return new LmdeckError('invalid-response', `A schema was given, and the answer is not JSON: ${reason}.${cut}`).toInfo();
    }
  }
  return undefined;
}
