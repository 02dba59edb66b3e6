/** The floor: node:http with a keep-alive agent, bodies and events taken apart by hand, nothing checked. */
import { Agent, request, type AgentOptions, type IncomingMessage } from 'node:http';
import { ArgumentsJoin, completionText, handSse, TextCount, type ChunkReader } from '../hand-sse.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { chatBody, chatTools } from '../workload.ts';

export function open({ baseUrl }: ClientSetup): Tasks {
  const { hostname, port } = new URL(baseUrl);
  // Known to the documentation, not to the types.
  const settings: AgentOptions & { readonly noDelay: boolean } = { keepAlive: true, maxSockets: 1024, noDelay: true };
  const agent = new Agent(settings);

  function post(body: string, onResponse: (response: IncomingMessage) => void, reject: (error: Error) => void): void {
    const headers = {
      'content-type': 'application/json',
      authorization: 'Bearer sk-test',
      accept: 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request({ hostname, port, path: '/v1/chat/completions', method: 'POST', agent, headers }, onResponse);
    sent.on('error', reject);
    sent.end(body);
  }

  function stream(body: string, reader: ChunkReader): Promise<string> {
    const onData = handSse(reader.chunk);
    return new Promise((resolve, reject) => {
      post(
        body,
        (response) => {
          response.on('data', onData);
          response.on('end', () => resolve(reader.toString()));
          response.on('error', reject);
        },
        reject,
      );
    });
  }

  return {
    call: {
      run: (index) =>
        new Promise((resolve, reject) => {
          post(
            chatBody('mock', index),
            (response) => {
              const chunks: Buffer[] = [];
              response.on('data', (chunk: Buffer) => chunks.push(chunk));
              response.on('end', () => resolve(completionText(Buffer.concat(chunks).toString())));
              response.on('error', reject);
            },
            reject,
          );
        }),
    },
    stream: { run: (index, model) => stream(chatBody(model, index, { stream: true }), new TextCount()) },
    tool: { run: (index, model) => stream(chatBody(model, index, { stream: true, tools: chatTools }), new ArgumentsJoin()) },
  };
}
