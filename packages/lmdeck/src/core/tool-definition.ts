import type { JsonSchema } from './json.ts';

/** A tool as the model sees it. */
export interface ToolDefinition {
  /** Letters, digits, `_` and `-`; at most 64 of them for most providers. */
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments object. */
  readonly parameters: JsonSchema;
  /** Asks providers that can to follow the schema exactly. */
  readonly strict?: boolean;
}

/** Whether the model may, may not or must call a tool, or which one it must call. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };
