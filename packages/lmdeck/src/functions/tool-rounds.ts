import { LmdeckError, type Message, type ToolCall, type ToolDefinition } from '../core/index.ts';
import type { FunctionTool } from './function-options.ts';

/** The tools as the model sees them. */
export function toolDefinitions(tools: readonly FunctionTool[]): readonly ToolDefinition[] {
  return tools.map(({ name, description, parameters, strict }) => ({
    name,
    parameters,
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  }));
}

/** Carries out what the model called, side by side. What fails, it is told. */
export function runTools(calls: readonly ToolCall[], tools: readonly FunctionTool[], signal: AbortSignal | undefined): Promise<Message[]> {
  return Promise.all(calls.map((call) => runTool(call, tools, signal)));
}

async function runTool(call: ToolCall, tools: readonly FunctionTool[], signal: AbortSignal | undefined): Promise<Message> {
  const result = (output: string, isError: boolean): Message => ({
    role: 'tool',
    parts: [{ type: 'tool-result', toolCallId: call.id, name: call.name, output, ...(isError ? { isError } : {}) }],
  });
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) return result(`There is no tool "${call.name}". Tools: ${tools.map(({ name }) => name).join(', ')}.`, true);
  if (call.arguments === undefined) return result(call.error ?? 'The arguments are not a JSON object.', true);
  try {
    const output = await tool.run(call.arguments, { signal });
    return result(typeof output === 'string' ? output : JSON.stringify(output), false);
  } catch (error) {
    signal?.throwIfAborted();
    return result(LmdeckError.from(error).message, true);
  }
}
