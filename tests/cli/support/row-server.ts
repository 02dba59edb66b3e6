import { createServer, type Server, type ServerResponse } from 'node:http';

/** How the server treats one request. */
type Treat = (prompt: string, response: ServerResponse, count: number, body: { readonly n?: number }) => void | Promise<void>;

/** An OpenAI-compatible server that knows how often it was asked what. */
interface RowServer extends AsyncDisposable {
  readonly url: string;
  /** By the text of the last message. */
  readonly asked: ReadonlyMap<string, number>;
  readonly count: number;
  /** Waits until nobody is connected: then all that was sent has come in. */
  idle(): Promise<void>;
}

/** Starts a server on the loopback device. `treat` is told the text of the last message, and how many requests there were with this one. */
export async function rowServer(treat: Treat): Promise<RowServer> {
  const asked = new Map<string, number>();
  let count = 0;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const body: { readonly messages: readonly { readonly content: string }[]; readonly n?: number } = JSON.parse(text);
      const prompt = body.messages.at(-1)?.content ?? '';
      asked.set(prompt, (asked.get(prompt) ?? 0) + 1);
      void treat(prompt, response, ++count, body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    asked,
    get count() {
      return count;
    },
    idle: async () => {
      while ((await connections(server)) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, open) => (error === null ? resolve(open) : reject(error)));
  });
}

/** What a good answer looks like. */
export function chatAnswer(text: string, samples = 1): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'small',
    choices: Array.from({ length: samples }, (_, index) => ({
      index,
      message: { role: 'assistant', content: text },
      finish_reason: 'stop',
    })),
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  });
}

export function say(response: ServerResponse, text: string, samples = 1): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(chatAnswer(text, samples));
}
