import { isJsonObject, LmdeckError, type JsonObject } from '../../core/index.ts';
import { textOf, tokenNames, tokensOf, type Dialect, type RemoteInfo } from './dialect.ts';
import type { JsonClient } from './json-client.ts';
import { openAiMessages } from './open-ai-messages.ts';

/**
 * vLLM (and SGLang): `/tokenize`, `/detokenize`, and `/tokenizer_info` where the server was started with
 * `--enable-tokenizer-info-endpoint`. Special tokens written out in a text are always tokens there.
 */
export function vllmDialect(client: JsonClient, model: string | undefined): Dialect {
  const named: JsonObject = model === undefined ? {} : { model };
  return {
    name: 'vllm',
    info: async () => {
      const [config, { max_model_len: contextSize }] = await Promise.all([
        tokenizerInfo(client),
        client.request('/tokenize', { ...named, prompt: 'a', add_special_tokens: false }),
      ]);
      return {
        ...config,
        ...(typeof contextSize === 'number' ? { contextSize } : {}),
        ...(model === undefined ? {} : { model }),
      };
    },
    encode: async (text, { addSpecial = false }) =>
      tokensOf(client, await client.request('/tokenize', { ...named, prompt: text, add_special_tokens: addSpecial })),
    decode: async (ids) => textOf(client, '/detokenize', (await client.request('/detokenize', { ...named, tokens: ids }))['prompt']),
    encodeMessages: async (messages, options) =>
      tokensOf(client, await client.request('/tokenize', { ...named, ...openAiMessages(messages, options), add_special_tokens: false })),
  };
}

/** Nothing where the server does not tell. */
async function tokenizerInfo(client: JsonClient): Promise<RemoteInfo> {
  let answer: JsonObject;
  try {
    answer = await client.request('/tokenizer_info');
  } catch (error) {
    const code = LmdeckError.from(error).code;
    if (code === 'not-found' || code === 'permission' || code === 'invalid-response') return { names: {}, special: [] };
    throw error;
  }
  const { chat_template: chatTemplate, added_tokens_decoder: added } = answer;
  const names = tokenNames(answer);
  const special = Object.entries(isJsonObject(added) ? added : {}).flatMap(([id, token]) =>
    isJsonObject(token) && token['special'] === true && typeof token['content'] === 'string'
      ? [{ text: token['content'], id: Number(id) }]
      : [],
  );
  const others = Object.values(names).filter((text) => !special.some((token) => token.text === text));
  return {
    names,
    special: [...special, ...others.map((text) => ({ text }))],
    ...(typeof chatTemplate === 'string' ? { chatTemplate } : {}),
  };
}
