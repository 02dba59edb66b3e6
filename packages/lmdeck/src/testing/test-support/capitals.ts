import { createServer, type Server } from 'node:http';

/** A server that speaks OpenAI's protocol and knows capitals. Streams when it is asked to; remembers what it was asked. */
export interface CapitalServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly bodies: readonly string[];
}

export async function capitalServer(): Promise<CapitalServer> {
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      bodies.push(body);
      const answer = /France/.test(body) ? 'Paris' : /Italy/.test(body) ? 'Rome' : `answer ${bodies.length}`;
      if (/"stream":true/.test(body)) {
        response.setHeader('content-type', 'text/event-stream');
        for (const text of [answer.slice(0, 2), answer.slice(2)])
          response.write(`data: ${JSON.stringify({ id: `x${bodies.length}`, choices: [{ index: 0, delta: { content: text } }] })}\n\n`);
        response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
      } else if (/overload/.test(body)) {
        response.statusCode = 429;
        response.end(JSON.stringify({ error: { message: 'slow down, sk-abcdefghij1234567890abcd' } }));
      } else {
        response.setHeader('content-type', 'application/json');
        const choices = [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }];
        response.end(
          JSON.stringify({ id: `x${bodies.length}`, created: Date.now(), choices, usage: { prompt_tokens: 9, completion_tokens: 1 } }),
        );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    baseUrl: typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/v1` : '',
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
