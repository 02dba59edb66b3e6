import { existsSync } from 'node:fs';
import { LmdeckError, type Tokenizer } from '../../core/index.ts';
import type { Deck } from '../../deck/index.ts';

/**
 * The tokenizer that a word names: a URL (vLLM, llama-server), a tokenizer.json or its folder, a tiktoken encoding or a model of
 * OpenAI's.
 * @throws LmdeckError `usage` when it is none of these.
 */
export async function namedTokenizer(name: string): Promise<Tokenizer> {
  const tokenize = await import('../../tokenize/index.ts');
  if (/^https?:\/\//.test(name)) return tokenize.remoteTokenizer({ baseUrl: name });
  if (existsSync(name)) return tokenize.huggingFaceTokenizer(name);
  if (tokenize.hasEncoding(name) || !/[\\/.]/.test(name)) return tokenize.tiktokenTokenizer(name);
  throw new LmdeckError(
    'usage',
    `There is no file ${name}. --tokenizer takes a tokenizer.json or its folder, a URL, or an encoding like o200k_base.`,
  );
}

/**
 * The tokenizer of a model: the one that it gives, else that of the server that it runs on, where that is the user's own.
 * @throws LmdeckError `capability` when there is none.
 */
export async function modelTokenizer(deck: Deck, name: string | undefined): Promise<Tokenizer> {
  const model = await deck.model(name);
  if (model.tokenizer !== undefined) return model.tokenizer();
  const slash = model.id.indexOf('/');
  const endpoint = await deck.endpoints.get(model.id.slice(0, Math.max(0, slash)));
  const wireName = model.id.slice(slash + 1);
  const known = endpoint?.models?.find((each) => each.id === wireName);
  // A public service has no tokenizer to ask, and need not be told what is counted.
  if (endpoint?.source !== 'file' || (known?.tokenizer ?? endpoint.tokenizer) !== undefined)
    throw new LmdeckError(
      'capability',
      `${model.id} does not give its tokenizer. Name one: --tokenizer o200k_base, or the path of a tokenizer.json; for good as "tokenizer" of the model in endpoints.yaml.`,
    );
  const { remoteTokenizer } = await import('../../tokenize/index.ts');
  const apiKey = await deck.keys.resolve({ keyName: endpoint.keyName, envName: endpoint.keyEnv });
  return remoteTokenizer({ baseUrl: endpoint.baseUrl, model: known?.name ?? wireName, apiKey, proxy: endpoint.proxy });
}
