import {
  isJsonObject,
  LmdeckError,
  type EncodeOptions,
  type JsonObject,
  type JsonValue,
  type Message,
  type RenderOptions,
  type TokenIds,
} from '../../core/index.ts';
import type { JsonClient } from './json-client.ts';

/** Servers that tokenize, by how they are asked. */
export type RemoteDialect = 'vllm' | 'llama-server';

/** What a server says about its tokenizer. */
export interface RemoteInfo {
  /** Special tokens that have a role: `bos_token`, `eos_token`, … */
  readonly names: Readonly<Record<string, string>>;
  readonly chatTemplate?: string;
  readonly contextSize?: number;
  /** All special tokens that the server names, with their ids where it tells them. */
  readonly special: readonly { readonly text: string; readonly id?: number }[];
  readonly model?: string;
}

/** One kind of server. */
export interface Dialect {
  readonly name: RemoteDialect;
  info(): Promise<RemoteInfo>;
  encode(text: string, options: EncodeOptions): Promise<TokenIds>;
  decode(ids: TokenIds): Promise<string>;
  encodeMessages(messages: readonly Message[], options: RenderOptions): Promise<TokenIds>;
}

/** The ids in an answer of `/tokenize`. */
export function tokensOf(client: JsonClient, answer: JsonObject): TokenIds {
  const { tokens } = answer;
  if (Array.isArray(tokens) && tokens.every((token) => typeof token === 'number')) return tokens;
  throw unexpected(client, '/tokenize', 'token ids');
}

/** A text in an answer. */
export function textOf(client: JsonClient, path: string, value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  throw unexpected(client, path, 'a text');
}

/** The special tokens of a `tokenizer_config.json` or of `/props`. */
export function tokenNames(answer: JsonObject): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer)) {
    if (!name.endsWith('_token')) continue;
    const text = isJsonObject(value) ? value['content'] : value;
    if (typeof text === 'string' && text !== '') found[name] = text;
  }
  return found;
}

function unexpected(client: JsonClient, path: string, wanted: string): LmdeckError {
  return new LmdeckError('invalid-response', `${client.root}${path}: the server answered without ${wanted}. Is it a tokenizer's server?`);
}
