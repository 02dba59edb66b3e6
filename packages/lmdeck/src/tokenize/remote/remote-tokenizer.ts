import {
  LmdeckError,
  type ChatTemplate,
  type Message,
  type RenderOptions,
  type SpecialToken,
  type TokenIds,
  type Tokenizer,
} from '../../core/index.ts';
import { chatTemplate } from '../chat/chat-template.ts';
import type { MessageCounter } from '../context/count-messages.ts';
import { tokensOf, type Dialect, type RemoteDialect, type RemoteInfo } from './dialect.ts';
import { JsonClient, type JsonClientOptions } from './json-client.ts';
import { llamaServerDialect } from './llama-server-dialect.ts';
import { LruCache } from './lru-cache.ts';
import { vllmDialect } from './vllm-dialect.ts';

export interface RemoteTokenizerOptions extends JsonClientOptions {
  /** The model's name on the wire; vLLM refuses others than its own. */
  readonly model?: string | undefined;
  /** Default: found out by asking. */
  readonly dialect?: RemoteDialect | undefined;
  /** Answers are kept up to so many token ids in all. Default: 100,000; 0 for none. */
  readonly cacheTokens?: number | undefined;
}

/** A tokenizer behind a server. */
export interface RemoteTokenizer extends Tokenizer, MessageCounter {
  readonly dialect: RemoteDialect;
  /** Tokens that prompt and answer can have together, where the server says so. */
  readonly contextSize?: number;
  encode(text: string, options?: Parameters<Tokenizer['encode']>[1]): Promise<TokenIds>;
  decode(ids: TokenIds, options?: Parameters<Tokenizer['decode']>[1]): Promise<string>;
  count(text: string, options?: Parameters<Tokenizer['count']>[1]): Promise<number>;
  /** Messages as the server's own chat template makes them into tokens. */
  encodeMessages(messages: readonly Message[], options?: RenderOptions): Promise<TokenIds>;
  countMessages(messages: readonly Message[], options?: RenderOptions): Promise<number>;
}

/**
 * The tokenizer of a server: vLLM, SGLang or llama-server. Asks again after errors that pass, and remembers answers.
 *
 * - vLLM reads special tokens in a text as tokens, always. Where it names them (`--enable-tokenizer-info-endpoint`), a text that has one
 *   is refused with `capability` unless `special: 'token'` is asked for.
 * - `bos`, `eos` and `chatTemplate` are there when the server tells them; `countMessages` works without.
 *
 * @throws LmdeckError `capability` when the server has no such endpoint, otherwise what an HTTP request can fail with.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { remoteTokenizer } from 'lmdeck/tokenize';
 *
 * // Answers like llama-server.
 * const server = createServer((request, response) => response.end(request.url === '/props' ? '{"total_slots":1}' : '{"tokens":[15339]}'));
 * await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
 * const address = server.address();
 * const port = typeof address === 'object' ? address?.port : undefined;
 *
 * const tokenizer = await remoteTokenizer({ baseUrl: `http://127.0.0.1:${port}/v1` });
 * console.log(tokenizer.dialect, await tokenizer.encode('hello')); // llama-server [ 15339 ]
 * server.close();
 * ```
 */
export async function remoteTokenizer(options: RemoteTokenizerOptions): Promise<RemoteTokenizer> {
  const client = new JsonClient(options);
  const dialect = dialectOf(options.dialect ?? (await detect(client, options.model)), client, options.model);
  const info = await dialect.info();
  const id = `${dialect.name}/${info.model ?? options.model ?? new URL(client.root).host}`;
  const cached = answers(dialect, options.cacheTokens ?? 100_000);

  const encode: RemoteTokenizer['encode'] = async (text, encodeOptions = {}) => {
    if (dialect.name === 'vllm' && encodeOptions.special !== 'token') refuseSpecial(id, text, info);
    return cached.encode(text.toWellFormed(), encodeOptions);
  };
  const encodeMessages: RemoteTokenizer['encodeMessages'] = (messages, renderOptions = {}) =>
    dialect.encodeMessages(messages, renderOptions);
  const ids = await specialIds(dialect, info);
  const [bos, eos] = ['bos_token', 'eos_token'].map((name) => named(info, name, ids));
  const template = await ownTemplate(id, info);
  return {
    id,
    dialect: dialect.name,
    ...(bos === undefined ? {} : { bos }),
    ...(eos === undefined ? {} : { eos }),
    ...(template === undefined ? {} : { chatTemplate: template }),
    ...(info.contextSize === undefined ? {} : { contextSize: info.contextSize }),
    encode,
    decode: async (tokens, { skipSpecial = false } = {}) => {
      const wanted = skipSpecial ? tokens.filter((token) => !ids.has(token)) : tokens;
      return wanted.length === 0 ? '' : cached.decode(wanted);
    },
    count: async (text, encodeOptions) => (await encode(text, encodeOptions)).length,
    encodeMessages,
    countMessages: async (messages, renderOptions) => (await encodeMessages(messages, renderOptions)).length,
  };
}

/** Both servers take a request that has the fields of both, and answer each in its own way. */
async function detect(client: JsonClient, model: string | undefined): Promise<RemoteDialect> {
  const named = model === undefined ? {} : { model };
  try {
    const answer = await client.request('/tokenize', {
      ...named,
      prompt: 'a',
      content: 'a',
      add_special_tokens: false,
      add_special: false,
    });
    tokensOf(client, answer);
    return typeof answer['count'] === 'number' ? 'vllm' : 'llama-server';
  } catch (error) {
    const { code, status } = LmdeckError.from(error);
    if (code !== 'not-found' && status !== 405) throw error;
    throw new LmdeckError(
      'capability',
      `${client.root} has no tokenizer to ask: POST /tokenize is not there. vLLM, SGLang and llama-server have one; for other models take huggingFaceTokenizer or tiktokenTokenizer.`,
      { cause: error },
    );
  }
}

function dialectOf(name: RemoteDialect, client: JsonClient, model: string | undefined): Dialect {
  return name === 'vllm' ? vllmDialect(client, model) : llamaServerDialect(client);
}

/** Answers to the same question are given once, also while the first is on its way; a failure is not kept. */
function through<T>(cache: LruCache<Promise<T>>, key: string, ask: () => Promise<T>, weight: (value: T) => number): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const answer = ask();
  cache.set(key, answer, 1);
  answer.then(
    (value) => cache.set(key, answer, 1 + weight(value)),
    () => cache.delete(key),
  );
  return answer;
}

function answers(dialect: Dialect, mostTokens: number): Pick<Dialect, 'encode' | 'decode'> {
  const encoded = new LruCache<Promise<TokenIds>>(mostTokens);
  const decoded = new LruCache<Promise<string>>(mostTokens);
  return {
    encode: (text, options) => {
      const key = `${options.addSpecial === true ? 1 : 0}${options.special ?? 'text'}:${text}`;
      return through(
        encoded,
        key,
        () => dialect.encode(text, options),
        (ids) => ids.length,
      );
    },
    decode: (ids) =>
      through(
        decoded,
        ids.join(' '),
        () => dialect.decode(ids),
        () => ids.length,
      ),
  };
}

function refuseSpecial(id: string, text: string, { special }: RemoteInfo): void {
  const found = special.find((token) => text.includes(token.text));
  if (found === undefined) return;
  throw new LmdeckError(
    'capability',
    `${id}: the text has ${JSON.stringify(found.text)}, which this server always reads as a special token. Ask for special: 'token' if that is meant.`,
  );
}

/** Special tokens by id; those without one are asked for, if they are one token. */
async function specialIds(dialect: Dialect, { special }: RemoteInfo): Promise<ReadonlyMap<number, string>> {
  const found = await Promise.all(
    special.map(async ({ text, id }): Promise<[number, string][]> => {
      if (id !== undefined) return [[id, text]];
      const [first, ...more] = await dialect.encode(text, { special: 'token' });
      return first === undefined || more.length > 0 ? [] : [[first, text]];
    }),
  );
  return new Map(found.flat());
}

function named({ names }: RemoteInfo, name: string, ids: ReadonlyMap<number, string>): SpecialToken | undefined {
  const text = names[name];
  for (const [id, each] of ids) if (each === text) return { id, text: each };
  return undefined;
}

/** A template that cannot be read here is no reason to fail: the server renders it. */
async function ownTemplate(id: string, { chatTemplate: source, names }: RemoteInfo): Promise<ChatTemplate | undefined> {
  if (source === undefined) return undefined;
  return chatTemplate(source, { variables: names, name: id }).catch(() => undefined);
}
