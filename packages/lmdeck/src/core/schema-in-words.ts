import { messageText, system, type Message } from './message.ts';
import type { ModelRequest } from './model-request.ts';
import type { Capabilities } from './model.ts';

/**
 * A request as a model takes it: where it cannot enforce a schema, that is asked for in the system prompt instead. One without a schema, and
 * a raw prompt, which has no place for it, stay as they are.
 */
export function schemaInWords(request: ModelRequest, capabilities: Capabilities): ModelRequest {
  if (request.schema === undefined || capabilities.schema === true) return request;
  const { schema, ...rest } = request;
  const [first, ...others] = request.messages;
  if (first?.role === 'raw') return request;
  const instruction = `Answer with nothing but JSON that follows this JSON Schema:\n${JSON.stringify(schema)}`;
  const messages =
    first !== undefined && isPlainSystem(first)
      ? [system(`${messageText(first)}\n\n${instruction}`), ...others]
      : [system(instruction), ...request.messages];
  return { ...rest, messages };
}

function isPlainSystem({ parts, role }: Message): boolean {
  return role === 'system' && parts.every((part) => part.type === 'text' && part.providerMetadata === undefined);
}
