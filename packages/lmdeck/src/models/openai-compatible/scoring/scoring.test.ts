import { afterEach, describe, expect, test } from 'vitest';
import { languageModel, system, user, type JsonObject, type JsonValue, type LanguageModel, type Tokenizer } from '../../../core/index.ts';
import { chatModel, type ChatModelOptions } from '../chat-model.ts';
import { expectedScore, fakeTokens, scored } from '../test-support/fake-lm.ts';
import {
  closeServers,
  decoded,
  echoReply,
  learn,
  llamaServerReply,
  promptsOf,
  serve,
  vllmChatReply,
  type TokenStyle,
} from '../test-support/score-server.ts';

afterEach(closeServers);

function modelAt(baseUrl: string, options: Partial<ChatModelOptions> = {}): LanguageModel {
  return languageModel(chatModel({ name: 'here', baseUrl, model: 'm', ...options }));
}

const PARTIAL = (token: { readonly bytes: Buffer }): boolean => !Buffer.from(token.bytes.toString()).equals(token.bytes);

/** Offsets as cumulated lengths of what the tokens say, as vLLM counts them. */
const cumulated = (length: (text: string) => number) => (texts: readonly string[]) => {
  let at = 0;
  return texts.map((text) => (at += length(text)) - length(text));
};

const codePoints = (text: string): number => Array.from(text).length;

/** Offsets of the characters that the tokens begin in. */
const inText =
  (length: (text: string) => number): NonNullable<TokenStyle['offsets']> =>
  (_, tokens) => {
    let bytes = Buffer.alloc(0);
    return tokens.map((token) => {
      const at = length(bytes.toString().replace(/\uFFFD+$/, ''));
      bytes = Buffer.concat([bytes, token.bytes]);
      return at;
    });
  };

const STYLES: Readonly<Record<string, TokenStyle>> = {
  'OpenAI: offsets in code points, pieces of characters as escaped bytes': {
    text: (token) => (PARTIAL(token) ? `bytes:${[...token.bytes].map((byte) => `\\x${byte.toString(16)}`).join('')}` : decoded(token)),
    offsets: inText(codePoints),
  },
  'offsets in UTF-16 code units': {
    text: (token) => (PARTIAL(token) ? '\uFFFD' : decoded(token)),
    offsets: inText((text) => text.length),
  },
  'offsets in bytes': {
    text: (token) => (PARTIAL(token) ? '' : decoded(token)),
    offsets: (_, tokens) => {
      let at = 0;
      return tokens.map((token) => (at += token.bytes.length) - token.bytes.length);
    },
  },
  'SGLang: offsets of -1': { text: (token) => decoded(token), offsets: (texts) => texts.map(() => -1) },
  'vLLM, older: a BOS, U+FFFD for pieces, offsets that count both': {
    text: decoded,
    offsets: cumulated(codePoints),
    bos: '<s>',
    vllm: true,
  },
  'vLLM: a character with its last piece': {
    text: (token, i, all) => {
      if (!PARTIAL(token)) return decoded(token);
      let begin = i;
      while (begin > 0 && ((all[begin]?.bytes[0] ?? 0) & 0xc0) === 0x80) begin--;
      const whole = Buffer.concat(all.slice(begin, i + 1).map((each) => each.bytes)).toString();
      return whole.includes('\uFFFD') ? '' : whole;
    },
    offsets: cumulated(codePoints),
    vllm: true,
  },
  'llama-cpp-python: pieces say nothing, offsets are right': {
    text: (token) => (PARTIAL(token) ? '' : decoded(token)),
    offsets: inText(codePoints),
  },
  'SentencePiece: words without their spaces': { text: (token) => decoded(token).replace(/^ (?=\S)/, ''), bos: '<s>' },
  'SentencePiece: the space as ▁, byte tokens as <0xF0>': {
    text: (token) => (PARTIAL(token) ? `<0x${token.bytes.toString('hex').toUpperCase()}>` : decoded(token).replaceAll(' ', '▁')),
  },
};

const PAIRS: readonly (readonly [context: string, continuation: string])[] = [
  ['The capital of France is', ' Paris'],
  ['The capital of France is', ' Paris, as every child knows.'],
  ['Grüße aus Köln:', ' Tschüß'],
  ['A face:', ' 😀!'],
  ['😀', ' and then'],
  ['Two 👩‍👩‍👧 here', ' 👩‍👩‍👧 there'],
];

describe.each(Object.entries(STYLES))('%s', (_, style) => {
  test.each(PAIRS)('%j then %j', async (context, continuation) => {
    const { baseUrl } = await serve((_path, body) => echoReply(body, style));
    const { logprob, isGreedy, tokens, overlap } = await modelAt(baseUrl).score({ context, continuation });
    const expected = expectedScore(context, continuation);
    expect(logprob).toBeCloseTo(expected.logprob, 10);
    expect([isGreedy, tokens.length, overlap]).toEqual([expected.isGreedy, expected.count, undefined]);
    expect(tokens.map((token) => token.token).join('')).toBe(continuation);
  });

  test('many at once, in one request', async () => {
    const { baseUrl, seen } = await serve((_path, body) => echoReply(body, style));
    const model = modelAt(baseUrl);
    const scores = await model.score(PAIRS.map(([context, continuation]) => ({ context, continuation })));
    expect(scores.map((score) => score.logprob.toFixed(9))).toEqual(PAIRS.map((pair) => expectedScore(...pair).logprob.toFixed(9)));
    // The probe, then everything.
    expect(seen.map(({ body }) => promptsOf(body).length)).toEqual([1, PAIRS.length]);
  });
});

test('what is sent is what lm-evaluation-harness sends', async () => {
  const { baseUrl, seen } = await serve((_path, body) => echoReply(body, {}));
  const model = modelAt(baseUrl, { extraBody: { seed: 1234, max_tokens: 99 } });
  await model.score({ context: 'The capital of France is', continuation: ' Paris' });
  expect(seen.at(-1)).toEqual({
    path: '/v1/completions',
    body: { model: 'm', prompt: 'The capital of France is Paris', temperature: 0, max_tokens: 1, logprobs: 1, echo: true, seed: 1234 },
  });
});

test('vLLM is asked for token ids and ranks', async () => {
  const { baseUrl, seen } = await serve((_path, body) => echoReply(body, { vllm: true, bos: '<s>' }));
  const [score] = await modelAt(baseUrl).score([{ context: 'One two', continuation: ' three four' }]);
  expect(seen.at(-1)?.body).toEqual({ model: 'm', prompt: 'One two three four', temperature: 0, max_tokens: 1, prompt_logprobs: 0 });
  const own = fakeTokens('One two three four').slice(2);
  expect(score?.tokens).toEqual(
    own.map(({ id, logprob, rank }, i) => ({ token: [' three', ' four'][i], tokenId: id, logprob, isGreedy: rank === 1 })),
  );
});

test('a token on both sides of the seam belongs to the continuation, and the result says so', async () => {
  const { baseUrl } = await serve((_path, body) => echoReply(body, {}));
  const score = await modelAt(baseUrl).score({ context: 'Hello wor', continuation: 'ld!' });
  const [, world, mark] = fakeTokens('Hello world!');
  expect(score.tokens.map((token) => token.token)).toEqual([' world', '!']);
  expect(score.overlap).toBe(' wor');
  expect(score.logprob).toBeCloseTo((world?.logprob ?? 0) + (mark?.logprob ?? 0), 10);
});

describe('texts that nothing stands before', () => {
  test('are scored whole where the server puts a BOS before them', async () => {
    const { baseUrl } = await serve((_path, body) => echoReply(body, { bos: '<s>' }));
    const score = await modelAt(baseUrl).score({ context: '', continuation: 'Hello world' });
    expect(score.tokens).toHaveLength(2);
    expect(score.logprob).toBeCloseTo(expectedScore('', 'Hello world').logprob, 10);
  });

  test('are refused where it does not: the first token has no log-probability', async () => {
    const { baseUrl } = await serve((_path, body) => echoReply(body, {}));
    await expect(modelAt(baseUrl).score({ context: '', continuation: 'Hello world' })).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('first token'),
    });
  });

  test('get the BOS of the tokenizer that the model has', async () => {
    const { baseUrl, seen } = await serve((_path, body) => echoReply(body, {}));
    const tokenizer: Tokenizer = { id: 't', bos: { id: 33, text: '!' }, encode: () => [], decode: () => '', count: () => 0 };
    const model = languageModel({ ...chatModel({ name: 'here', baseUrl, model: 'm' }), tokenizer: async () => tokenizer });
    const score = await model.score({ context: '', continuation: 'Hello world' });
    expect(seen.at(-1)?.body['prompt']).toBe('!Hello world');
    expect(score.tokens.map((token) => token.token)).toEqual(['Hello', ' world']);
  });
});

describe('token ids', () => {
  const ids = (text: string): number[] => [...Buffer.from(text)];

  test.each([
    ['echo', {}],
    ['vLLM', { vllm: true, bos: '<s>' }],
  ] satisfies [string, TokenStyle][])('are scored in their places: %s', async (_, style) => {
    const { baseUrl, seen } = await serve((_path, body) => echoReply(body, style));
    const score = await modelAt(baseUrl).score({ context: ids('abc'), continuation: ids('de') });
    expect(seen.at(-1)?.body['prompt']).toEqual(ids('abcde'));
    const own = [...Buffer.from('abcde')].map((byte) => Buffer.from([byte]));
    const expected = scored(own).slice(3);
    expect(score.tokens.map(({ tokenId, logprob }) => [tokenId, logprob])).toEqual(
      expected.map(({ logprob }, i) => [ids('de')[i], logprob]),
    );
  });

  test('are refused when the server adds one of its own', async () => {
    const { baseUrl } = await serve((_path, body) => {
      const list = promptsOf(body).map((prompt) => (typeof prompt === 'string' ? prompt : [1, ...prompt]));
      return echoReply({ ...body, prompt: list[0] ?? '' }, {});
    });
    await expect(modelAt(baseUrl).score({ context: ids('abc'), continuation: ids('de') })).rejects.toMatchObject({
      code: 'invalid-response',
      message: expect.stringContaining('5 token ids were sent, and 6 tokens came back'),
    });
  });

  test('do not mix with text', async () => {
    const model = modelAt('http://127.0.0.1:9/v1');
    await expect(model.score({ context: 'abc', continuation: [1] })).rejects.toMatchObject({ code: 'usage' });
    await expect(model.score({ context: [1], continuation: 'abc' })).rejects.toMatchObject({ code: 'usage' });
    await expect(model.score({ context: 'abc', continuation: '' })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('chats', () => {
  const context = [system('Be brief.'), user('Capital of France?')];
  const rendered = '<|system|>\nBe brief.<|end|>\n<|user|>\nCapital of France?<|end|>\n<|assistant|>\n';

  test('go to vLLM with the last message left open', async () => {
    const { baseUrl, seen } = await serve((path, body) =>
      path === '/v1/chat/completions' ? vllmChatReply(body) : echoReply(body, { vllm: true }),
    );
    const score = await modelAt(baseUrl).score({ context, continuation: 'Paris 😀' });
    expect(seen.at(-1)?.body).toMatchObject({ add_generation_prompt: false, continue_final_message: true, prompt_logprobs: 0 });
    expect(score.logprob).toBeCloseTo(expectedScore(rendered, 'Paris 😀').logprob, 10);
    expect(score.tokens.map((token) => token.token).join('')).toBe('Paris 😀');
  });

  test('are refused when the server does not leave it open', async () => {
    const { baseUrl } = await serve((path, body) =>
      path === '/v1/chat/completions' ? vllmChatReply({ ...body, continue_final_message: false }) : echoReply(body, { vllm: true }),
    );
    await expect(modelAt(baseUrl).score({ context, continuation: 'Paris' })).rejects.toMatchObject({
      code: 'invalid-response',
      message: expect.stringContaining('does not end in the continuation'),
    });
  });

  test('are rendered here for servers that score raw text only, without a second BOS', async () => {
    const { baseUrl, seen } = await serve((_path, body) => echoReply(body, { bos: '<s>' }));
    const tokenizer: Tokenizer = {
      id: 't',
      chatTemplate: { source: '', render: () => `<s>${rendered}` },
      encode: () => [],
      decode: () => '',
      count: () => 0,
    };
    const model = languageModel({ ...chatModel({ name: 'here', baseUrl, model: 'm' }), tokenizer: async () => tokenizer });
    const score = await model.score({ context, continuation: 'Paris' });
    expect(seen.at(-1)?.body['prompt']).toBe(`${rendered}Paris`);
    expect(score.logprob).toBeCloseTo(expectedScore(rendered, 'Paris').logprob, 10);
  });

  test('are refused where nobody has a chat template', async () => {
    const { baseUrl } = await serve((_path, body) => echoReply(body, {}));
    await expect(modelAt(baseUrl).score({ context, continuation: 'Paris' })).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('chat template'),
    });
  });
});

describe('llama-server, which ignores echo', () => {
  const server = () => {
    learn('The cat sat on the mat. The capital of France is Paris, Lyon 😀 or <|user|>\nHi<|end|>\n<|assistant|>\nParis');
    return serve(llamaServerReply);
  };

  test('is asked token by token', async () => {
    const { baseUrl, seen } = await server();
    const score = await modelAt(baseUrl).score({ context: 'The capital of France is', continuation: ' Paris, Lyon' });
    expect(score.logprob).toBeCloseTo(expectedScore('The capital of France is', ' Paris, Lyon').logprob, 10);
    expect(score.tokens.map((token) => token.token)).toEqual([' Paris', ',', ' Lyon']);
    const forced = seen.slice(-3).map(({ body }) => body);
    expect(forced.map((body) => Array.isArray(body['prompt']) && body['prompt'].length)).toEqual([5, 6, 7]);
    expect(forced[0]).toMatchObject({ max_tokens: 1, n_probs: 1, cache_prompt: true, post_sampling_probs: false });
  });

  test('shows no pieces of characters: they are looked up', async () => {
    const { baseUrl } = await server();
    const score = await modelAt(baseUrl).score({ context: 'The capital of France is', continuation: ' 😀' });
    expect(score.logprob).toBeCloseTo(expectedScore('The capital of France is', ' 😀').logprob, 10);
    expect(score.tokens.map((token) => [token.token, token.bytes?.length])).toEqual([
      [' ', undefined],
      ['', 1],
      ['', 1],
      ['', 1],
      ['😀', 1],
    ]);
  });

  test('renders chats with its own template', async () => {
    const { baseUrl } = await server();
    const score = await modelAt(baseUrl).score({ context: [user('Hi')], continuation: 'Paris' });
    expect(score.logprob).toBeCloseTo(expectedScore('<|user|>\nHi<|end|>\n<|assistant|>\n', 'Paris').logprob, 10);
  });

  test('is refused when its probabilities are those after the bias', async () => {
    learn('The cat sat on the mat.');
    const { baseUrl } = await serve((path, body) => {
      const [status, answer] = llamaServerReply(path, body);
      return [status, JSON.parse(JSON.stringify(answer).replaceAll(/"logprob":[-\d.e]+/g, '"logprob":-0.0001'))];
    });
    await expect(modelAt(baseUrl).score({ context: 'The', continuation: ' cat' })).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('after the logit bias'),
    });
  });
});

describe('servers that cannot be trusted are refused with the reason, and nothing is scored', () => {
  test.each<[string, TokenStyle, string]>([
    [
      'ignores echo',
      {
        choice: (choice) => ({ ...choice, text: '!', logprobs: { tokens: ['!'], token_logprobs: [-0.5], top_logprobs: [{ '!': -0.5 }] } }),
      },
      'ignores "echo"',
    ],
    ['echoes text without log-probabilities', { choice: (choice) => ({ ...choice, logprobs: null }) }, 'no log-probabilities'],
    ['drops the first token', { choice: (choice) => ({ ...choice, logprobs: without(choice, 1) }) }, 'drops the first token'],
    ['normalises the text', { text: (token) => decoded(token).toUpperCase() }, 'do not make up the prompt'],
    ['has nulls', { value: (logprob, i) => (i === 3 ? null : logprob) }, 'only 5 of them have a log-probability'],
    ['gives zeros', { value: () => 0 }, 'every token has the log-probability 0'],
    ['gives probabilities', { value: (logprob) => Math.exp(logprob) }, 'there are none above 0'],
    ['has NaN', { value: (logprob, i) => (i === 3 ? 'NaN' : logprob) }, 'token 4 of "The cat sat on the mat." has the log-probability NaN'],
  ])('%s', async (_, style, reason) => {
    const { baseUrl, seen } = await serve((path, body) =>
      path === '/v1/completions' ? echoReply(body, style) : [404, { error: { message: 'nothing here' } }],
    );
    const model = modelAt(baseUrl);
    const ask = () => model.score({ context: 'The capital of France is', continuation: ' Paris' });
    await expect(ask()).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining(reason),
      data: { model: 'here/m', capability: 'score' },
    });
    // The finding is remembered.
    const asked = seen.length;
    await expect(ask()).rejects.toMatchObject({ code: 'capability' });
    expect(seen).toHaveLength(asked);
  });

  test('a chat server without completions', async () => {
    const { baseUrl } = await serve(() => [
      404,
      { error: { message: 'This is a chat model and not supported in the v1/completions endpoint.' } },
    ]);
    await expect(modelAt(baseUrl).score({ context: 'a', continuation: 'b' })).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('chat model'),
    });
  });

  test('an endpoint that is known to ignore echo is not even asked', async () => {
    const { baseUrl, seen } = await serve((_path, body) => echoReply(body, {}));
    const model = modelAt(baseUrl, { refuses: ['echo'] });
    await expect(model.score({ context: 'a', continuation: 'b' })).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('here/m cannot score given text. Models that can: llama/tiny'),
    });
    expect(seen).toEqual([]);
  });
});

describe('values', () => {
  const score = async (value: NonNullable<TokenStyle['value']>, top = true) => {
    let probed = false;
    const { baseUrl } = await serve((_path, body) => {
      const style: TokenStyle = probed ? { value, top } : { top };
      probed = true;
      return echoReply(body, style);
    });
    return modelAt(baseUrl).score({ context: 'One two', continuation: ' three four' });
  };

  test.each([
    ['-9999, vLLM’s minus infinity', -9999],
    ['"-Infinity"', '-Infinity'],
    ['the least float of llama.cpp', -3.4028234663852886e38],
  ])('%s is a probability of zero', async (_, value) => {
    const { logprob, isGreedy } = await score((own, i) => (i === 2 ? value : own));
    expect(logprob).toBeCloseTo(-9999 + (fakeTokens('One two three four')[3]?.logprob ?? 0), 6);
    expect(isGreedy).toBe(false);
  });

  test.each([
    ['null', null],
    ['"NaN"', 'NaN'],
    ['a text', 'x'],
  ])('%s in the continuation is an error of this text', async (_, value) => {
    await expect(score((own, i) => (i === 2 ? value : own))).rejects.toMatchObject({
      code: 'invalid-response',
      message: expect.stringContaining('token 3'),
    });
  });

  // As `json.dumps` of Python writes them: bare, which is no JSON.
  const scoreBare = async (word: string, dialect: TokenStyle, context = 'One two') => {
    let probed = false;
    const { baseUrl } = await serve((_path, body) => {
      const value = (own: number, i: number): JsonValue => (probed && i === 2 ? 'WORD' : own);
      const [status, answer] = echoReply(body, { ...dialect, value });
      probed = true;
      return [status, JSON.stringify(answer).replaceAll('"WORD"', word)];
    });
    return modelAt(baseUrl).score({ context, continuation: ' three four' });
  };

  test('bare NaN and Infinity are told, with the token', async () => {
    for (const word of ['NaN', 'Infinity']) {
      await expect(scoreBare(word, {})).rejects.toMatchObject({
        code: 'invalid-response',
        message: expect.stringContaining(`here/m: token 3 (" three") has the log-probability ${word}, which is no number`),
      });
    }
  });

  test('bare -Infinity is a probability of zero; in the context nothing of it matters', async () => {
    const rest = fakeTokens('One two three four')[3]?.logprob ?? 0;
    expect((await scoreBare('-Infinity', {})).logprob).toBeCloseTo(-9999 + rest, 6);
    expect((await scoreBare('NaN', {}, 'One two three')).logprob).toBeCloseTo(expectedScore('One two three', ' three four').logprob, 10);
  });

  test('in the context they do not matter', async () => {
    expect((await score((own, i) => (i === 1 ? null : own))).logprob).toBeCloseTo(expectedScore('One two', ' three four').logprob, 10);
  });

  test('without alternatives nobody knows what was likeliest', async () => {
    expect((await score((own) => own, false)).isGreedy).toBeUndefined();
  });
});

describe('several texts in one request', () => {
  const three = ['a', 'b', 'c'].map((word) => ({ context: 'Say', continuation: ` ${word}` }));
  const expected = three.map(({ context, continuation }) => expectedScore(context, continuation).logprob.toFixed(9));
  const values = (scores: readonly { readonly logprob: number }[]) => scores.map(({ logprob }) => logprob.toFixed(9));

  test('choices may come in any order', async () => {
    const { baseUrl, seen } = await serve((_path, body) => {
      const [status, answer] = echoReply(body, {});
      const { choices, ...rest }: JsonObject = JSON.parse(JSON.stringify(answer));
      return [status, { ...rest, choices: Array.isArray(choices) ? choices.toReversed() : [] }];
    });
    expect(values(await modelAt(baseUrl).score(three))).toEqual(expected);
    expect(seen).toHaveLength(2);
  });

  test('one that is rejected concerns nobody else', async () => {
    const { baseUrl } = await serve((_path, body) =>
      JSON.stringify(body['prompt']).includes('too long')
        ? [400, { error: { message: 'maximum context length is 5 tokens', type: 'BadRequestError', code: 400 } }]
        : echoReply(body, {}),
    );
    const model = modelAt(baseUrl);
    const outcomes = await Promise.allSettled([...three, { context: 'Say', continuation: ' too long' }].map((input) => model.score(input)));
    expect(values(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])))).toEqual(expected);
    expect(outcomes[3]).toMatchObject({
      status: 'rejected',
      reason: { code: 'invalid-request', message: expect.stringContaining('maximum context length') },
    });
    await expect(model.score([...three, { context: 'Say', continuation: ' too long' }])).rejects.toMatchObject({
      message: expect.stringMatching(/^Text 4 of 4: /),
      data: { index: 3, failed: 1 },
    });
  });

  test('a server that takes one prompt at a time gets one at a time from then on', async () => {
    const { baseUrl, seen } = await serve((_path, body) =>
      Array.isArray(body['prompt']) ? [422, { detail: 'prompt must be a string' }] : echoReply(body, {}),
    );
    const model = modelAt(baseUrl);
    expect(values(await model.score(three))).toEqual(expected);
    expect(seen).toHaveLength(1 + 1 + 3);
    expect(values(await model.score(three))).toEqual(expected);
    expect(seen).toHaveLength(1 + 1 + 3 + 3);
  });

  test('a choice that is missing is nobody’s: all are asked again alone', async () => {
    const { baseUrl } = await serve((_path, body) => {
      const [status, answer] = echoReply(body, {});
      const parsed: JsonObject = JSON.parse(JSON.stringify(answer));
      return [
        status,
        Array.isArray(parsed['choices']) && parsed['choices'].length > 1 ? { ...parsed, choices: parsed['choices'].slice(1) } : parsed,
      ];
    });
    expect(values(await modelAt(baseUrl).score(three))).toEqual(expected);
  });

  test('as many as the endpoint says', async () => {
    const { baseUrl, seen } = await serve((_path, body) => echoReply(body, {}));
    await modelAt(baseUrl, { batchScores: 2 }).score(three);
    expect(seen.map(({ body }) => promptsOf(body).length).sort((a, b) => a - b)).toEqual([1, 1, 2]);
  });

  test('the request ends when all who wait for it have left, and not before', async () => {
    const reached = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    let asked = 0;
    const { baseUrl, aborted } = await serve(async (_path, body) => {
      if (asked++ === 0) return echoReply(body, {});
      reached.resolve();
      await gone.promise;
      return echoReply(body, {});
    });
    const model = modelAt(baseUrl);
    const controllers = three.map(() => new AbortController());
    const scores = three.map((input, i) => model.score(input, { signal: controllers[i]?.signal }));
    const settled = Promise.allSettled(scores);
    await reached.promise;
    controllers[0]?.abort();
    controllers[1]?.abort();
    await expect(scores[0]).rejects.toMatchObject({ code: 'aborted' });
    expect(aborted()).toBe(0);
    controllers[2]?.abort();
    await settled;
    await expect.poll(aborted).toBe(1);
    gone.resolve();
  });
});

/** The log-probabilities of a choice without the first tokens. */
function without(choice: JsonObject, count: number): JsonObject {
  const logprobs: Readonly<Record<string, unknown[]>> = JSON.parse(JSON.stringify(choice['logprobs']));
  return JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(logprobs).map(([key, list]) => [key, list.slice(count)]))));
}
