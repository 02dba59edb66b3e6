import type { Tokenizer } from '../../../core/index.ts';

/**
 * Where the tokenizer of a model behind a server comes from:
 * - `remote`: the server's own (`/tokenize` of vLLM, SGLang, llama-server)
 * - `tiktoken`: OpenAI's encoding for a model of this name; none where the name is not one of OpenAI's
 * - a tiktoken encoding, or the name of a model that has it (`o200k_base`, `gpt-4o`)
 * - the path of a `tokenizer.json` or of its folder
 * - a function that makes one; asked once
 *
 * `false`: nowhere.
 */
export type TokenizerSource = 'remote' | 'tiktoken' | (string & {}) | (() => Promise<Tokenizer>) | false;
