import { describe, expect, test } from 'vitest';
import { LmdeckError } from './error.ts';
import { languageModel, type LanguageModel } from './language-model.ts';
import { raw, system, user } from './message.ts';
import type { CallContext, Model } from './model.ts';
import type { ScoreOutcome, ScoreRequest } from './score.ts';
import type { TokenLogprob } from './token-logprob.ts';
import type { Wrapper } from './wrapper.ts';

interface Batch {
  readonly requests: readonly ScoreRequest[];
  readonly context: CallContext;
}

/** A model that scores as it is told, and remembers in which batches it was asked. */
function scoring(
  answer: (request: ScoreRequest) => ScoreOutcome,
  options: {
    readonly batch?: number;
    readonly wait?: Promise<void>;
    readonly wrappers?: readonly Wrapper[];
    readonly model?: Partial<Model>;
  } = {},
): { readonly model: LanguageModel; readonly batches: Batch[] } {
  const batches: Batch[] = [];
  const model: Model = {
    id: 'test',
    capabilities: { score: { contexts: ['text', 'tokens', 'chat'], batch: options.batch ?? 8 } },
    async *generate() {
      yield { type: 'text-delta', text: 'sampled' };
    },
    scoreBatch: async (requests, context) => {
      batches.push({ requests, context });
      await options.wait;
      return requests.map(answer);
    },
    ...options.model,
  };
  return { model: languageModel(model, ...(options.wrappers ?? [])), batches };
}

const token = (text: string, logprob: number, isGreedy?: boolean): TokenLogprob => ({
  token: text,
  logprob,
  ...(isGreedy === undefined ? {} : { isGreedy }),
});
const whole =
  (logprob: number) =>
  (request: ScoreRequest): ScoreOutcome => ({ tokens: [token(String(request.continuation), logprob, true)] });

describe('a score', () => {
  test('sums up its tokens', async () => {
    const { model } = scoring(() => ({ tokens: [token(' Par', -0.5, true), token('is', -0.25, true)], usage: { inputTokens: 7 } }));
    const score = await model.score({ context: 'The capital of France is', continuation: ' Paris' });
    expect(score).toEqual({
      logprob: -0.75,
      isGreedy: true,
      tokens: [token(' Par', -0.5, true), token('is', -0.25, true)],
      usage: { inputTokens: 7 },
      callId: expect.stringMatching(/^[0-9a-z]{26}$/),
    });
  });

  test.each([
    [[true, false], false],
    [[false, undefined], false],
    [[undefined, false], false],
    [[true, undefined], undefined],
  ])('greedy tokens %j make a greedy text: %j', async (greedy, expected) => {
    const { model } = scoring(() => ({ tokens: greedy.map((each, i) => token(String(i), -1, each)) }));
    expect((await model.score({ context: 'a', continuation: '01' })).isGreedy).toBe(expected);
  });

  test('tells the end of the context that its first token has too', async () => {
    const { model } = scoring(() => ({ tokens: [token('wor', -1), token('ld', -1)] }));
    expect((await model.score({ context: 'Hello wo', continuation: 'rld' })).overlap).toBe('wo');
  });

  test('asks for a raw prompt, ids, or the messages as they are', async () => {
    const { model, batches } = scoring((request) =>
      typeof request.continuation === 'string'
        ? whole(-1)(request)
        : { tokens: request.continuation.map((id) => ({ ...token(`t${id}`, -1), tokenId: id })) },
    );
    const chat = [system('Be brief.'), user('Hi')];
    await model.score({ context: 'a', continuation: 'b' });
    await model.score({ context: [1, 2], continuation: [3] });
    await model.score({ context: chat, continuation: 'b' });
    await model.score({ context: '', continuation: 'b' });
    await model.score({ context: '', continuation: [3] });
    await model.score({ context: [], continuation: 'b' });
    expect(batches.map(({ requests: [request] }) => request?.messages)).toEqual([
      [raw('a')],
      [raw([1, 2])],
      chat,
      [raw('')],
      [raw([])],
      [raw('')],
    ]);
  });
});

describe('what cannot be trusted is an error', () => {
  test.each<[string, readonly TokenLogprob[], string]>([
    ['no tokens', [], 'no tokens came back'],
    ['NaN', [token('b', Number.NaN)], 'token 1 of 1 of the continuation has no log-probability'],
    ['minus infinity', [token('b', Number.NEGATIVE_INFINITY)], 'no log-probability'],
    ['other tokens', [token('c', -1)], 'say "c" and not "b"'],
    ['more than the context has', [token('xb', -1)], 'say "xb" and not "b"'],
  ])('%s', async (_, tokens, message) => {
    const { model } = scoring(() => ({ tokens }));
    await expect(model.score({ context: 'a', continuation: 'b' })).rejects.toMatchObject({
      code: 'invalid-response',
      message: expect.stringContaining(message),
    });
  });

  test('another number of token ids', async () => {
    const { model } = scoring(() => ({ tokens: [token('a', -1)] }));
    await expect(model.score({ context: [1], continuation: [2, 3] })).rejects.toMatchObject({ code: 'invalid-response' });
  });

  test('no outcome', async () => {
    const { model } = scoring(whole(-1), { model: { scoreBatch: async () => [] } });
    await expect(model.score({ context: 'a', continuation: 'b' })).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('what a model cannot do', () => {
  const plain: Model = {
    id: 'plain',
    capabilities: {},
    async *generate() {
      yield { type: 'text-delta', text: 'sampled' };
    },
  };

  test('scoring: the error names the model, the capability and models that can', async () => {
    await expect(languageModel(plain).score({ context: 'a', continuation: 'b' })).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringMatching(/^plain cannot score given text\. Models that can: llama\/tiny/),
      data: { model: 'plain', capability: 'score' },
    });
  });

  test('scoring after messages', async () => {
    const { model } = scoring(whole(-1), { model: { capabilities: { score: { contexts: ['text'] } } } });
    await expect(model.score({ context: [user('a')], continuation: 'b' })).rejects.toMatchObject({
      code: 'capability',
      message: expect.stringContaining('test cannot score answers to messages. It takes contexts of: text.'),
    });
    await expect(model.score({ context: [1], continuation: [2] })).rejects.toMatchObject({ code: 'capability' });
  });

  test('raw prompts', async () => {
    await expect(languageModel(plain).prompt(raw('Once')).text()).rejects.toMatchObject({
      code: 'capability',
      data: { model: 'plain', capability: 'raw' },
    });
    expect(
      await languageModel({ ...plain, capabilities: { raw: true } })
        .prompt(raw('Once'))
        .text(),
    ).toBe('sampled');
  });

  test('a raw prompt with anything else', async () => {
    const model = languageModel({ ...plain, capabilities: { raw: true } });
    await expect(model.prompt(raw('Once'), { system: 'Be brief.' }).text()).rejects.toMatchObject({ code: 'usage' });
    await expect(model.prompt('more', { messages: [raw('Once')] }).text()).rejects.toMatchObject({ code: 'usage' });
  });

  test('nothing is left to score', async () => {
    const { model, batches } = scoring(whole(-1));
    await expect(model.score({ context: 'a', continuation: '' })).rejects.toMatchObject({ code: 'usage' });
    await expect(model.score({ context: [1], continuation: [] })).rejects.toMatchObject({ code: 'usage' });
    expect(batches).toEqual([]);
  });
});

describe('scores that are asked at the same time', () => {
  const inputs = (count: number) => Array.from({ length: count }, (_, i) => ({ context: 'a', continuation: `${i}` }));

  test('go together, as many as the model takes', async () => {
    const { model, batches } = scoring((request) => ({ tokens: [token(String(request.continuation), -Number(request.continuation))] }), {
      batch: 4,
    });
    const scores = await model.score(inputs(10));
    expect(scores.map((score) => score.logprob)).toEqual([0, -1, -2, -3, -4, -5, -6, -7, -8, -9].map((each) => each + 0));
    expect(batches.map(({ requests }) => requests.length)).toEqual([4, 4, 2]);
  });

  test('through wrappers too, and behind a second model', async () => {
    const through: Wrapper = (request, context, next) => ({
      async *[Symbol.asyncIterator]() {
        await Promise.resolve();
        yield* next(request, context);
      },
    });
    const { model, batches } = scoring(whole(-1), { wrappers: [through, through] });
    await languageModel(model, through).score(inputs(3));
    expect(batches.map(({ requests }) => requests.length)).toEqual([3]);
  });

  test('apart when their options, keys or headers differ', async () => {
    const { model, batches } = scoring(whole(-1));
    const ask = (continuation: string, options: Parameters<LanguageModel['score']>[1]) =>
      model.score({ context: 'a', continuation }, options);
    await Promise.all([
      ask('1', {}),
      ask('2', { apiKey: 'k' }),
      ask('3', { headers: { x: 'y' } }),
      ask('4', { options: { a: 1 } }),
      ask('5', {}),
      ask('6', { apiKey: 'k' }),
    ]);
    expect(
      batches.map(({ requests, context }) => [requests.map((each) => each.continuation).join(), context.apiKey, context.headers]),
    ).toEqual([
      ['1,5', undefined, undefined],
      ['2,6', 'k', undefined],
      ['3', undefined, { x: 'y' }],
      ['4', undefined, undefined],
    ]);
  });

  test('later ones do not wait for earlier ones', async () => {
    const gate = Promise.withResolvers<void>();
    const { model, batches } = scoring(whole(-1), { wait: gate.promise });
    const first = model.score({ context: 'a', continuation: '1' });
    await new Promise(setImmediate);
    const second = model.score({ context: 'a', continuation: '2' });
    await new Promise(setImmediate);
    expect(batches).toHaveLength(2);
    gate.resolve();
    await Promise.all([first, second]);
  });

  test('have an outcome each', async () => {
    const tooLong = new LmdeckError('invalid-request', 'too long');
    const { model } = scoring((request) => (request.continuation === '1' ? tooLong : whole(-1)(request)));
    const outcomes = await Promise.allSettled(inputs(3).map((input) => model.score(input)));
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(model.score(inputs(3))).rejects.toMatchObject({
      code: 'invalid-request',
      message: 'Text 2 of 3: too long',
      data: { index: 1, failed: 1 },
    });
  });

  test('what fails for all fails for each', async () => {
    const { model } = scoring(() => {
      throw new LmdeckError('rate-limit', 'slow down', { status: 429 });
    });
    const outcomes = await Promise.allSettled(inputs(2).map((input) => model.score(input)));
    expect(outcomes).toMatchObject([{ reason: { code: 'rate-limit' } }, { reason: { code: 'rate-limit' } }]);
  });

  test('one that is aborted leaves the others alone; the last one ends the request', async () => {
    const gate = Promise.withResolvers<void>();
    const { model, batches } = scoring(whole(-1), { wait: gate.promise });
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const scores = controllers.map(({ signal }, i) => model.score({ context: 'a', continuation: `${i}` }, { signal }));
    const settled = Promise.allSettled(scores);
    await new Promise(setImmediate);
    controllers[0]?.abort();
    await expect(scores[0]).rejects.toMatchObject({ code: 'aborted' });
    expect(batches[0]?.context.signal.aborted).toBe(false);
    controllers[1]?.abort();
    controllers[2]?.abort();
    await settled;
    expect(batches[0]?.context.signal.aborted).toBe(true);
    gate.resolve();
  });

  test('one that is aborted before the turn is over is not sent', async () => {
    const { model, batches } = scoring(whole(-1));
    const controller = new AbortController();
    const left = model.score({ context: 'a', continuation: '1' }, { signal: controller.signal });
    const kept = model.score({ context: 'a', continuation: '2' });
    controller.abort();
    await expect(left).rejects.toMatchObject({ code: 'aborted' });
    await kept;
    expect(batches.map(({ requests }) => requests.map((each) => each.continuation))).toEqual([['2']]);
  });

  test('a failed batch comes back as a batch', async () => {
    let attempt = 0;
    const again: Wrapper = (request, context, next) => ({
      async *[Symbol.asyncIterator]() {
        context.trace.attempts++;
        try {
          yield* next(request, context);
        } catch {
          context.trace.attempts++;
          // Each after a wait of its own.
          await new Promise((resolve) => setTimeout(resolve, 10 * Number(request.continuation)));
          yield* next(request, context);
        }
      },
    });
    const { model, batches } = scoring(
      (request) => {
        if (attempt++ < 1) throw new LmdeckError('server', 'down');
        return whole(-1)(request);
      },
      { wrappers: [again] },
    );
    await model.score(inputs(5));
    expect(batches.map(({ requests }) => requests.length)).toEqual([5, 5]);
  });
});
