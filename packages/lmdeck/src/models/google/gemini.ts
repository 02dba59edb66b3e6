import { languageModel, type LanguageModel } from '../../core/index.ts';
import { retry, timeout } from '../../middleware/index.ts';
import type { OpenAICompatibleOptions } from '../openai-compatible/openai.ts';
import { geminiModel } from './gemini-model.ts';
import { geminiPreset } from './preset.ts';

export interface GeminiOptions extends Partial<OpenAICompatibleOptions> {
  /** The model's name on the wire, e.g. `gemini-3-flash`. */
  readonly model: string;
}

/**
 * A model of Google, with retries and time limits. The key comes from `apiKey` or the environment variable
 * GEMINI_API_KEY, the address from `baseUrl` or GEMINI_BASE_URL.
 *
 * @example
 * ```ts
 * import { gemini } from 'lmdeck';
 *
 * console.log(gemini({ model: 'gemini-3-flash', apiKey: 'AIza…' }).id); // gemini/gemini-3-flash
 * ```
 */
export function gemini(options: GeminiOptions): LanguageModel {
  const { retry: retries, timeouts, ...endpoint } = options;
  const baseUrl = process.env[geminiPreset.baseUrlEnv] || geminiPreset.baseUrl;
  return languageModel(
    geminiModel({ ...geminiPreset, baseUrl, ...endpoint }),
    ...(retries === false ? [] : [retry(retries)]),
    timeout(timeouts),
  );
}
