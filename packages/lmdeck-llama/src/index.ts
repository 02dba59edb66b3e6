import { languageModel, type LanguageModel, type LocalTokenizer, type Message } from 'lmdeck/core';
import type { ChatTemplateOption } from './chat/chat-format.ts';
import type { GpuOption } from './engine.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { llamaModel } from './model.ts';

export type { ChatTemplateOption } from './chat/chat-format.ts';
export type { GpuOption } from './engine.ts';
export { memoryBudget, type MemoryBudget } from './memory-budget.ts';
export { tinyModelPath } from './tiny.ts';

/** Which file to load and how. */
export interface LlamaOptions {
  /** Path of a GGUF file; `tiny` is the demo model that comes with this package. */
  readonly model: string;
  /** Name of the model in records; `llama/<file name>` when absent. */
  readonly id?: string;
  /** Tokens of one sequence, prompt and answer together; absent: what the model was trained on, 8192 at most. */
  readonly contextSize?: number;
  /** Calls that run at once, others wait; each needs memory for its context. Absent: 4 for a model below 64 MB, else 1. */
  readonly sequences?: number;
  /** Processor threads; absent: 1 for a model below 64 MB, else all useful cores but one, 8 at most. */
  readonly threads?: number;
  /** Absent: a GPU when a binary for one is installed, else the processor. */
  readonly gpu?: GpuOption;
  /** A Jinja chat template in place of the file's; `false`: prompts go in as they are, as for text completion. */
  readonly chatTemplate?: ChatTemplateOption;
  /** Memory that is shared with other models, see {@link memoryBudget}; absent: as much as there is. */
  readonly memory?: MemoryBudget;
}

/** A GGUF model in this process. `await using` frees it at the end of the block. */
export interface LlamaLanguageModel extends LanguageModel, AsyncDisposable {
  /** The file's own tokenizer, usable until the model is unloaded. Loads the model. */
  readonly tokenizer: () => Promise<LocalTokenizer>;
  /** Tokens that prompt and answer can have together. Loads the model. */
  readonly contextSize: () => Promise<number>;
  readonly load: () => Promise<void>;
  readonly unload: () => Promise<void>;
  /** Tokens of a text as it stands, or of messages as the chat template renders them. Loads the model. */
  readonly countTokens: (input: string | readonly Message[]) => Promise<number>;
}

/**
 * A GGUF model that runs inside this process, on llama.cpp; nothing is sent anywhere. The weights are read at the first call, or by
 * `load()`. Its errors: `not-found` (no such file), `config` (not a usable model, not enough memory), `plugin` (no llama.cpp for
 * this machine), `invalid-request` (prompt longer than the context), `capability`.
 *
 * @example
 * ```ts
 * import { llama } from 'lmdeck-llama';
 *
 * await using model = llama({ model: 'tiny' });
 * console.log(await model.prompt('What is the capital of France?').text()); // Paris
 * ```
 */
export function llama(options: LlamaOptions): LlamaLanguageModel {
  const model = llamaModel(options.model, options);
  const { tokenizer, contextSize, load, unload, countTokens } = model;
  return { ...languageModel(model), tokenizer, contextSize, load, unload, countTokens, [Symbol.asyncDispose]: unload };
}
