import { languageModel, type LanguageModel, type Timeouts } from '../../core/index.ts';
import { retry, timeout, type RetryOptions } from '../../middleware/index.ts';
import { chatModel, type ChatModelOptions } from './chat-model.ts';
import { presets } from './presets.ts';

/** What surrounds a model that is used without a deck. */
export interface CallPolicy {
  /** False for calls that are made once. Default: two more attempts, see `retry`. */
  readonly retry?: RetryOptions | false | undefined;
  readonly timeouts?: Timeouts | undefined;
}

export interface OpenAICompatibleOptions extends ChatModelOptions, CallPolicy {}

/**
 * A model behind any server that speaks OpenAI's chat completions (vLLM, llama-server, Ollama, TGI, LM Studio, OpenRouter and
 * others; see {@link presets}), with retries and time limits.
 *
 * @throws LmdeckError `config` for a base URL that is none. Calls throw `missing-key`, the server's errors, `network`,
 * `timeout`, `incomplete-response` and `invalid-response`.
 *
 * @example
 * ```ts
 * import { openaiCompatible, presets } from 'lmdeck';
 *
 * const model = openaiCompatible({ ...presets.vllm, baseUrl: 'http://10.0.0.5:8000/v1', model: 'qwen3-8b' });
 * console.log(model.id, model.endpoint); // vllm/qwen3-8b http://10.0.0.5:8000/v1
 * ```
 */
export function openaiCompatible(options: OpenAICompatibleOptions): LanguageModel {
  const { retry: retries, timeouts, ...endpoint } = options;
  return languageModel(chatModel(endpoint), ...(retries === false ? [] : [retry(retries)]), timeout(timeouts));
}

export interface OpenAIOptions extends Partial<OpenAICompatibleOptions> {
  /** Default: `gpt-5.6-luna`. */
  readonly model?: string;
}

/**
 * A model of OpenAI. The key comes from `apiKey` or the environment variable OPENAI_API_KEY, the address from `baseUrl`
 * or OPENAI_BASE_URL.
 *
 * @example
 * ```ts
 * import { openai } from 'lmdeck';
 *
 * console.log(openai({ model: 'gpt-5.6-luna', apiKey: 'sk-…' }).id); // openai/gpt-5.6-luna
 * ```
 */
export function openai(options: OpenAIOptions = {}): LanguageModel {
  const { openai: preset } = presets;
  const baseUrl = process.env[preset.baseUrlEnv] || preset.baseUrl;
  return openaiCompatible({ ...preset, baseUrl, model: preset.defaultModel, ...options });
}
