import type { BatchLimits, Capabilities, JsonObject } from '../../core/index.ts';
import type { HttpTransport, TlsOptions } from '../../transport/index.ts';
import type { TokenizerSource } from './tokens/tokenizer-source.ts';

/** A server that speaks OpenAI's chat completions, and what it takes. Plain data but for functions and `transport`. */
export interface Endpoint {
  /** First half of the model ids, key of provider metadata, subject of error messages: `openai`, `ollama`, `office-vllm`. */
  readonly name: string;
  /** Up to and including the version: `http://127.0.0.1:8000/v1`. A query (Azure's `api-version`) is sent along. */
  readonly baseUrl: string;
  /** The key, or how to get it; asked for at every call. */
  readonly apiKey?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Name under which the key is stored (`lmdeck keys set NAME`); absent for a server that needs none. */
  readonly keyName?: string | undefined;
  /** Environment variable that has the key where no other is given. */
  readonly keyEnv?: string | undefined;
  /** Header that carries the key as it is. Default: `authorization`, as a bearer token. */
  readonly keyHeader?: string | undefined;
  /** Sent with every request; a header of the call wins. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Fields merged into every request body; the option `extraBody` of a call wins. */
  readonly extraBody?: JsonObject | undefined;
  /** Optional body fields that this server rejects or ignores: `stream_options`, `seed`, `n`, `response_format`, … */
  readonly refuses?: readonly string[] | undefined;
  /** Field for the token limit. Default: `max_tokens`. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** Field of answers that carries reasoning, besides `reasoning_content`, `reasoning` and `reasoning_text`. */
  readonly reasoningField?: string | undefined;
  /** How reasoning goes back in a history. Default: not at all, because several servers reject it. */
  readonly sendReasoning?: SendReasoning | undefined;
  /**
   * Fields of this server's own messages that go back with them unchanged. Default: `reasoning_details`, `extra_content`,
   * `thinking_blocks`.
   */
  readonly sendBack?: readonly string[] | undefined;
  /** How many raw prompts that are asked at the same time may go into one request. Default: 1. */
  readonly batchPrompts?: number | undefined;
  /** How many texts that are scored at the same time may go into one request. Default: 16. */
  readonly batchScores?: number | undefined;
  /** How it takes jobs of many requests; `false`: not at all. Default: as OpenAI does. */
  readonly batches?: BatchProtocol | false | undefined;
  /** Its tokenizer, loaded when somebody asks for it. Default: none. */
  readonly tokenizer?: TokenizerSource | undefined;
  /** Tokens that prompt and answer can have together. Default: what the server says, if it does. */
  readonly contextSize?: number | undefined;
  /** Differences from what most of these servers can do. */
  readonly capabilities?: Capabilities | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Proxy URL; `false` for none; absent: from the environment. */
  readonly proxy?: string | false | undefined;
  /** How requests are sent. Default: node:http with kept-alive connections. */
  readonly transport?: HttpTransport | undefined;
}

/** How a server takes jobs of many requests. */
export interface BatchProtocol {
  /** `openai`: `/files` and `/batches`; `mistral`: `/files` and `/batch/jobs`. */
  readonly protocol: 'openai' | 'mistral';
  /** The share of the list price that a request in a job costs. Default: 1. */
  readonly priceShare?: number | undefined;
  /** What differs from the protocol's own limits. */
  readonly limits?: BatchLimits | undefined;
}

/** In which field reasoning goes back, and with which messages: DeepSeek takes it with tool calls only. */
export interface SendReasoning {
  readonly field: 'reasoning_content' | 'reasoning';
  readonly when: 'always' | 'with-tool-calls';
}

/** What these servers usually can do. */
const USUAL: Capabilities = {
  streaming: true,
  tools: true,
  schema: true,
  attachments: ['image/*', 'audio/wav', 'audio/mpeg', 'application/pdf'],
  logprobs: true,
  samples: true,
  raw: true,
  // The server reads the last token too, and has to make one more.
  score: { contexts: ['text', 'tokens', 'chat'], batch: 16, spareTokens: 2 },
};

/** What an endpoint can do, all told. */
export function endpointCapabilities(endpoint: Pick<Endpoint, 'capabilities' | 'refuses' | 'batchScores'>): Capabilities {
  const refused = endpoint.refuses ?? [];
  const { score, ...usual } = USUAL;
  const scored = refused.includes('echo') ? undefined : (endpoint.capabilities?.score ?? score);
  return {
    ...usual,
    ...(refused.includes('response_format') ? { schema: false } : {}),
    ...(refused.includes('tools') ? { tools: false } : {}),
    ...(refused.includes('n') ? { samples: false } : {}),
    ...(refused.includes('logprobs') ? { logprobs: false } : {}),
    ...(refused.includes('stream') ? { streaming: false } : {}),
    ...endpoint.capabilities,
    ...(scored === undefined ? {} : { score: endpoint.batchScores === undefined ? scored : { ...scored, batch: endpoint.batchScores } }),
  };
}
