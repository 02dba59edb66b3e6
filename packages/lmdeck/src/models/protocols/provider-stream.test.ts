import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { languageModel, type JsonObject, type LanguageModel } from '../../core/index.ts';
import { readAll, serveHttp, type Loopback } from '../../transport/test-support/loopback.ts';
import { anthropic } from '../anthropic/anthropic.ts';
import { messagesModel } from '../anthropic/messages-model.ts';
import { anthropicPreset } from '../anthropic/preset.ts';
import { messageStream } from '../anthropic/test-support/message-stream.ts';
import { gemini } from '../google/gemini.ts';
import { geminiModel } from '../google/gemini-model.ts';
import { geminiPreset } from '../google/preset.ts';
import { contentStream } from '../google/test-support/content-stream.ts';
import type { ChatModelOptions } from '../openai-compatible/chat-model.ts';

const pieces = ['Grüße, ', '👩‍👩‍👧', '!'];
const text = pieces.join('');

const message = {
  id: 'r1',
  type: 'message',
  role: 'assistant',
  model: 'm-2026',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 3, output_tokens: 2 },
};
const content = {
  candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 },
  modelVersion: 'm-2026',
  responseId: 'r1',
};

/** What differs between the two. */
const providers = {
  anthropic: {
    bare: (options: Partial<ChatModelOptions>) => messagesModel({ ...anthropicPreset, model: 'm', apiKey: 'k', ...options }),
    ready: anthropic,
    whole: message as JsonObject,
    events: messageStream(message, () => pieces),
    path: { whole: '/v1/messages', streamed: '/v1/messages' },
    overloaded: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
    /** The events up to the first piece of text. */
    begun: 4,
    sentKey: 'x-api-key',
  },
  gemini: {
    bare: (options: Partial<ChatModelOptions>) => geminiModel({ ...geminiPreset, model: 'm', apiKey: 'k', ...options }),
    ready: gemini,
    whole: content as JsonObject,
    events: contentStream(content, () => pieces),
    path: { whole: '/v1/models/m:generateContent', streamed: '/v1/models/m:streamGenerateContent?alt=sse' },
    overloaded: 'data: {"error":{"code":503,"status":"UNAVAILABLE","message":"Overloaded"}}\n\n',
    begun: 1,
    sentKey: 'x-goog-api-key',
  },
};

type Asked = { readonly path: string; readonly body: JsonObject; readonly connection: number; readonly accept: string | undefined };

/** A server that notes what it is asked and answers as it is told. */
async function serve(
  answer: (response: ServerResponse, asked: Asked) => unknown,
): Promise<{ readonly server: Loopback; readonly seen: Asked[] }> {
  const seen: Asked[] = [];
  const server = await serveHttp(async (request, response) => {
    const body: JsonObject = JSON.parse(await readAll(request));
    const connection = server.sockets.indexOf(request.socket) + 1;
    const asked = { path: request.url ?? '', body, connection, accept: request.headers.accept };
    seen.push(asked);
    await answer(response, asked);
  });
  return { server, seen };
}

describe.each(Object.values(providers))('$path.whole', ({ bare, ready, whole, events, path, overloaded, begun, sentKey }) => {
  const modelAt = (server: Loopback, options: Partial<ChatModelOptions> = {}): LanguageModel =>
    languageModel(bare({ baseUrl: `${server.url}/v1`, ...options }));
  const body = events.join('');

  test('says the same streamed and whole', async () => {
    const { server, seen } = await serve((response, asked) => {
      const streamed = asked.accept === 'text/event-stream';
      response.setHeader('content-type', streamed ? 'text/event-stream' : 'application/json');
      response.end(streamed ? body : JSON.stringify(whole));
    });
    await using _ = server;
    const model = modelAt(server);
    expect(model.capabilities).toMatchObject({ streaming: true, tools: true, schema: true });
    const said = [];
    for (const stream of [true, false]) {
      const response = model.prompt('Hi', { stream });
      said.push([await response.message(), await response.usage(), await response.finish(), await response.resolvedModel()]);
    }
    expect(said[0]).toEqual(said[1]);
    expect(said[0]).toMatchObject([{ parts: [{ type: 'text', text }] }, { inputTokens: 3, outputTokens: 2 }, { reason: 'stop' }, 'm-2026']);
    expect(seen.map((each) => each.path)).toEqual([path.streamed, path.whole]);
    expect(seen.map((each) => each.body['stream'])).toEqual(sentKey === 'x-api-key' ? [true, undefined] : [undefined, undefined]);
  });

  test('asks for whole answers where they are awaited whole, or the endpoint cannot stream', async () => {
    const { server, seen } = await serve((response) => response.end(JSON.stringify(whole)));
    await using _ = server;
    expect(await modelAt(server).prompt('Hi').text()).toBe(text);
    for (const options of [{ capabilities: { streaming: false } }, { refuses: ['stream'] }])
      expect((await Array.fromAsync(modelAt(server, options).prompt('Hi'))).join('')).toBe(text);
    expect(seen.map((each) => each.path)).toEqual([path.whole, path.whole, path.whole]);
    expect(seen.map((each) => each.accept)).toEqual(Array(3).fill('application/json'));
  });

  test('gives each piece as it comes', async () => {
    const heard = Promise.withResolvers<void>();
    const { server } = await serve(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(events.slice(0, begun).join(''));
      // A reader that waits for the end would wait for ever.
      await heard.promise;
      response.end(events.slice(begun).join(''));
    });
    await using _ = server;
    const got: string[] = [];
    for await (const piece of modelAt(server).prompt('Hi')) {
      got.push(piece);
      heard.resolve();
    }
    expect([got[0], got.join('')]).toEqual([pieces[0], text]);
  });

  test('survives every split of the bytes', async () => {
    const bytes = Buffer.from(body);
    const { server } = await serve(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.socket?.setNoDelay(true);
      for (let start = 0, size = 1; start < bytes.length; start += size, size = (size % 7) + 1) {
        response.write(bytes.subarray(start, start + size));
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    await using _ = server;
    expect((await Array.fromAsync(modelAt(server).prompt('Hi'))).join('')).toBe(text);
  });

  test('keeps its connection for the next call', async () => {
    const { server, seen } = await serve(async (response) => {
      response.write(body);
      for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      response.end();
    });
    await using _ = server;
    const model = modelAt(server);
    for (let i = 0; i < 3; i++) expect(await model.prompt('Hi', { stream: true }).text()).toBe(text);
    expect(seen.map((each) => each.connection)).toEqual([1, 1, 1]);
  });

  test('closes the connection when its reader leaves', async () => {
    const closed = Promise.withResolvers<void>();
    const { server } = await serve((response) => {
      response.on('close', () => closed.resolve());
      response.write(events.slice(0, begun).join(''));
    });
    await using _ = server;
    for await (const piece of modelAt(server).prompt('Hi')) {
      expect(piece).toBe(pieces[0]);
      break;
    }
    await closed.promise;
  });

  test.each([
    ['ends', (response: ServerResponse) => response.end(), 'incomplete-response'],
    ['breaks', (response: ServerResponse) => response.socket?.destroy(), 'incomplete-response'],
    ['is an error', (response: ServerResponse) => response.end(overloaded), 'server'],
  ])('a stream that %s in the middle is an error that may be tried again, and keeps what came', async (_name, stop, code) => {
    const { server } = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(events.slice(0, begun).join(''), () => stop(response));
    });
    await using _ = server;
    const all = [];
    for await (const event of modelAt(server).prompt('Hi', { stream: true }).events()) all.push(event);
    expect(all).toContainEqual({ type: 'text-delta', text: pieces[0] });
    expect(all.some((event) => event.type === 'finish')).toBe(false);
    expect(all.at(-1)).toMatchObject({ type: 'error', error: { code, retryable: true } });
  });

  test('is asked again when it was overloaded before it said anything', async () => {
    const { server, seen } = await serve((response) => response.end(seen.length === 1 ? overloaded : body));
    await using _ = server;
    const model = ready({ model: 'm', apiKey: 'k', baseUrl: `${server.url}/v1`, retry: { baseMs: 1 } });
    expect((await Array.fromAsync(model.prompt('Hi'))).join('')).toBe(text);
    expect(seen.length).toBe(2);
  });

  test('does not wait for ever for a stream that stands still', async () => {
    const { server } = await serve((response) => response.write(events.slice(0, begun).join('')));
    await using _ = server;
    const model = ready({ model: 'm', apiKey: 'k', baseUrl: `${server.url}/v1`, retry: false, timeouts: { idleMs: 50 } });
    await expect(model.prompt('Hi', { stream: true }).text()).rejects.toMatchObject({ code: 'timeout' });
  });

  test('takes a whole answer from a server that does not stream, and a stream from one that was not asked for it', async () => {
    const { server } = await serve((response, asked) => response.end(asked.accept === 'text/event-stream' ? JSON.stringify(whole) : body));
    await using _ = server;
    for (const stream of [true, false]) expect(await modelAt(server).prompt('Hi', { stream }).text()).toBe(text);
  });

  test.each([
    ['an error status', 529, '{"error":{"type":"overloaded_error","message":"Overloaded"}}', 'server'],
    ['a web page', 200, '<html><title>Sign in</title></html>', 'invalid-response'],
    ['nothing', 200, '', 'incomplete-response'],
    ['half of an answer', 200, '{"content":[', 'incomplete-response'],
  ])('%s is an error, streamed or whole', async (_name, status, answer, code) => {
    const { server } = await serve((response) => response.writeHead(status).end(answer));
    await using _ = server;
    for (const stream of [true, false]) await expect(modelAt(server).prompt('Hi', { stream }).text()).rejects.toMatchObject({ code });
  });

  test('what is refused before it is asked fails the call, not the caller', async () => {
    const { server, seen } = await serve((response) => response.end(body));
    await using _ = server;
    for (const stream of [true, false])
      await expect(
        modelAt(server)
          .prompt('Hi', { stream, options: { extraBody: [1] } })
          .text(),
      ).rejects.toMatchObject({ code: 'usage' });
    await expect(modelAt(server, { apiKey: '', keyEnv: undefined }).prompt('Hi', { stream: true }).text()).rejects.toMatchObject({
      code: 'missing-key',
    });
    expect(seen).toEqual([]);
  });

  test('keeps the key out of errors that quote it', async () => {
    const { server } = await serve((response) => response.end(overloaded.replace('Overloaded', 'Bad key secret-key-1234')));
    await using _ = server;
    const error = await modelAt(server, { apiKey: 'secret-key-1234' }).prompt('Hi', { stream: true }).text().catch(String);
    expect(error).toContain('Bad key');
    expect(error).not.toContain('secret-key-1234');
  });
});
