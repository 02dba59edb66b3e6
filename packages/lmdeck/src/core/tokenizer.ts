import type { JsonObject } from './json.ts';
import type { Message } from './message.ts';
import type { ToolDefinition } from './tool-definition.ts';

/** Numbers of tokens in a model's vocabulary. */
export type TokenIds = readonly number[];

/** How a text becomes tokens. */
export interface EncodeOptions {
  /** Puts around the text what the tokenizer puts there by itself (BOS, EOS). Default: false. */
  readonly addSpecial?: boolean | undefined;
  /** What special tokens that are written out in the text become: that one token, or tokens of plain text. Default: `text`. */
  readonly special?: 'token' | 'text' | undefined;
}

/** How tokens become text. */
export interface DecodeOptions {
  /** Leaves special tokens out. Default: false. */
  readonly skipSpecial?: boolean | undefined;
}

/** A token with a meaning of its own. */
export interface SpecialToken {
  readonly id: number;
  readonly text: string;
}

/** How a history becomes the text that a chat model was trained on. */
export interface RenderOptions {
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** Ends with what opens the assistant's turn. Default: true unless the last message is the assistant's. */
  readonly addGenerationPrompt?: boolean | undefined;
  /** Leaves the last message open, to be continued. Default: false. */
  readonly continueFinalMessage?: boolean | undefined;
  /** Further variables of the template (`enable_thinking`, …). */
  readonly variables?: JsonObject | undefined;
}

/** A model's chat template (Jinja). */
export interface ChatTemplate {
  readonly source: string;
  /** @throws LmdeckError `invalid-request` when the template refuses the messages, with its reason. */
  render(messages: readonly Message[], options?: RenderOptions): string;
}

/** Text to tokens and back. A tokenizer behind a server answers with promises: `await` holds for both kinds. */
export interface Tokenizer {
  /** The backend and what it loaded: `tiktoken/o200k_base`, `huggingface/<name>`, `llama/tiny`. */
  readonly id: string;
  readonly bos?: SpecialToken | undefined;
  readonly eos?: SpecialToken | undefined;
  readonly chatTemplate?: ChatTemplate | undefined;
  encode(text: string, options?: EncodeOptions): TokenIds | Promise<TokenIds>;
  /** Bytes that are no whole character become U+FFFD. */
  decode(ids: TokenIds, options?: DecodeOptions): string | Promise<string>;
  /** As many as `encode` gives, often without making them. */
  count(text: string, options?: EncodeOptions): number | Promise<number>;
}

/** A tokenizer in this process: answers at once. */
export interface LocalTokenizer extends Tokenizer {
  encode(text: string, options?: EncodeOptions): TokenIds;
  decode(ids: TokenIds, options?: DecodeOptions): string;
  count(text: string, options?: EncodeOptions): number;
  /** The bytes that one token stands for; they can be part of a character. */
  bytes(id: number): Uint8Array;
  /** The ids with where each token's text begins and ends, in UTF-16 code units of `text`; a token inside a character has that character's place. */
  encodeWithOffsets(
    text: string,
    options?: EncodeOptions,
  ): { readonly ids: TokenIds; readonly offsets: readonly (readonly [start: number, end: number])[] };
}
