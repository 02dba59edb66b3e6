/**
 * The parts of the peers that the adapters use, so that the types check in a checkout where bench/ was never installed. What the peers
 * really are is proven by running: every adapter's result is compared.
 */

declare module 'openai' {
  interface ChatParams {
    readonly model: string;
    readonly messages: readonly { readonly role: 'system' | 'user'; readonly content: string }[];
    readonly temperature?: number;
    readonly max_tokens?: number;
    readonly tools?: readonly object[];
    readonly stream?: boolean;
  }
  interface EchoParams {
    readonly model: string;
    readonly prompt: string;
    readonly temperature: number;
    readonly max_tokens: number;
    readonly logprobs: number;
    readonly echo: boolean;
  }
  interface Echo {
    readonly choices: readonly {
      readonly logprobs: { readonly token_logprobs?: readonly (number | null)[]; readonly text_offset?: readonly number[] } | null;
    }[];
  }
  interface ToolCall {
    readonly function: { readonly arguments: string };
  }
  interface Completion {
    readonly choices: readonly { readonly message: { readonly content: string | null; readonly tool_calls?: readonly ToolCall[] } }[];
  }
  interface Chunk {
    readonly choices: readonly {
      readonly delta: {
        readonly content?: string | null;
        readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[];
      };
    }[];
  }
  interface ChatStream extends AsyncIterable<Chunk> {
    finalChatCompletion(): Promise<Completion>;
  }
  export class OpenAI {
    constructor(options: { readonly apiKey: string; readonly baseURL: string });
    readonly chat: {
      readonly completions: {
        create(params: ChatParams & { readonly stream: true }): Promise<AsyncIterable<Chunk>>;
        create(params: ChatParams): Promise<Completion>;
        stream(params: ChatParams): ChatStream;
      };
    };
    readonly completions: { create(params: EchoParams): Promise<Echo> };
  }
}

declare module 'p-queue' {
  export default class PQueue {
    constructor(options: { readonly concurrency: number; readonly intervalCap?: number; readonly interval?: number });
    add<T>(work: () => Promise<T>): Promise<T>;
    onSizeLessThan(limit: number): Promise<void>;
    onIdle(): Promise<void>;
  }
}

declare module 'ai' {
  interface CallSettings {
    readonly model: import('@ai-sdk/openai-compatible').ChatModel;
    readonly instructions?: string;
    readonly prompt: string;
    readonly temperature?: number;
    readonly maxOutputTokens?: number;
    readonly tools?: Readonly<Record<string, object>>;
  }
  export function generateText(settings: CallSettings): Promise<{ readonly text: string }>;
  export function streamText(settings: CallSettings): {
    readonly textStream: AsyncIterable<string>;
    readonly toolCalls: Promise<readonly { readonly input: unknown }[]>;
  };
  export function tool(definition: { readonly description: string; readonly inputSchema: object }): object;
  export function jsonSchema(schema: object): object;
}

declare module '@ai-sdk/openai-compatible' {
  export interface ChatModel {
    readonly modelId: string;
  }
  export function createOpenAICompatible(settings: { readonly name: string; readonly baseURL: string; readonly apiKey: string }): {
    chatModel(modelId: string): ChatModel;
  };
}

declare module 'undici' {
  interface DispatchHandler {
    onRequestStart(controller: object): void;
    onResponseStart(controller: object, status: number, headers: Readonly<Record<string, string | string[]>>): void;
    onResponseData(controller: object, chunk: Buffer): void;
    onResponseEnd(controller: object, trailers: Readonly<Record<string, string | string[]>>): void;
    onResponseError(controller: object, error: Error): void;
  }
  interface RequestOptions {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }
  export class Agent {
    constructor(options?: { readonly connections?: number | null });
    dispatch(options: RequestOptions & { readonly origin: string; readonly path: string }, handler: DispatchHandler): boolean;
  }
  export function request(
    url: string,
    options: RequestOptions & { readonly dispatcher?: Agent },
  ): Promise<{ readonly body: AsyncIterable<Buffer> & { text(): Promise<string> } }>;
}

declare module 'fastest-levenshtein' {
  export function distance(a: string, b: string): number;
}

declare module 'eventsource-parser' {
  export function createParser(handlers: { readonly onEvent: (event: { readonly data: string }) => void }): { feed(text: string): void };
}

declare module 'bottleneck' {
  export default class Bottleneck {
    constructor(options: {
      readonly maxConcurrent: number;
      readonly reservoir: number;
      readonly reservoirRefreshAmount: number;
      readonly reservoirRefreshInterval: number;
    });
    schedule<T>(run: () => Promise<T>): Promise<T>;
  }
}
