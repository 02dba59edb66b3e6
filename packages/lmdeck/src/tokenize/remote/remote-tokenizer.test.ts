import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { assistant, isJsonObject, toolResult, user, type JsonObject, type JsonValue, type Message } from '../../core/index.ts';
import { countMessages } from '../context/count-messages.ts';
import { fitContext } from '../context/fit-context.ts';
import { chatml } from '../test-support/templates.ts';
import { remoteTokenizer, type RemoteTokenizerOptions } from './remote-tokenizer.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close().closeAllConnections();
});

interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: JsonObject;
}
type Answer = (asked: Asked, response: ServerResponse) => JsonValue | undefined;

/** A server on loopback; what `answer` does not answer is 404. */
async function serve(answer: Answer): Promise<{ readonly baseUrl: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const text = Buffer.concat(await Array.fromAsync(request)).toString();
      const one = {
        method: request.method,
        path: request.url,
        authorization: request.headers.authorization,
        body: text === '' ? {} : JSON.parse(text),
      };
      asked.push(one);
      const answered = answer(one, response);
      if (response.headersSent || response.writableEnded) return;
      if (answered === undefined) response.writeHead(404).end('{"detail":"Not Found"}');
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(answered));
    })();
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`, asked };
}

/** Each character is a token, but special tokens where they count. */
function ids(text: JsonValue | undefined, special: boolean): number[] {
  const found = typeof text === 'string' ? text : '';
  const parts = special ? found.split(/(<s>|<\/s>)/) : [found];
  return parts.flatMap((part) =>
    part === '<s>' && special ? [1] : part === '</s>' && special ? [2] : Array.from(part, (char) => char.codePointAt(0) ?? 0),
  );
}

function text(tokens: JsonValue | undefined): string {
  const list: readonly JsonValue[] = Array.isArray(tokens) ? tokens : [];
  return list.map((id) => (id === 1 ? '<s>' : id === 2 ? '</s>' : String.fromCodePoint(Number(id)))).join('');
}

function contents(messages: JsonValue | undefined): string {
  const list: readonly JsonValue[] = Array.isArray(messages) ? messages : [];
  return list.map((message) => (isJsonObject(message) ? `[${JSON.stringify(message['content']).slice(1, -1)}]` : '')).join('');
}

/** What vLLM answers (vllm/entrypoints/serve/tokenize/protocol.py). */
function vllm(info?: JsonObject): Answer {
  return ({ path, body }) => {
    if (path === '/tokenizer_info') return info;
    if (path === '/detokenize') return { prompt: text(body['tokens']) };
    if (path !== '/tokenize') return undefined;
    const content =
      body['messages'] === undefined
        ? body['prompt']
        : `<s>${contents(body['messages'])}${body['add_generation_prompt'] === true ? '>' : ''}`;
    const tokens = [...(body['add_special_tokens'] === true ? [1] : []), ...ids(content, true)];
    return { count: tokens.length, max_model_len: 4096, tokens, token_strs: null };
  };
}

/** What llama-server answers (ggml-org/llama.cpp, tools/server/README.md). */
const llama: Answer = ({ path, body }) => {
  switch (path) {
    case '/props':
      return {
        default_generation_settings: { n_ctx: 1024 },
        total_slots: 1,
        model_path: '/models/small.gguf',
        chat_template: chatml,
        bos_token: '<s>',
        eos_token: '</s>',
      };
    case '/tokenize':
      return { tokens: [...(body['add_special'] === true ? [1] : []), ...ids(body['content'], body['parse_special'] !== false)] };
    case '/detokenize':
      return { content: text(body['tokens']) };
    case '/apply-template':
      return { prompt: contents(body['messages']) };
    default:
      return undefined;
  }
};

const vllmInfo = {
  tokenizer_class: 'LlamaTokenizerFast',
  bos_token: '<s>',
  eos_token: { content: '</s>' },
  chat_template: '{{ bos_token }}{{ messages[0].content }}',
  added_tokens_decoder: { '1': { content: '<s>', special: true }, '9': { content: '<tool>', special: true } },
};
const fast = { retries: 0, timeoutMs: 5000 } as const;

describe('vLLM', () => {
  test('is found out, and says what it knows', async () => {
    const { baseUrl } = await serve(vllm(vllmInfo));
    const tokenizer = await remoteTokenizer({ baseUrl, model: 'my-model' });
    expect(tokenizer).toMatchObject({
      id: 'vllm/my-model',
      dialect: 'vllm',
      contextSize: 4096,
      bos: { id: 1, text: '<s>' },
      eos: { id: 2, text: '</s>' },
    });
    expect(tokenizer.chatTemplate?.render([user('hi')])).toBe('<s>hi');
  });

  test('is asked with the model’s name, and for special tokens when they are wanted', async () => {
    const { baseUrl, asked } = await serve(vllm(vllmInfo));
    const tokenizer = await remoteTokenizer({ baseUrl, model: 'm', apiKey: async () => 'secret' });
    expect(await tokenizer.encode('hé', { addSpecial: true })).toEqual([1, 104, 233]);
    expect(asked.at(-1)).toEqual({
      method: 'POST',
      path: '/tokenize',
      authorization: 'Bearer secret',
      body: { model: 'm', prompt: 'hé', add_special_tokens: true },
    });
    expect(await tokenizer.count('hé')).toBe(2);
    expect(await tokenizer.encode('a</s>', { special: 'token' })).toEqual([97, 2]);
    expect(await tokenizer.decode([1, 104, 233, 2])).toBe('<s>hé</s>');
    expect(await tokenizer.decode([1, 104, 233, 2], { skipSpecial: true })).toBe('hé');
    expect(await tokenizer.decode([1], { skipSpecial: true })).toBe('');
  });

  test('cannot read special tokens as text: refused where it names them', async () => {
    const { baseUrl } = await serve(vllm(vllmInfo));
    const tokenizer = await remoteTokenizer({ baseUrl });
    await expect(tokenizer.encode('a<tool>')).rejects.toMatchObject({ code: 'capability', message: expect.stringContaining('"<tool>"') });
  });

  test('without /tokenizer_info has no template, but counts messages', async () => {
    const { baseUrl, asked } = await serve(vllm());
    const tokenizer = await remoteTokenizer({ baseUrl });
    // The one that it begins texts with shows.
    expect([tokenizer.bos, tokenizer.eos, tokenizer.chatTemplate, tokenizer.contextSize]).toEqual([
      { id: 1, text: '<s>' },
      undefined,
      undefined,
      4096,
    ]);
    const tools = [{ name: 'look', description: 'd', parameters: { type: 'object' } }];
    expect(await countMessages(tokenizer, [user('hi')], { tools, variables: { enable_thinking: false } })).toBe('s[hi]>'.length);
    expect(asked.at(-1)?.body).toEqual({
      messages: [{ role: 'user', content: 'hi' }],
      add_generation_prompt: true,
      tools: [{ type: 'function', function: { name: 'look', description: 'd', parameters: { type: 'object' } } }],
      chat_template_kwargs: { enable_thinking: false },
      add_special_tokens: false,
    });
    const { cut } = await fitContext([user('old'), assistant('answer'), user('new')], { tokenizer, contextSize: 10, strategy: 'messages' });
    expect(cut.messages).toBe(2);
  });
});

describe('llama-server', () => {
  test('is found out, and says what it knows', async () => {
    const { baseUrl } = await serve(llama);
    const tokenizer = await remoteTokenizer({ baseUrl });
    expect(tokenizer).toMatchObject({
      id: 'llama-server/small.gguf',
      dialect: 'llama-server',
      contextSize: 1024,
      bos: { id: 1, text: '<s>' },
      eos: { id: 2, text: '</s>' },
    });
    expect(tokenizer.chatTemplate?.render([user('hi')])).toBe('<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n');
  });

  test('reads special tokens as asked', async () => {
    const { baseUrl, asked } = await serve(llama);
    const tokenizer = await remoteTokenizer({ baseUrl });
    expect(await tokenizer.encode('a<s>', { special: 'token', addSpecial: true })).toEqual([1, 97, 1]);
    expect(asked.at(-1)?.body).toEqual({ content: 'a<s>', add_special: true, parse_special: true });
    expect(await tokenizer.encode('a<s>')).toEqual([97, 60, 115, 62]);
    expect(await tokenizer.decode([97, 1])).toBe('a<s>');
  });

  test('renders messages itself', async () => {
    const { baseUrl, asked } = await serve(llama);
    const tokenizer = await remoteTokenizer({ baseUrl });
    const messages: readonly Message[] = [
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'q' },
          { type: 'attachment', mediaType: 'image/png', data: 'AA==' },
        ],
      },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'c', name: 'f', arguments: '' }] },
      toolResult('c', 'r'),
    ];
    expect(await tokenizer.countMessages(messages)).toBeGreaterThan(1);
    expect(asked.at(-2)?.body).toEqual({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'q' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
          ],
        },
        { role: 'assistant', content: '', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c', content: 'r' },
      ],
      add_generation_prompt: true,
    });
    expect(asked.at(-1)).toMatchObject({ path: '/tokenize', body: { add_special: true, parse_special: true } });
    const audio: Message = { role: 'user', parts: [{ type: 'attachment', mediaType: 'audio/wav', data: '' }] };
    await expect(tokenizer.countMessages([audio])).rejects.toMatchObject({ code: 'capability' });
  });
});

describe('asking', () => {
  async function opened(answer: Answer, options: Partial<RemoteTokenizerOptions> = {}) {
    const { baseUrl, asked } = await serve(answer);
    return { asked, tokenizer: await remoteTokenizer({ baseUrl, ...options }) };
  }

  test('twice is answered once, also at the same time; a failure is asked again', async () => {
    let failing = false;
    const { tokenizer, asked } = await opened((one, response) => (failing ? void response.writeHead(500).end() : llama(one, response)), {
      retries: 0,
    });
    const before = asked.length;
    await Promise.all([tokenizer.encode('x'), tokenizer.encode('x'), tokenizer.count('x')]);
    await tokenizer.encode('x');
    expect(asked).toHaveLength(before + 1);
    await tokenizer.encode('x', { addSpecial: true });
    expect(asked).toHaveLength(before + 2);
    failing = true;
    await expect(tokenizer.encode('y')).rejects.toMatchObject({ code: 'server' });
    failing = false;
    expect(await tokenizer.encode('y')).toEqual([121]);
  });

  test('remembers no more than it may', async () => {
    const { tokenizer, asked } = await opened(llama, { cacheTokens: 8 });
    for (const each of ['aaa', 'bbb', 'ccc']) await tokenizer.encode(each);
    const before = asked.length;
    await tokenizer.encode('ccc');
    expect(asked).toHaveLength(before);
    await tokenizer.encode('aaa');
    expect(asked).toHaveLength(before + 1);
    const none = await opened(llama, { cacheTokens: 0 });
    const start = none.asked.length;
    await none.tokenizer.encode('x');
    await none.tokenizer.encode('x');
    expect(none.asked).toHaveLength(start + 2);
  });

  test('goes on after errors that pass', async () => {
    let refusals = 0;
    const { tokenizer } = await opened((one, response) => {
      if (one.body['content'] === 'x' && refusals++ < 1) return void response.writeHead(503, { 'retry-after': '0' }).end();
      return llama(one, response);
    });
    expect(await tokenizer.encode('x')).toEqual([120]);
    expect(refusals).toBe(2);
  });

  test('tells what is wrong', async () => {
    const web = await serve(() => undefined);
    await expect(remoteTokenizer({ baseUrl: web.baseUrl, ...fast })).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('POST /tokenize is not there'),
    });
    await expect(remoteTokenizer({ baseUrl: 'ftp://x', ...fast })).rejects.toMatchObject({ code: 'config' });
    await expect(remoteTokenizer({ baseUrl: 'http://127.0.0.1:1', ...fast })).rejects.toMatchObject({ code: 'network' });
    const page = await serve((_, response) => void response.end('<html>'));
    await expect(remoteTokenizer({ baseUrl: page.baseUrl, ...fast })).rejects.toMatchObject({ code: 'invalid-response' });
    const odd = await serve(({ path }) => (path === '/props' ? {} : { tokens: 'none' }));
    await expect(remoteTokenizer({ baseUrl: odd.baseUrl, ...fast })).rejects.toMatchObject({
      code: 'invalid-response',
      message: expect.stringContaining('without token ids'),
    });
  });

  test('ends with its time limit or its signal', async () => {
    const silent = await serve(
      (_, response) =>
        void response
          .on('close', () => undefined)
          .writeHead(200)
          .write(' '),
    );
    await expect(remoteTokenizer({ baseUrl: silent.baseUrl, retries: 0, timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    await expect(remoteTokenizer({ baseUrl: silent.baseUrl, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});
