import { isJsonObject, type JsonObject, type JsonValue, type ToolDefinition } from '../core/index.ts';

/** Tools in the form of OpenAI's chat completions. */
export function toChatTools(tools: readonly ToolDefinition[]): JsonObject[] {
  return tools.map(({ name, description, parameters, strict }) => ({
    type: 'function',
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters,
      ...(strict === undefined ? {} : { strict }),
    },
  }));
}

/**
 * Tools out of the form of OpenAI's chat completions; also out of a bare list of functions.
 * @throws Error that says what is wrong.
 */
export function fromChatTools(value: readonly JsonValue[]): ToolDefinition[] {
  return value.map((tool) => {
    const definition = isJsonObject(tool) && isJsonObject(tool['function']) ? tool['function'] : tool;
    if (!isJsonObject(definition) || typeof definition['name'] !== 'string') throw new Error('a tool has no name');
    const { name, description, parameters, strict } = definition;
    return {
      name,
      ...(typeof description === 'string' ? { description } : {}),
      parameters: isJsonObject(parameters) ? parameters : { type: 'object', properties: {} },
      ...(typeof strict === 'boolean' ? { strict } : {}),
    };
  });
}
