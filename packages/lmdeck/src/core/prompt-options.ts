import type { JsonObject, JsonSchema } from './json.ts';
import type { Message } from './message.ts';
import type { Timeouts } from './model.ts';
import type { AttachmentPart } from './part.ts';
import type { ToolChoice, ToolDefinition } from './tool-definition.ts';

/** This turn's input: text, one message, or several. */
export type PromptInput = string | Message | readonly Message[];

/** How to ask. Fields above the line of `stream` can change the answer; those below cannot. */
export interface PromptOptions {
  /** System prompt; only for a history that has none yet. */
  readonly system?: string | undefined;
  /** The history before this turn; a function when it is not known yet. */
  readonly messages?: readonly Message[] | (() => Promise<readonly Message[]>) | undefined;
  readonly attachments?: readonly AttachmentPart[] | undefined;
  /** JSON Schema that the answer must follow. */
  readonly schema?: JsonSchema | undefined;
  readonly tools?: readonly ToolDefinition[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  /** Model options by name: `temperature`, `maxTokens`, `seed`, … */
  readonly options?: JsonObject | undefined;
  /** How many samples to draw; 1 when absent. */
  readonly samples?: number | undefined;
  /** Index of the first sample, for repeated draws of one prompt. */
  readonly sample?: number | undefined;

  /** False asks for the answer in one piece; absent: in pieces exactly when it is read in pieces. */
  readonly stream?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Overrides the configured key for this call. */
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeouts?: Timeouts | undefined;
  readonly conversationId?: string | (() => string | undefined) | undefined;
  readonly runId?: string | undefined;
  readonly parentCallId?: string | undefined;
  readonly metadata?: JsonObject | undefined;
  /** False keeps the call off the tape. */
  readonly log?: boolean | undefined;
}
