import { createServer, type Server } from 'node:http';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/index.ts';
import { fakeTokens, scored, type FakeToken } from './fake-lm.ts';

/** One request that a server got. */
export interface SeenRequest {
  readonly path: string;
  readonly body: JsonObject;
}

/** Status and body of an answer. */
export type Reply = readonly [status: number, body: JsonValue | string];

/** How a server puts its tokens down. */
export interface TokenStyle {
  /** The texts of the tokens; `i` and `all` for those that need their neighbours. */
  readonly text?: (token: FakeToken, i: number, all: readonly FakeToken[]) => string;
  /** Where they begin; absent: nowhere. */
  readonly offsets?: (texts: readonly string[], tokens: readonly FakeToken[], text: string) => readonly number[];
  /** A special token in front of every text. */
  readonly bos?: string;
  /** Changes a log-probability on its way out. */
  readonly value?: (logprob: number, i: number) => JsonValue;
  /** False: no `top_logprobs`. */
  readonly top?: boolean;
  /** Changes a whole choice. */
  readonly choice?: (choice: JsonObject, prompt: string) => JsonObject;
  readonly vllm?: boolean;
}

const BOS: FakeToken = { bytes: Buffer.from(''), id: 1, logprob: Number.NaN, best: 0, rank: 1 };

export function decoded(token: FakeToken): string {
  return token.bytes.toString();
}

/** The prompts of a completion request. */
export function promptsOf(body: JsonObject): readonly (string | readonly number[])[] {
  const { prompt } = body;
  if (typeof prompt === 'string') return [prompt];
  if (!Array.isArray(prompt)) return [];
  if (prompt.every((each) => typeof each === 'number')) return [prompt];
  return prompt.map((each: JsonValue) => (Array.isArray(each) ? each.filter((id) => typeof id === 'number') : textOf(each)));
}

/** The tokens of a prompt; ids below 256 are bytes, which is all that the tests send. */
function tokensOf(prompt: string | readonly number[]): readonly FakeToken[] {
  return typeof prompt === 'string' ? fakeTokens(prompt) : scored(prompt.map((id) => Buffer.from([id])));
}

/** Answers completions with `echo` in a style. */
export function echoReply(body: JsonObject, style: TokenStyle): Reply {
  const choices = promptsOf(body).map((prompt, index): JsonObject => {
    const text = typeof prompt === 'string' ? prompt : Buffer.from(prompt).toString();
    const choice = echoedChoice(tokensOf(prompt), text, body, style, typeof prompt === 'string');
    return style.choice?.({ index, ...choice }, text) ?? { index, ...choice };
  });
  return [
    200,
    { id: 'cmpl-1', model: 'fake-1', object: 'text_completion', choices, usage: { prompt_tokens: 9, completion_tokens: choices.length } },
  ];
}

function echoedChoice(prompt: readonly FakeToken[], text: string, body: JsonObject, style: TokenStyle, withBos: boolean): JsonObject {
  const { text: textOf = decoded, bos, value = (logprob: number) => logprob } = style;
  const generated = scored([Buffer.from('!')], prompt);
  const before = bos === undefined || !withBos ? [] : [BOS];
  const tokens = [...before, ...prompt, ...generated];
  const texts = tokens.map((token, i) => (token === BOS ? (bos ?? '') : textOf(token, i, tokens)));
  const offsets = style.offsets?.(texts, tokens, text);
  const own = tokens.map((token, i) => (i === 0 ? null : value(token.logprob, i)));
  const tops = tokens.map((token, i): JsonValue =>
    i === 0 ? null : token.rank === 1 ? { [texts[i] ?? '']: token.logprob } : { [texts[i] ?? '']: token.logprob, ' likeliest': token.best },
  );
  const echoed: JsonObject = {
    text: `${text}!`,
    finish_reason: 'length',
    logprobs: {
      tokens: texts,
      token_logprobs: own,
      ...(style.top === false ? {} : { top_logprobs: tops }),
      ...(offsets === undefined ? {} : { text_offset: [...offsets] }),
    },
  };
  const plain: JsonObject = {
    text: '!',
    finish_reason: 'length',
    logprobs: { tokens: ['!'], token_logprobs: [-0.5], top_logprobs: [{ '!': -0.5 }] },
  };
  const base = body['echo'] === true ? echoed : plain;
  return style.vllm === true ? { ...base, prompt_logprobs: promptLogprobs([...before, ...prompt], texts, body) } : base;
}

function promptLogprobs(tokens: readonly FakeToken[], texts: readonly string[], body: JsonObject): JsonValue {
  const wanted = typeof body['prompt_logprobs'] === 'number' ? body['prompt_logprobs'] : body['echo'] === true ? 1 : undefined;
  if (wanted === undefined) return null;
  return tokens.map((token, i) => {
    if (i === 0) return null;
    const own = { [token.id]: { logprob: token.logprob, rank: token.rank, decoded_token: texts[i] ?? '' } };
    return wanted === 0 || token.rank === 1 ? own : { ...own, 7: { logprob: token.best, rank: 1, decoded_token: ' likeliest' } };
  });
}

/** Answers chat completions with `prompt_logprobs`, as vLLM does when the last message is left open. */
export function vllmChatReply(body: JsonObject): Reply {
  const messages = Array.isArray(body['messages']) ? body['messages'].filter((each) => isJsonObject(each)) : [];
  const open = body['continue_final_message'] === true;
  const text = messages
    .map(({ role, content }, i) => `<|${textOf(role)}|>\n${textOf(content)}${open && i === messages.length - 1 ? '' : '<|end|>\n'}`)
    .join('');
  const tokens = fakeTokens(text);
  const choices = [{ index: 0, message: { role: 'assistant', content: '!' }, finish_reason: 'length' }];
  return [200, { id: 'chatcmpl-1', model: 'fake-1', choices, prompt_logprobs: promptLogprobs(tokens, tokens.map(decoded), body) }];
}

/** llama-server: tokens of a text, and one sampled token with the model's own probabilities. */
export function llamaServerReply(path: string, body: JsonObject): Reply {
  if (path === '/tokenize') {
    const tokens = fakeTokens(textOf(body['content'])).map(({ bytes, id }) => ({
      id,
      piece: isWhole(bytes) ? bytes.toString() : [...bytes],
    }));
    return [200, { tokens }];
  }
  if (path === '/apply-template') {
    const messages = Array.isArray(body['messages']) ? body['messages'].filter((each) => isJsonObject(each)) : [];
    return [
      200,
      { prompt: `${messages.map(({ role, content }) => `<|${textOf(role)}|>\n${textOf(content)}<|end|>\n`).join('')}<|assistant|>\n` },
    ];
  }
  if (path !== '/v1/completions') return [404, { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } }];
  return [200, { choices: [sampledChoice(body)], model: 'fake.gguf', object: 'text_completion' }];
}

const vocabulary = new Map<number, Buffer>();

/** Pieces by id: what /tokenize has told, as far as a test needs it. */
export function learn(text: string): void {
  for (const { id, bytes } of fakeTokens(text)) vocabulary.set(id, bytes);
}

function sampledChoice(body: JsonObject): JsonObject {
  const [prompt = []] = promptsOf(body);
  const pieces = typeof prompt === 'string' ? fakeTokens(prompt) : scored(prompt.map((id) => vocabulary.get(id) ?? Buffer.from([id])));
  const bias = Array.isArray(body['logit_bias']) && Array.isArray(body['logit_bias'][0]) ? Number(body['logit_bias'][0][0]) : undefined;
  const candidates = [...vocabulary].flatMap(([id, bytes]) => scored([bytes], pieces).map((token) => ({ id, bytes, token })));
  const chosen = candidates.find(({ id }) => id === bias) ?? candidates[0];
  if (chosen === undefined || typeof body['n_probs'] !== 'number') return { text: '!', index: 0, logprobs: null, finish_reason: 'length' };
  const best = { id: 0, token: '', bytes: [], logprob: chosen.token.best };
  const top = chosen.token.rank === 1 ? { id: chosen.id, logprob: chosen.token.logprob } : best;
  const all = [top, ...candidates.filter(({ id }) => id !== top.id).map(({ id, token }) => ({ id, logprob: token.logprob }))];
  const shown = {
    id: chosen.id,
    token: chosen.bytes.toString(),
    bytes: [...chosen.bytes],
    logprob: chosen.token.logprob,
    top_logprobs: body['n_probs'] > 1 ? all : [top],
  };
  // A piece of a character is held back until the character is whole.
  return { text: '', index: 0, logprobs: isWhole(chosen.bytes) ? { content: [shown] } : null, finish_reason: 'length' };
}

function isWhole(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

const open: Server[] = [];

/** Serves replies on loopback until {@link closeServers}. */
export async function serve(
  reply: (path: string, body: JsonObject) => Reply | Promise<Reply>,
): Promise<{ readonly baseUrl: string; readonly seen: SeenRequest[]; readonly aborted: () => number }> {
  const seen: SeenRequest[] = [];
  let aborted = 0;
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableEnded) aborted++;
    });
    void (async () => {
      const text = Buffer.concat(await Array.fromAsync(request)).toString();
      const body: JsonObject = text === '' ? {} : JSON.parse(text);
      const path = request.url ?? '';
      seen.push({ path, body });
      const [status, answer] = await reply(path, body);
      response.statusCode = status;
      response.setHeader('content-type', 'application/json');
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    })();
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { baseUrl: `http://127.0.0.1:${port}/v1`, seen, aborted: () => aborted };
}

export function closeServers(): void {
  for (const server of open.splice(0)) server.close().closeAllConnections();
}
