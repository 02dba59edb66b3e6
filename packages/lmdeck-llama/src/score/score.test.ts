import { readFileSync } from 'node:fs';
import { raw, system, user, type ScoreInput } from 'lmdeck/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { llama, tinyModelPath, type LlamaLanguageModel } from '../index.ts';
import { loadModel, type LoadedModel } from '../loaded-model.ts';
import { vocabularySize } from '../token-ids.ts';
import { fullPassLogprob } from '../test-support/full-pass.ts';

let tiny: LlamaLanguageModel;
let reference: LoadedModel;
beforeAll(async () => {
  tiny = llama({ model: 'tiny' });
  reference = await loadModel('reference', tinyModelPath, { sequences: 1 });
});
afterAll(async () => {
  await tiny.unload();
  await reference.close();
});

const BEGIN = '<|endoftext|>';
const FRANCE = `${BEGIN}The capital of France is`;

/** Every eighth of the held-out items that are to be scored, each with all its continuations. */
function heldOut(): readonly ScoreInput[] {
  const lines = readFileSync(new URL('../../tiny/heldout.jsonl', import.meta.url), 'utf8').split('\n');
  const items = lines.flatMap((line): readonly { prompt: string; expected: string; wrong: readonly string[] }[] =>
    line.includes('"wrong": [') ? [JSON.parse(line)] : [],
  );
  return items
    .filter((_, i) => i % 8 === 0)
    .flatMap(({ prompt, expected, wrong }) => [expected, ...wrong].map((continuation) => ({ context: BEGIN + prompt, continuation })));
}

describe('a score', () => {
  test('of held-out continuations is the sum from a full pass over the vocabulary', async () => {
    const inputs = heldOut();
    expect(inputs.length).toBeGreaterThan(100);
    const scores = await tiny.score(inputs);
    for (const [i, input] of inputs.entries()) {
      const { logprob = Number.NaN, tokens = [] } = scores[i] ?? {};
      expect(tokens.map((token) => token.token).join('')).toBe(input.continuation);
      expect(Math.abs(logprob - (await fullPassLogprob(reference, input, tokens.length)))).toBeLessThan(1e-3);
    }
  });

  test('of every token of a text is the sum from a full pass, in one request with others or alone', async () => {
    const continuation = 'The capital of France is Paris. Qui é? '.repeat(12);
    const [whole, half] = await tiny.score([
      { context: '', continuation },
      { context: BEGIN + continuation.slice(0, 200), continuation: continuation.slice(200) },
    ]);
    const { logprob = Number.NaN, tokens = [] } = whole ?? {};
    expect(tokens.length).toBeGreaterThan(150);
    expect(Math.abs(logprob - (await fullPassLogprob(reference, { context: BEGIN, continuation }, tokens.length)))).toBeLessThan(1e-3);
    const rest = tokens.slice(-(half?.tokens.length ?? 0));
    expect(half?.tokens.map((token) => token.tokenId)).toEqual(rest.map((token) => token.tokenId));
    for (const [i, token] of rest.entries()) expect(half?.tokens[i]?.logprob).toBeCloseTo(token.logprob, 3);
  });

  test('of a text of one token is that token after the beginning', async () => {
    const [one, end] = await tiny.score([
      { context: '', continuation: 'The' },
      { context: [], continuation: await promptIds(BEGIN) },
    ]);
    expect(one?.tokens).toHaveLength(1);
    expect(one?.logprob).toBeCloseTo(await fullPassLogprob(reference, { context: BEGIN, continuation: 'The' }, 1), 3);
    expect(end?.tokens).toHaveLength(1);
    expect(end?.logprob).toBeLessThan(0);
  });

  test('of all tokens that can follow is a distribution with one likeliest', async () => {
    const context = await promptIds(FRANCE);
    const inputs = Array.from({ length: vocabularySize(reference.model) }, (_, id) => ({ context, continuation: [id] }));
    const scores = await tiny.score(inputs);
    expect(scores.reduce((sum, score) => sum + Math.exp(score.logprob), 0)).toBeCloseTo(1, 4);
    const likeliest = scores.filter((score) => score.isGreedy);
    expect(likeliest.map((score) => score.logprob)).toEqual([Math.max(...scores.map((score) => score.logprob))]);
    for (const score of scores) expect(score.logprob).toBeLessThanOrEqual(0);
  });

  test('is the same alone and among others that share its beginning, in any order', async () => {
    const inputs = heldOut().slice(0, 30);
    const together = await tiny.score(inputs);
    const backwards = (await tiny.score(inputs.toReversed())).toReversed();
    using fresh = disposable(llama({ model: 'tiny', sequences: 1 }));
    for (const [i, input] of inputs.entries()) {
      const alone = await fresh.model.score(input);
      expect(together[i]?.logprob).toBeCloseTo(alone.logprob, 3);
      expect(backwards[i]?.logprob).toBeCloseTo(alone.logprob, 3);
      expect(together[i]?.isGreedy).toBe(alone.isGreedy);
    }
  });

  test('tells the right choice from the wrong ones', async () => {
    const choices = [' Paris', ' Rome', ' Berlin', ' Madrid'];
    const scores = await tiny.score(choices.map((continuation) => ({ context: FRANCE, continuation })));
    expect(scores.map((score) => score.isGreedy)).toEqual([true, false, false, false]);
    expect(scores[0]?.logprob).toBeGreaterThan(-0.1);
    for (const other of scores.slice(1)) expect(other.logprob).toBeLessThan(-5);
    expect(scores[0]?.tokens).toEqual([
      { token: ' ', tokenId: 32, logprob: expect.closeTo(-0.00004, 4), isGreedy: true },
      { token: 'Paris', tokenId: 1130, logprob: expect.closeTo(-0.0042, 3), isGreedy: true },
    ]);
  });

  test('is what sampling the same tokens says', async () => {
    const sampled = await tiny.prompt(raw(FRANCE), { options: { maxTokens: 4, logprobs: true } }).logprobs();
    const text = sampled?.map((token) => token.token).join('') ?? '';
    const score = await tiny.score({ context: FRANCE, continuation: text });
    expect(score.isGreedy).toBe(true);
    expect(score.logprob).toBeCloseTo(sampled?.reduce((sum, token) => sum + token.logprob, 0) ?? 0, 3);
  });
});

describe('contexts', () => {
  test('of token ids say the same as their text', async () => {
    const text = await tiny.score({ context: FRANCE, continuation: ' Paris' });
    const [begin] = await promptIds(BEGIN);
    const ids = await promptIds(FRANCE);
    expect(begin).toBe(ids[0]);
    const score = await tiny.score({ context: ids, continuation: text.tokens.map((token) => token.tokenId ?? 0) });
    expect(score.logprob).toBeCloseTo(text.logprob, 4);
    expect(score.tokens.map((token) => token.token)).toEqual([' ', 'Paris']);
  });

  test('of messages are rendered, the continuation is the answer', async () => {
    const context = [system('You are a helpful assistant.'), user('What is the capital of France?')];
    const [right, wrong, ended] = await tiny.score(['Paris', 'Rome', 'Paris<|im_end|>'].map((continuation) => ({ context, continuation })));
    expect([right?.isGreedy, wrong?.isGreedy, ended?.isGreedy]).toEqual([true, false, true]);
    expect(ended?.tokens.at(-1)?.token).toBe('<|im_end|>');
    expect(right?.logprob).toBeCloseTo(await fullPassLogprob(reference, { context, continuation: 'Paris' }, right?.tokens.length ?? 0), 3);
  });

  test('of nothing begin with the token that begins a text', async () => {
    const bare = await tiny.score({ context: '', continuation: 'The capital' });
    const begun = await tiny.score({ context: BEGIN, continuation: 'The capital' });
    expect(bare.logprob).toBeCloseTo(begun.logprob, 5);
    expect(bare.tokens).toHaveLength(2);
    const ids = bare.tokens.map((token) => token.tokenId ?? 0);
    expect((await tiny.score({ context: [], continuation: ids })).logprob).toBeCloseTo(bare.logprob, 5);
  });

  test('that end inside a token give it to the continuation, and the result says so', async () => {
    const score = await tiny.score({ context: `${BEGIN}The cap`, continuation: 'ital of France' });
    expect(score.overlap).toBe(' cap');
    expect(score.tokens[0]?.token).toBe(' capital');
  });

  test('and continuations of characters in several tokens', async () => {
    const score = await tiny.score({ context: `${FRANCE} é`, continuation: '😀 ß!' });
    expect(score.tokens.map((token) => token.token)).toEqual(['', '', '', '😀', ' ', '', 'ß', '!']);
    expect(score.overlap).toBeUndefined();
  });
});

describe('what cannot be scored is an error of its own', () => {
  test('a text that is too long, among others', async () => {
    const long = { context: `${FRANCE} ${'Paris is the capital of France. '.repeat(200)}`, continuation: ' Paris' };
    const outcomes = await Promise.allSettled([tiny.score({ context: FRANCE, continuation: ' Paris' }), tiny.score(long)]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      {
        status: 'rejected',
        reason: {
          code: 'invalid-request',
          message: expect.stringMatching(/^llama\/tiny: the text has \d+ tokens, the model can score 1024 at once/),
        },
      },
    ]);
  });

  test('as long as it can be is not too long', async () => {
    const ids = Array.from({ length: 1024 }, (_, i) => 32 + (i % 3));
    expect((await tiny.score({ context: ids.slice(0, -1), continuation: ids.slice(-1) })).tokens).toHaveLength(1);
    await expect(tiny.score({ context: ids, continuation: [32] })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test.each([[[1_000_000]], [[-1]], [[1.5]]])('token ids that there are not: %j', async (continuation) => {
    await expect(tiny.score({ context: [32], continuation })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('is no token id'),
    });
  });

  test('an aborted one leaves the model usable', async () => {
    const controller = new AbortController();
    const inputs = heldOut().map((input) => tiny.score(input, { signal: controller.signal }));
    const settled = Promise.allSettled(inputs);
    await new Promise(setImmediate);
    controller.abort();
    expect((await settled).every((outcome) => outcome.status === 'rejected')).toBe(true);
    expect((await tiny.score({ context: FRANCE, continuation: ' Paris' })).isGreedy).toBe(true);
    await tiny.unload();
    expect((await tiny.score({ context: FRANCE, continuation: ' Paris' })).isGreedy).toBe(true);
  });
});

describe('raw prompts', () => {
  test('are continued as they are, text or token ids', async () => {
    const options = { maxTokens: 2 };
    expect(await tiny.prompt(raw(FRANCE), { options }).text()).toBe(' Paris');
    expect(await tiny.prompt(raw(await promptIds(FRANCE)), { options }).text()).toBe(' Paris');
    expect((await Array.fromAsync(tiny.prompt(raw(FRANCE), { options }))).join('')).toBe(' Paris');
  });

  test('may be a conversation written out by hand', async () => {
    const written = '<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n';
    expect(await tiny.prompt(raw(written)).text()).toBe(await tiny.prompt('What is the capital of France?').text());
  });

  test('take no tools', async () => {
    await expect(tiny.prompt(raw('a'), { tools: [{ name: 'f', parameters: {} }] }).text()).rejects.toMatchObject({ code: 'capability' });
  });
});

/** The ids of a text, special tokens read as such. */
async function promptIds(text: string): Promise<readonly number[]> {
  return reference.model.tokenize(text, true);
}

function disposable(model: LlamaLanguageModel): Disposable & { readonly model: LlamaLanguageModel } {
  return { model, [Symbol.dispose]: () => void model.unload() };
}
