import { isJsonObject, LmdeckError, type BatchLine, type JsonValue, type ModelRequest } from '../../../core/index.ts';
import { encodeChatRequest, type EncodingTarget } from '../encode-chat-request.ts';

/** A row of OpenAI's files: the whole request. */
export function openaiRow(customId: string, request: ModelRequest, target: EncodingTarget): BatchLine {
  const body = encoded(request, target);
  return { customId, line: `{"custom_id":${JSON.stringify(customId)},"method":"POST","url":"/v1/chat/completions","body":${body}}` };
}

/** A row of Mistral's files: the job names the model, its rows do not. */
export function mistralRow(customId: string, request: ModelRequest, target: EncodingTarget): BatchLine {
  const body: JsonValue = JSON.parse(encoded(request, target));
  const { model: _model, ...fields } = isJsonObject(body) ? body : {};
  return { customId, line: `{"custom_id":${JSON.stringify(customId)},"body":${JSON.stringify(fields)}}` };
}

function encoded(request: ModelRequest, target: EncodingTarget): string {
  if (request.messages[0]?.role === 'raw' || request.continuation !== undefined)
    throw new LmdeckError('capability', `${target.name}/${target.model} takes only messages in jobs: ask raw prompts and scores online.`, {
      data: { model: `${target.name}/${target.model}`, capability: 'batches' },
    });
  return encodeChatRequest(request, target, false);
}
