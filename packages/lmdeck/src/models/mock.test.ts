import { describe, expect, test } from 'vitest';
import { languageModel, LmdeckError, messageText, type CallContext, type ModelEvent, type ModelRequest } from '../core/index.ts';
import { mock } from './mock.ts';
import { playOutput } from './scripted-output.ts';

async function all(events: AsyncIterable<ModelEvent>): Promise<readonly ModelEvent[]> {
  return Array.fromAsync(events);
}

describe('mock', () => {
  test('gives its outputs in turn and starts again', async () => {
    const model = mock({ outputs: ['a', 'b'] });
    expect(await Promise.all([1, 2, 3].map(() => model.prompt('x').text()))).toEqual(['a', 'b', 'a']);
    expect(await mock().prompt('x').text()).toBe('');
  });

  test('remembers what it was asked, also behind wrappers', async () => {
    const model = mock({ outputs: ['ok'] });
    await languageModel(model, (request, context, next) => next(request, context))
      .prompt('Hi', { options: { temperature: 0 } })
      .text();
    expect(model.requests).toMatchObject([{ messages: [{ role: 'user', parts: [{ text: 'Hi' }] }], options: { temperature: 0 } }]);
    expect(model.calls[0]?.stream).toBe(false);
  });

  test('streams word by word, and counts words and pieces', async () => {
    const model = mock({ outputs: ['one two  three\n'] });
    const response = model.prompt('four words in here');
    expect(await Array.fromAsync(response)).toEqual(['one', ' two', '  three\n']);
    expect(await response.usage()).toEqual({ inputTokens: 4, outputTokens: 3 });
    expect(await model.prompt('x').usage()).toEqual({ inputTokens: 1, outputTokens: 3 });
  });

  test.each<[string, string[] | number, string[]]>([
    ['given pieces', ['Hel', 'lo'], ['Hel', 'lo']],
    ['two pieces', 2, ['abc', 'de']],
    ['more pieces than characters', 9, ['a', 'b', 'c', 'd', 'e']],
  ])('%s', async (_, chunks, expected) => {
    expect(await Array.fromAsync(mock({ outputs: [{ text: 'abcde', chunks }] }).prompt('x'))).toEqual(expected);
  });

  test('reasoning, refusal, tool calls, finish and usage', async () => {
    const model = mock({
      outputs: [
        {
          reasoning: 'Hm',
          text: 'Wait',
          refusal: 'No',
          toolCalls: [
            { name: 'f', arguments: { x: 1 } },
            { name: 'g', arguments: '{broken', id: 'own' },
          ],
          usage: { inputTokens: 7 },
          finish: { reason: 'length', raw: 'max' },
        },
        { toolCalls: [{ name: 'f' }] },
      ],
    });
    const response = model.prompt('x');
    expect(await response.message()).toEqual({
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Wait' },
        { type: 'refusal', text: 'No' },
        { type: 'tool-call', id: 'call_1_0', name: 'f', arguments: '{"x":1}' },
        { type: 'tool-call', id: 'own', name: 'g', arguments: '{broken' },
      ],
    });
    expect([await response.usage(), await response.finish()]).toEqual([{ inputTokens: 7 }, { reason: 'length', raw: 'max' }]);
    expect(await model.prompt('x').finish()).toEqual({ reason: 'tool-calls' });
  });

  test('fails before anything, or after some text', async () => {
    const error = new LmdeckError('rate-limit', 'slow down', { status: 429, retryAfterMs: 5 });
    const model = mock({ outputs: [error, { text: 'half an', error: error.toInfo() }] });
    await expect(model.prompt('x').text()).rejects.toBe(error);
    const response = model.prompt('x');
    await expect(response.text()).rejects.toMatchObject({ code: 'rate-limit', retryAfterMs: 5 });
    expect(response.partial.parts).toEqual([{ type: 'text', text: 'half an' }]);
  });

  test('plays bare events, and asks a function', async () => {
    const events: readonly ModelEvent[] = [
      { type: 'text-delta', text: 'a' },
      { type: 'raw', raw: 1 },
      { type: 'finish', reason: 'stop' },
    ];
    const model = mock({ outputs: [events, async (request) => `${request.messages.length}`] });
    expect(await all(model.prompt('x').events())).toEqual(events);
    expect(await model.prompt('x').text()).toBe('1');
  });

  test('draws one output per sample', async () => {
    const samples = await mock({ outputs: ['a', 'b', 'c'] })
      .prompt('x', { samples: 3 })
      .samples();
    expect(samples.map((sample) => [sample.message.parts, sample.finish])).toEqual(
      ['a', 'b', 'c'].map((text) => [[{ type: 'text', text }], { reason: 'stop' }]),
    );
  });

  test('gives its scores in turn, spelled out or as functions', async () => {
    const model = mock({
      scores: [
        -0.1,
        [
          { token: ' Ro', logprob: -1, isGreedy: false },
          { token: 'me', logprob: -2, isGreedy: true },
        ],
        new LmdeckError('server', 'down'),
        (request) => -String(request.continuation).length,
      ],
    });
    const ask = (continuation: string) => model.score({ context: 'The capital of France is', continuation });
    expect(await ask(' Paris')).toMatchObject({ logprob: -0.1, isGreedy: true, tokens: [{ token: ' Paris' }] });
    expect(await ask(' Rome')).toMatchObject({ logprob: -3, isGreedy: false });
    await expect(ask(' Oslo')).rejects.toMatchObject({ code: 'server' });
    expect(await ask(' Lima')).toMatchObject({ logprob: -5, isGreedy: false });
    expect(await ask(' Paris')).toMatchObject({ logprob: -0.1 });
    expect(model.requests.map((request) => request.continuation)).toEqual([' Paris', ' Rome', ' Oslo', ' Lima', ' Paris']);
  });

  test('scores by length when it is told nothing, and not at all when it cannot', async () => {
    expect((await mock().score({ context: '', continuation: 'ab cd' })).logprob).toBeCloseTo(-0.5, 10);
    expect((await mock().score({ context: [1], continuation: [2, 3] })).tokens.map((token) => token.tokenId)).toEqual([2, 3]);
    await expect(mock({ capabilities: {} }).score({ context: '', continuation: 'a' })).rejects.toMatchObject({ code: 'capability' });
  });

  test('stops waiting when it is aborted', async () => {
    const response = mock({ outputs: [{ text: 'never', delayMs: 3_600_000 }] }).prompt('x');
    const text = response.text();
    response.abort('enough');
    await expect(text).rejects.toMatchObject({ code: 'aborted', message: 'enough' });
  });
});

describe('playOutput', () => {
  test('waits as long as it is told, and no longer than its signal', async () => {
    const controller = new AbortController();
    const [request, context] = await asked(controller.signal);
    const order: string[] = [];
    const play = async (name: string, delayMs: number): Promise<void> => {
      for await (const event of playOutput({ text: name, delayMs }, request, context, 0)) if (event.type === 'text-delta') order.push(name);
    };
    await Promise.all([play('late', 20), play('soon', 0)]);
    expect(order).toEqual(['soon', 'late']);
    const endless = play('never', 3_600_000);
    controller.abort(new LmdeckError('aborted', 'enough'));
    await expect(endless).rejects.toMatchObject({ code: 'aborted', message: 'enough' });
    await expect(play('more', 0)).rejects.toMatchObject({ message: 'enough' });
    expect(order).toHaveLength(2);
  });
});

/** A request and its context, as a model gets them. */
async function asked(signal: AbortSignal): Promise<readonly [ModelRequest, CallContext]> {
  const model = mock();
  await model.prompt('x').text();
  const [request] = model.requests;
  const [context] = model.calls;
  if (request === undefined || context === undefined) throw new Error('the mock was not asked');
  return [request, { ...context, signal }];
}

test('what it remembers can be bounded', async () => {
  const model = mock({ outputs: ['yes'], remembers: 2 });
  for (const text of ['a', 'b', 'c']) await model.prompt(text).text();
  expect(model.requests.map(({ messages }) => messages.map(messageText).join())).toEqual(['b', 'c']);
  expect(model.calls).toHaveLength(2);
  const forgetful = mock({ remembers: 0 });
  await forgetful.prompt('a').text();
  expect(forgetful.requests).toEqual([]);
});
