import type { JsonObject } from './json.ts';
import type { TokenIds } from './tokenizer.ts';

/**
 * Data of one provider that must be stored and sent back unchanged (thinking signatures, encrypted reasoning, item ids,
 * annotations), keyed by the provider's or endpoint's name.
 */
export type ProviderMetadata = Readonly<Record<string, JsonObject>>;

/** Text as the user wrote it or the model answered it. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly providerMetadata?: ProviderMetadata;
}

/** The model's reasoning, where the provider shows it. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  /** True when the provider withheld the text and sent only an opaque token for it. */
  readonly redacted?: boolean;
  readonly providerMetadata?: ProviderMetadata;
}

/** The model's refusal, where the provider sends it apart from the text (OpenAI's `refusal`). */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
  readonly providerMetadata?: ProviderMetadata;
}

/** A call of a tool, asked for by the model. */
export interface ToolCallPart {
  readonly type: 'tool-call';
  /** Matches the `toolCallId` of the result. */
  readonly id: string;
  readonly name: string;
  /**
   * The arguments as the model wrote them: JSON text, kept to the byte so that it goes back unchanged. It can be empty
   * (no arguments) or cut off (finish reason `length`); `response.toolCalls()` parses it.
   */
  readonly arguments: string;
  readonly providerMetadata?: ProviderMetadata;
}

/** What a tool answered. */
export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  readonly name?: string;
  readonly output: string;
  /** True when the tool failed and `output` says why. */
  readonly isError?: boolean;
  readonly attachments?: readonly AttachmentPart[];
  readonly providerMetadata?: ProviderMetadata;
}

/** A file: image, audio, video, document. Exactly one of `data` and `url` is set. */
export interface AttachmentPart {
  readonly type: 'attachment';
  /** IANA media type, e.g. `image/png`. */
  readonly mediaType: string;
  /** The bytes, base64. */
  readonly data?: string;
  readonly url?: string;
  readonly name?: string;
  readonly providerMetadata?: ProviderMetadata;
}

/** Token ids in place of text, for models that take them; only in a `raw` message. */
export interface TokensPart {
  readonly type: 'tokens';
  readonly ids: TokenIds;
  readonly providerMetadata?: ProviderMetadata;
}

/** One piece of a message. Unions may grow: keep a default branch. */
export type Part = TextPart | TokensPart | ReasoningPart | RefusalPart | ToolCallPart | ToolResultPart | AttachmentPart;
