import { isJsonObject, LmdeckError, type JsonObject, type TokenIds } from '../../core/index.ts';
import { textOf, tokenNames, tokensOf, type Dialect, type RemoteInfo } from './dialect.ts';
import type { JsonClient } from './json-client.ts';
import { openAiMessages } from './open-ai-messages.ts';

/**
 * vLLM (and SGLang): `/tokenize`, `/detokenize`, and `/tokenizer_info` where the server was started with
 * `--enable-tokenizer-info-endpoint`. Special tokens written out in a text are always tokens there.
 */
export function vllmDialect(client: JsonClient, model: string | undefined): Dialect {
  const named: JsonObject = model === undefined ? {} : { model };

  /** A server that tells nothing of its special tokens shows the one that it begins texts with, if any. */
  const beginning = async (): Promise<RemoteInfo> => {
    const ids = async (special: boolean): Promise<TokenIds> =>
      tokensOf(client, await client.request('/tokenize', { ...named, prompt: 'a', add_special_tokens: special }));
    const [[id, ...rest], plain] = await Promise.all([ids(true), ids(false)]);
    if (id === undefined || plain.length === 0 || rest[0] !== plain[0]) return { names: {}, special: [] };
    const text = textOf(client, '/detokenize', (await client.request('/detokenize', { ...named, tokens: [id] }))['prompt']);
    return text === '' ? { names: {}, special: [] } : { names: { bos_token: text }, special: [{ text, id }] };
  };

  return {
    name: 'vllm',
    info: async () => {
      const [config, { max_model_len: contextSize }] = await Promise.all([
        tokenizerInfo(client),
        client.request('/tokenize', { ...named, prompt: 'a', add_special_tokens: false }),
      ]);
      return {
        ...(config ?? (await beginning())),
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
async function tokenizerInfo(client: JsonClient): Promise<RemoteInfo | undefined> {
  let answer: JsonObject;
  try {
    answer = await client.request('/tokenizer_info');
  } catch (error) {
    const code = LmdeckError.from(error).code;
    if (code === 'not-found' || code === 'permission' || code === 'invalid-response') return undefined;
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
