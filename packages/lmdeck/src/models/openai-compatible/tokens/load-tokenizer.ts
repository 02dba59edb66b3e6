import type { Tokenizer } from '../../../core/index.ts';
import { hasEncoding, huggingFaceTokenizer, remoteTokenizer, tiktokenTokenizer } from '../../../tokenize/index.ts';
import type { Endpoint } from '../endpoint.ts';

/** The tokenizer that an endpoint names. @throws LmdeckError as the tokenizers do. */
export async function loadTokenizer(source: string, endpoint: Endpoint, model: string): Promise<Tokenizer> {
  if (source === 'remote') return serverTokenizer(endpoint, model);
  if (source === 'tiktoken') return tiktokenTokenizer(model);
  return hasEncoding(source) ? tiktokenTokenizer(source) : huggingFaceTokenizer(source);
}

function serverTokenizer({ baseUrl, apiKey, keyEnv, headers, tls, proxy, transport }: Endpoint, model: string): Promise<Tokenizer> {
  return remoteTokenizer({
    baseUrl,
    model,
    apiKey: async () => {
      const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
      return key || (keyEnv === undefined ? undefined : process.env[keyEnv]);
    },
    headers,
    tls,
    proxy,
    transport,
  });
}
