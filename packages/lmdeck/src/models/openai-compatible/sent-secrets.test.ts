import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { languageModel, LmdeckError, type PromptOptions } from '../../core/index.ts';
import { chatModel } from './chat-model.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const SECRETS = ['plainkey-of-endpoint', 'plainkey-of-call', 'header-value-1', 'header-value-2', 'query-value', 'password-of-url'];

/** All that a request says of who sends it. */
function quoted({ url, headers }: IncomingMessage): string {
  return `refused ${url} ${Buffer.from(headers.authorization ?? '', 'base64').toString()} ${JSON.stringify(headers)}`;
}

/** Refuses with what it was sent, in one of the ways in which servers do. */
async function refusing(how: 'status' | 'body' | 'stream'): Promise<string> {
  const server = createServer((request, response) => {
    const error = { message: quoted(request), type: 'x', param: request.headers['x-token'] };
    if (how === 'status') response.statusCode = 400;
    response.setHeader('content-type', how === 'stream' ? 'text/event-stream' : 'application/json');
    response.end(how === 'stream' ? `data: ${JSON.stringify({ error })}\n\n` : JSON.stringify({ error }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

async function errorOf(address: string, options: PromptOptions): Promise<string> {
  const model = languageModel(
    chatModel({
      name: 'here',
      baseUrl: `http://user:password-of-url@${address}/v1?api-key=query-value`,
      model: 'm',
      apiKey: 'plainkey-of-endpoint',
      headers: { 'x-token': 'header-value-1' },
    }),
  );
  const error = await model
    .prompt('Hi', options)
    .text()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LmdeckError);
  return JSON.stringify([LmdeckError.from(error).toInfo(), String(LmdeckError.from(error).cause)]);
}

describe('a server that quotes what it refuses tells no secret', () => {
  test.each([
    ['status', false],
    ['body', false],
    ['stream', true],
  ] as const)('as %s', async (how, stream) => {
    const address = await refusing(how);
    const errors = [
      await errorOf(address, { stream }),
      await errorOf(address, { stream, apiKey: 'plainkey-of-call', headers: { 'x-api-key': 'header-value-2' } }),
    ];
    for (const error of errors) {
      expect(error).toContain('refused /v1/chat/completions?api-key=…');
      for (const secret of SECRETS) expect(error).not.toContain(secret);
    }
  });
});

test('a key among the fields of every request is no part of what the model is', () => {
  const revision = (extraBody: Record<string, string>): string | undefined =>
    chatModel({ name: 'here', baseUrl: 'http://127.0.0.1:9/v1', model: 'm', extraBody }).revision;
  expect(revision({ api_key: 'secret-value', user: 'u' })).toBe('{"user":"u"}');
  expect(revision({ api_key: 'secret-value' })).toBeUndefined();
});
