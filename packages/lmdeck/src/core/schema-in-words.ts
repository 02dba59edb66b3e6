import { system, type Message } from './message.ts';
import type { ModelRequest } from './model-request.ts';
import type { TextPart } from './part.ts';

/**
 * A request for a model that cannot enforce a schema: the schema is asked for in the system prompt instead. One without a schema, and a
 * raw prompt, which has no place for it, stay as they are.
 */
export function schemaInWords(request: ModelRequest): ModelRequest {
  const { schema, ...rest } = request;
  const [first, ...others] = request.messages;
  if (schema === undefined || first?.role === 'raw') return request;
  const instruction = `Answer with nothing but JSON that follows this JSON Schema:\n${JSON.stringify(schema)}`;
  const messages =
    first !== undefined && isPlainSystem(first)
      ? [system(joined(first, instruction)), ...others]
      : [system(instruction), ...request.messages];
  return { ...rest, messages };
}

function isPlainSystem({ parts, role }: Message): boolean {
  return role === 'system' && parts.every((part) => part.type === 'text' && part.providerMetadata === undefined);
}

function joined({ parts }: Message, instruction: string): string {
  const texts = parts.filter((part): part is TextPart => part.type === 'text').map((part) => part.text);
  return [texts.join(''), instruction].join('\n\n');
}
