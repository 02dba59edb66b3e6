import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the server says to one request. */
export interface Answer {
  readonly status?: number;
  /** Sent instead of an answer, as it is: JSON, unless `headers` say something else. */
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reasoning?: string;
  /** The text, in the pieces in which it is streamed. */
  readonly text?: readonly string[];
  readonly finish?: string;
  readonly usage?: Readonly<Record<string, unknown>>;
  /** Cuts the connection after the text. */
  readonly reset?: boolean;
  /** Never ends the answer: the client has to leave. */
  readonly hang?: boolean;
  /** Says the last piece again and again until the client leaves. */
  readonly endless?: boolean;
}

/** A request as the server got it. */
export interface ChatRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: {
    readonly model: string;
    readonly stream?: boolean;
    readonly messages: readonly { readonly role: string; readonly content: unknown }[];
    readonly [key: string]: unknown;
  };
}

/** An OpenAI-compatible server that says what it is told to. */
export interface ChatServer extends AsyncDisposable {
  /** Up to the `/v1`. */
  readonly url: string;
  readonly requests: ChatRequest[];
  /** Resolves when a client has left before the end of its answer. */
  readonly left: Promise<void>;
}

/** Starts a server on the loopback device. */
export async function chatServer(answer: (request: ChatRequest, index: number) => Answer): Promise<ChatServer> {
  const requests: ChatRequest[] = [];
  const left = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableEnded) left.resolve();
    });
    void readBody(request).then((text) => {
      const chat: ChatRequest = {
        path: request.url ?? '',
        headers: request.headers,
        body: text === '' ? { model: '', messages: [] } : JSON.parse(text),
      };
      const index = requests.push(chat) - 1;
      send(response, chat, answer(chat, index));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${port(server)}/v1`, requests, left: left.promise, [Symbol.asyncDispose]: () => close(server) };
}

function send(response: ServerResponse, { body }: ChatRequest, answer: Answer): void {
  const { status = 200, text = [], usage, finish = 'stop' } = answer;
  if (answer.body !== undefined) {
    response.writeHead(status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
    return;
  }
  if (answer.hang === true && body.stream !== true) return;
  const head = { id: 'chatcmpl-1', model: `${body.model}-2026`, created: 1 };
  if (body.stream !== true) {
    const message = {
      role: 'assistant',
      content: text.join(''),
      ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (data: unknown): void => void response.write(`data: ${JSON.stringify(data)}\n\n`);
  const delta = (part: Readonly<Record<string, string>>): void => event({ ...head, choices: [{ index: 0, delta: part }] });
  if (answer.reasoning !== undefined) delta({ reasoning_content: answer.reasoning });
  for (const piece of text) delta({ content: piece });
  if (answer.hang === true) return;
  if (answer.endless === true) {
    const timer = setInterval(() => delta({ content: text.at(-1) ?? '' }), 20);
    response.on('close', () => clearInterval(timer));
    return;
  }
  if (answer.reset === true) {
    // After the bytes are out: an RST would take them back.
    response.write('', () => response.socket?.end());
    return;
  }
  event({ ...head, choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  if (usage !== undefined) event({ ...head, choices: [], usage });
  response.end('data: [DONE]\n\n');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function port(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen');
  return address.port;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
