import type { Tokenizer } from '../../../core/index.ts';
import {
  countOpenAiMessages,
  hasEncoding,
  huggingFaceTokenizer,
  remoteTokenizer,
  tiktokenTokenizer,
  type MessageCounter,
} from '../../../tokenize/index.ts';
import type { Endpoint } from '../endpoint.ts';

/** The tokenizer that an endpoint names. @throws LmdeckError as the tokenizers do. */
export async function loadTokenizer(source: string, endpoint: Endpoint, model: string): Promise<Tokenizer> {
  if (source === 'remote') return serverTokenizer(endpoint, model);
  if (source === 'tiktoken') return openAiTokenizer(model);
  return hasEncoding(source) ? tiktokenTokenizer(source) : huggingFaceTokenizer(source);
}

/**
 * Counts messages by OpenAI's rule, for want of its chat templates. Tools count as their JSON, which is longer than what OpenAI makes of them.
 */
async function openAiTokenizer(model: string): Promise<Tokenizer & MessageCounter> {
  const tokenizer = await tiktokenTokenizer(model);
  return {
    ...tokenizer,
    countMessages: async (messages, { tools = [] } = {}) =>
      (await countOpenAiMessages(tokenizer, messages)) + (tools.length === 0 ? 0 : tokenizer.count(JSON.stringify(tools))),
  };
}

function serverTokenizer({ baseUrl, apiKey, keyEnv, headers, tls, proxy, transport }: Endpoint, model: string): Promise<Tokenizer> {
  return remoteTokenizer({
    baseUrl,
    model,
    apiKey: async () => {
      const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
      return key || (keyEnv === undefined ? undefined : process.env[keyEnv]?.trim());
    },
    headers,
    tls,
    proxy,
    transport,
  });
}
