import type { JsonObject, JsonValue, PromptOptions, ToolDefinition } from '../core/index.ts';

/** How a function asks its model; as for a prompt. */
export interface FunctionOptions extends Pick<
  PromptOptions,
  'options' | 'sample' | 'signal' | 'apiKey' | 'headers' | 'timeouts' | 'conversationId' | 'runId' | 'parentCallId' | 'metadata' | 'log'
> {
  /** How often the model is asked for one result before the function gives up, repairs included. Default: 3. */
  readonly attempts?: number | undefined;
  /** What the model may call before it answers. */
  readonly tools?: readonly FunctionTool[] | undefined;
  /** How many rounds of tool calls one attempt may take. Default: 8. */
  readonly toolRounds?: number | undefined;
}

/** A tool and what carries it out. */
export interface FunctionTool extends ToolDefinition {
  /** Returns what the model is told; what it throws, the model is told too. */
  run(args: JsonObject, context: { readonly signal?: AbortSignal | undefined }): JsonValue | Promise<JsonValue>;
}
