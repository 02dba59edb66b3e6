import type { Endpoint } from './endpoint.ts';

/** A known server: where it usually is, what it takes, and which model it has when none is named. */
export interface EndpointPreset extends Omit<Endpoint, 'apiKey' | 'transport'> {
  /** What it speaks. Default: OpenAI's chat completions. */
  readonly protocol?: 'anthropic' | 'gemini';
  /** Environment variable that replaces `baseUrl`. */
  readonly baseUrlEnv?: string;
  readonly defaultModel?: string;
}

/** Known servers by name. Plain data: spread one and change what is different on yours. */
export const presets = {
  openai: {
    name: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    baseUrlEnv: 'OPENAI_BASE_URL',
    keyName: 'openai',
    keyEnv: 'OPENAI_API_KEY',
    defaultModel: 'gpt-5.6-luna',
    // Its reasoning models reject max_tokens, and the others take both.
    maxTokensField: 'max_completion_tokens',
    refuses: ['top_k', 'min_p', 'repetition_penalty'],
    batches: { protocol: 'openai', priceShare: 0.5 },
    tokenizer: 'tiktoken',
  },
  openrouter: {
    name: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyName: 'openrouter',
    keyEnv: 'OPENROUTER_API_KEY',
    refuses: ['n', 'echo'],
    tokenizer: 'tiktoken',
    capabilities: { attachments: ['image/*', 'audio/*', 'video/*', 'application/pdf'] },
    batches: false,
  },
  mistral: {
    name: 'mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    keyName: 'mistral',
    keyEnv: 'MISTRAL_API_KEY',
    // It refuses what it does not know; its seed has another name: { extraBody: { random_seed: 1 } }.
    refuses: [
      'echo',
      'stream_options',
      'seed',
      'logit_bias',
      'logprobs',
      'top_logprobs',
      'reasoning_effort',
      'user',
      'service_tier',
      'verbosity',
      'top_k',
      'min_p',
      'repetition_penalty',
    ],
    capabilities: { attachments: ['image/*', 'application/pdf'], raw: false },
    batches: { protocol: 'mistral', priceShare: 0.5 },
  },
  ollama: {
    name: 'ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    // It ignores these without a word; asking for them must not look as if it worked.
    refuses: [
      'n',
      'echo',
      'logit_bias',
      'user',
      'parallel_tool_calls',
      'service_tier',
      'verbosity',
      'top_k',
      'min_p',
      'repetition_penalty',
    ],
    capabilities: { attachments: ['image/*'] },
    batches: false,
  },
  'llama-server': {
    name: 'llama-server',
    baseUrl: 'http://127.0.0.1:8080/v1',
    refuses: ['service_tier', 'verbosity', 'repetition_penalty'],
    tokenizer: 'remote',
    // It scores token by token, so texts that come together gain nothing.
    capabilities: { attachments: ['image/*', 'audio/*'], score: { contexts: ['text', 'tokens', 'chat'], batch: 1, spareTokens: 2 } },
    batches: false,
  },
  vllm: {
    name: 'vllm',
    baseUrl: 'http://127.0.0.1:8000/v1',
    refuses: ['service_tier', 'verbosity'],
    tokenizer: 'remote',
    capabilities: { attachments: ['image/*', 'audio/*', 'video/*'] },
  },
  tgi: {
    name: 'tgi',
    baseUrl: 'http://127.0.0.1:3000/v1',
    refuses: [
      'n',
      'echo',
      'parallel_tool_calls',
      'reasoning_effort',
      'service_tier',
      'verbosity',
      'top_k',
      'min_p',
      'repetition_penalty',
      'user',
    ],
    capabilities: { attachments: ['image/*'] },
    batches: false,
  },
  'lm-studio': {
    name: 'lm-studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    refuses: [
      'n',
      'echo',
      'user',
      'logprobs',
      'top_logprobs',
      'service_tier',
      'verbosity',
      'parallel_tool_calls',
      'min_p',
      'repetition_penalty',
    ],
    capabilities: { attachments: ['image/*'] },
    batches: false,
  },
} as const satisfies Readonly<Record<string, EndpointPreset>>;

/** Names of the known servers. */
export type PresetName = keyof typeof presets;
