import {
  isJsonObject,
  type AttachmentPart,
  type JsonObject,
  type JsonValue,
  type Message,
  type Part,
  type ProviderMetadata,
  type ToolResultPart,
} from '../../core/index.ts';

/** The parts of a message. `messages` is the whole history: results of tools go by the name of the tool. */
export function encodeParts(message: Message, endpoint: string, messages: readonly Message[]): readonly JsonObject[] {
  // What lmdeck has no parts for (code that was run, images) must go back exactly as it came.
  const whole = own(message.providerMetadata, endpoint)['parts'];
  if (message.role === 'assistant' && Array.isArray(whole)) return whole.filter(isJsonObject);
  return message.parts.flatMap((part) => encodePart(part, endpoint, messages));
}

function encodePart(part: Part, endpoint: string, messages: readonly Message[]): readonly JsonObject[] {
  const metadata = 'providerMetadata' in part ? own(part.providerMetadata, endpoint) : {};
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' && Object.keys(metadata).length === 0 ? [] : [{ text: part.text, ...metadata }];
    case 'reasoning':
      // The thoughts of another model mean nothing to this one.
      return metadata['thoughtSignature'] === undefined ? [] : [{ text: part.text, thought: true, ...metadata }];
    case 'tool-call':
      return [{ functionCall: { name: part.name, args: objectOf(part.arguments) ?? {}, ...idOf(part.id) }, ...metadata }];
    case 'tool-result':
      return [functionResponse(part, messages), ...(part.attachments ?? []).map(attachment)];
    case 'attachment':
      return [{ ...attachment(part), ...metadata }];
    default:
      return [];
  }
}

function functionResponse(part: ToolResultPart, messages: readonly Message[]): JsonObject {
  const name = part.name ?? calledName(part.toolCallId, messages) ?? part.toolCallId;
  const response = part.isError === true ? { error: part.output } : (objectOf(part.output) ?? { result: part.output });
  return { functionResponse: { name, response, ...idOf(part.toolCallId) } };
}

function calledName(id: string, messages: readonly Message[]): string | undefined {
  for (const { parts } of messages) for (const part of parts) if (part.type === 'tool-call' && part.id === id) return part.name;
  return undefined;
}

/** Ids that were made up here, because the model gave none, mean nothing to the server. */
function idOf(id: string): JsonObject {
  return id.startsWith('lmdeck-') ? {} : { id };
}

function attachment({ mediaType, data, url }: AttachmentPart): JsonObject {
  return url === undefined
    ? { inlineData: { mimeType: mediaType, data: data ?? '' } }
    : { fileData: { mimeType: mediaType, fileUri: url } };
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function own(metadata: ProviderMetadata | undefined, endpoint: string): JsonObject {
  return metadata?.[endpoint] ?? {};
}
