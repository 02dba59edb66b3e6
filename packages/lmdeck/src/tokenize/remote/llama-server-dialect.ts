import { basename } from 'node:path';
import { isJsonObject } from '../../core/index.ts';
import { textOf, tokenNames, tokensOf, type Dialect } from './dialect.ts';
import type { JsonClient } from './json-client.ts';
import { openAiMessages } from './open-ai-messages.ts';

/** The server of llama.cpp: `/tokenize`, `/detokenize`, `/apply-template`, `/props`. */
export function llamaServerDialect(client: JsonClient): Dialect {
  return {
    name: 'llama-server',
    info: async () => {
      const answer = await client.request('/props');
      const { chat_template: chatTemplate, default_generation_settings: settings, model_alias: alias, model_path: path } = answer;
      const contextSize = isJsonObject(settings) ? settings['n_ctx'] : undefined;
      const names = tokenNames(answer);
      const model = typeof alias === 'string' && alias !== '' ? alias : typeof path === 'string' ? basename(path) : undefined;
      return {
        names,
        special: Object.values(names).map((text) => ({ text })),
        ...(typeof chatTemplate === 'string' && chatTemplate !== '' ? { chatTemplate } : {}),
        ...(typeof contextSize === 'number' ? { contextSize } : {}),
        ...(model === undefined ? {} : { model }),
      };
    },
    encode: async (content, { addSpecial = false, special = 'text' }) =>
      tokensOf(client, await client.request('/tokenize', { content, add_special: addSpecial, parse_special: special === 'token' })),
    decode: async (ids) => textOf(client, '/detokenize', (await client.request('/detokenize', { tokens: ids }))['content']),
    encodeMessages: async (messages, options) => {
      const rendered = await client.request('/apply-template', openAiMessages(messages, options));
      const content = textOf(client, '/apply-template', rendered['prompt']);
      // The server leaves out the BOS that a template begins with, and puts it there when it tokenizes.
      return tokensOf(client, await client.request('/tokenize', { content, add_special: true, parse_special: true }));
    },
  };
}
