import { describe, expect, test } from 'vitest';
import { assistant, user, type Message, type ScoreInput, type StoredCall, type TokenLogprob } from '../core/index.ts';
import { openTape } from '../tape/index.ts';
import { put } from '../tape/test-support/calls.ts';
import { chatml, wordTokenizer } from './test-support/word-tokenizer.ts';
import { MASKED } from './predicted-tokens.ts';
import { scoreOf, trainingRecord, trainingSample } from './training-sample.ts';

const tokenizer = wordTokenizer({ chatTemplate: chatml });

async function callOf(answer: string, logprobs?: readonly TokenLogprob[], tags = {}): Promise<StoredCall> {
  await using tape = openTape(':memory:');
  const message: Message = assistant(answer);
  const id = put(
    tape,
    [user('Say it')],
    '',
    { metadata: { task: 'x' } },
    { samples: [logprobs === undefined ? { message } : { message, logprobs }] },
  );
  tape.tag(id, tags);
  const call = tape.call(id);
  if (call === undefined) throw new Error('it was put there');
  return call;
}

const learnt = (sample: { readonly inputIds: readonly number[]; readonly labels: readonly number[] }): string =>
  tokenizer.decode(sample.inputIds.filter((id, i) => sample.labels[i] === id));

describe('trainingSample', () => {
  test('labels are the tokens of the answer, the BOS that was taken off the text is there again', async () => {
    const sample = await trainingSample(await callOf('It is 😀'), { tokenizer });
    expect(sample.inputIds[0]).toBe(0);
    expect(sample.labels).toHaveLength(sample.inputIds.length);
    expect(tokenizer.decode(sample.inputIds.slice(1))).toBe(sample.text);
    expect(learnt(sample)).toBe('It is 😀<|im_end|>\n');
    expect(sample.labels.filter((label) => label !== MASKED)).toHaveLength(7);
    expect(sample).not.toHaveProperty('logprobs');
  });

  test('a token that reaches from the prompt into the answer is learnt', async () => {
    // The template ends the prompt in the middle of what the tokenizer takes for one word.
    const template = { source: '', render: (messages: readonly Message[]) => (messages.length === 1 ? 'pre' : 'prefix end') };
    const sample = await trainingSample({ messages: [user('x')], answer: assistant('y') }, { tokenizer, template });
    expect(learnt(sample)).toBe('prefix end');
  });

  test('recorded token ids are taken as they were sampled, and what was not sampled is left away', async () => {
    const ids = [...tokenizer.encode('It'), ...tokenizer.encode(' i'), ...tokenizer.encode('s')];
    const logprobs = ids.map((tokenId, i) => ({ token: `token_id:${tokenId}`, logprob: -i - 0.5, ...(i === 0 ? { tokenId } : {}) }));
    const sample = await trainingSample(await callOf('It is', logprobs), { tokenizer, logprobs: 'required' });
    expect(sample.inputIds.slice(-3)).toEqual(ids);
    expect(sample.labels.slice(-4)).toEqual([MASKED, ...ids]);
    expect(sample.logprobs).toEqual([-0.5, -1.5, -2.5]);
    // What training reads: a log-probability for every label.
    expect(sample.labels.filter((label) => label !== MASKED)).toHaveLength(sample.logprobs?.length ?? -1);
  });

  test('recorded texts are matched with the tokens byte by byte', async () => {
    const emoji = Buffer.from('😀');
    const logprobs: TokenLogprob[] = [
      { token: 'It', logprob: -1 },
      { token: ' is', logprob: -2 },
      { token: ' ', logprob: -3 },
      { token: '\uFFFD', bytes: [...emoji.subarray(0, 2)], logprob: -4 },
      { token: '\uFFFD', bytes: [...emoji.subarray(2)], logprob: -5 },
      { token: '<|im_end|>', logprob: -6 },
    ];
    const sample = await trainingSample(await callOf('It is 😀', logprobs), { tokenizer });
    expect(sample.logprobs).toEqual([-1, -2, -3, -4, -5, -6]);
    expect(learnt(sample)).toBe('It is 😀<|im_end|>');
  });

  test('log-probabilities that do not fit are left out with the reason, or refused', async () => {
    const split = await callOf('It is', [
      { token: 'I', logprob: -1 },
      { token: 't is', logprob: -1 },
    ]);
    const sample = await trainingSample(split, { tokenizer });
    expect(sample.logprobs).toBeUndefined();
    expect(sample.logprobsProblem).toBe('the recorded token 0 is "I", but the tokenizer makes "It" of the text there');
    expect(learnt(sample)).toBe('It is<|im_end|>\n');
    await expect(trainingSample(split, { tokenizer, logprobs: 'required' })).rejects.toMatchObject({ code: 'invalid-request' });
    const ids = await callOf('It is', [{ token: 'x', tokenId: tokenizer.encode('else')[0] ?? 0, logprob: -1 }]);
    expect((await trainingSample(ids, { tokenizer })).logprobsProblem).toContain('the recorded tokens say "else"');
    expect((await trainingSample(ids, { tokenizer, logprobs: 'none' })).logprobsProblem).toBeUndefined();
    await expect(trainingSample(await callOf('It'), { tokenizer, logprobs: 'required' })).rejects.toThrow('without log-probabilities');
  });

  test('the reference model is asked for the very tokens that are learnt', async () => {
    let asked: ScoreInput | undefined;
    const reference = (input: ScoreInput): Promise<{ readonly tokens: TokenLogprob[] }> => {
      asked = input;
      const ids = typeof input.continuation === 'string' ? [] : input.continuation;
      return Promise.resolve({ tokens: ids.map((tokenId, i) => ({ token: '', tokenId, logprob: -i })) });
    };
    const sample = await trainingSample(await callOf('It is'), { tokenizer, reference });
    expect(asked).toEqual({
      context: sample.inputIds.slice(0, -4),
      continuation: sample.inputIds.slice(-4),
    });
    expect(sample.refLogprobs).toEqual([-0, -1, -2, -3]);
    const short = (): Promise<{ readonly tokens: TokenLogprob[] }> => Promise.resolve({ tokens: [] });
    await expect(trainingSample(await callOf('It is'), { tokenizer, reference: short })).rejects.toMatchObject({
      code: 'invalid-response',
    });
    const other = async (input: ScoreInput): Promise<{ readonly tokens: TokenLogprob[] }> => {
      const { tokens } = await reference(input);
      return { tokens: tokens.map((token, i) => (i === 1 ? { ...token, tokenId: 9999 } : token)) };
    };
    await expect(trainingSample(await callOf('It is'), { tokenizer, reference: other })).rejects.toThrow('token 1 is another one');
  });

  test('reward, group and metadata come from the call and can be given', async () => {
    const call = await callOf('It', undefined, { reward: 0.25, label: 'good' });
    const same = await callOf('Else');
    const sample = await trainingSample(call, { tokenizer });
    expect(sample).toMatchObject({
      reward: 0.25,
      metadata: { task: 'x', label: 'good', reward: 0.25, model: 'test/model', call_id: call.id },
    });
    expect(sample.groupId).toBe((await trainingSample(same, { tokenizer })).groupId);
    expect(await trainingSample(call, { tokenizer, reward: -1, groupId: 'g', metadata: { task: 'y' } })).toMatchObject({
      reward: -1,
      groupId: 'g',
      metadata: { task: 'y', label: 'good' },
    });
    expect((await trainingSample(same, { tokenizer })).reward).toBeUndefined();
  });

  test('the record has the keys of TapeAgents', async () => {
    const sample = await trainingSample(await callOf('It'), { tokenizer });
    const record = trainingRecord(sample);
    expect(Object.keys(record)).toEqual([
      'text',
      'n_predicted',
      'reward',
      'logprobs',
      'ref_logprobs',
      'input_ids',
      'labels',
      'group_id',
      'metadata',
    ]);
    expect(record).toMatchObject({
      n_predicted: 13,
      reward: 0,
      logprobs: [],
      ref_logprobs: [],
      input_ids: sample.inputIds,
      group_id: sample.groupId,
    });
  });
});

test('scores are numbers, yes or no, chosen or rejected, or one for each sample', async () => {
  const score = async (value: unknown, sample?: number): Promise<number | undefined> =>
    scoreOf(await callOf('x', undefined, { s: value }), 's', sample);
  expect(await Promise.all([0.5, true, false, 'chosen', 'rejected', 'good', null].map((value) => score(value)))).toEqual([
    0.5,
    1,
    0,
    1,
    0,
    undefined,
    undefined,
  ]);
  expect([await score([1, 2], 1), await score([1, 2], 2)]).toEqual([2, undefined]);
});
