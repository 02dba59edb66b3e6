import * as library from '@huggingface/tokenizers';
import type { JsonObject } from '../../core/index.ts';

/*
 * What we use of @huggingface/tokenizers, typed here: its own declarations cannot be resolved by ES modules, and nothing of them must
 * get into ours. Its parts are put together in `pipeline.ts`, as those of the Rust library are.
 */

export interface HubTokenizer {
  readonly normalizer: HubNormalizer | null;
  readonly pre_tokenizer: ((text: string, options: { readonly section_index: number }) => readonly string[]) | null;
  readonly model: HubModel;
  readonly post_processor: ((tokens: readonly string[], pair: null, addSpecial: boolean) => { readonly tokens: readonly string[] }) | null;
  readonly decoder: ((tokens: readonly string[]) => string) | null;
}

export interface HubNormalizer {
  (text: string): string;
  /** Of a sequence. */
  readonly normalizers?: readonly (HubNormalizer | null)[];
  /** Of one that replaces. */
  readonly pattern?: RegExp | null;
}

export interface HubModel {
  (pieces: readonly string[]): readonly string[];
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  /** Tokens by id; with holes. */
  readonly vocab: readonly (string | undefined)[];
  readonly unk_token_id?: number | null | undefined;
  readonly unk_token?: string | null | undefined;
}

interface Library {
  readonly Tokenizer: new (tokenizer: JsonObject, config: JsonObject) => HubTokenizer;
}

export const { Tokenizer }: Library = library;
