import { languageModel, type LanguageModel } from '../../core/index.ts';
import { retry, timeout } from '../../middleware/index.ts';
import type { OpenAICompatibleOptions } from '../openai-compatible/openai.ts';
import { messagesModel } from './messages-model.ts';
import { anthropicPreset } from './preset.ts';

export interface AnthropicOptions extends Partial<OpenAICompatibleOptions> {
  /** The model's name on the wire, e.g. `claude-sonnet-4-5`. */
  readonly model: string;
}

/**
 * A model of Anthropic, with retries and time limits. The key comes from `apiKey` or the environment variable
 * ANTHROPIC_API_KEY, the address from `baseUrl` or ANTHROPIC_BASE_URL.
 *
 * @example
 * ```ts
 * import { anthropic } from 'lmdeck';
 *
 * console.log(anthropic({ model: 'claude-sonnet-4-5', apiKey: 'sk-ant-…' }).id); // anthropic/claude-sonnet-4-5
 * ```
 */
export function anthropic(options: AnthropicOptions): LanguageModel {
  const { retry: retries, timeouts, ...endpoint } = options;
  const baseUrl = process.env[anthropicPreset.baseUrlEnv] || anthropicPreset.baseUrl;
  return languageModel(
    messagesModel({ ...anthropicPreset, baseUrl, ...endpoint }),
    ...(retries === false ? [] : [retry(retries)]),
    timeout(timeouts),
  );
}
