import { describe, expect, test } from 'vitest';
import {
  assistant,
  createRequest,
  raw,
  user,
  type CallContext,
  type Model,
  type ModelRequest,
  type ModelRequestInput,
  type Tokenizer,
} from '../core/index.ts';
import { chatTemplate } from '../tokenize/index.ts';
import { limitContext, type ContextCut, type LimitContextOptions } from './limit-context.ts';

const tokenizer: Tokenizer = {
  id: 'words',
  encode: (text) => (text.match(/\S+/g) ?? []).map((word) => word.length),
  decode: (ids) => ids.map((id) => 'x'.repeat(id)).join(' '),
  count: (text) => (text.match(/\S+/g) ?? []).length,
  chatTemplate: await chatTemplate('{% for m in messages %}{{ m.content }} {% endfor %}{{ tools | tojson if tools }}'),
};
const able: Model = {
  id: 'acme/able',
  capabilities: {},
  generate: () => {
    throw new Error('not reached');
  },
  tokenizer: () => Promise.resolve(tokenizer),
  contextSize: () => Promise.resolve(6),
};
const { tokenizer: _tokenizer, contextSize: _contextSize, ...bare } = able;

/** What reaches the model. */
async function sent(input: ModelRequestInput, options: LimitContextOptions = {}, model: Model = able): Promise<ModelRequest> {
  const request = createRequest(input);
  const context: CallContext = {
    callId: 'call',
    model,
    startedAt: 0,
    signal: new AbortController().signal,
    stream: true,
    trace: { attempts: 0 },
  };
  let reached: ModelRequest | undefined;
  const events = limitContext(options)(request, context, async function* (passed) {
    reached = passed;
    yield { type: 'finish', reason: 'stop' };
  });
  for await (const event of events) expect(event).toEqual({ type: 'finish', reason: 'stop' });
  if (reached === undefined) throw new Error('nothing was sent');
  return reached;
}

describe('with what the model says', () => {
  test('a prompt that fits is sent as it is', async () => {
    const messages = [user('one two three four five')];
    expect((await sent({ messages })).messages).toEqual(messages);
  });

  test('one that does not is refused by default, before anything is sent', async () => {
    await expect(sent({ messages: [user('one two three four five six')] })).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(sent({ messages: [user('one two')], options: { maxTokens: 5 } })).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(sent({ messages: [user('one two')] }, { reserve: 5 })).rejects.toMatchObject({ code: 'invalid-request' });
    const tools = [{ name: 'f', description: 'a b c', parameters: {} }];
    await expect(sent({ messages: [user('one two')], tools })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  test('or shortened, and said what was cut', async () => {
    const cuts: ContextCut[] = [];
    const request = await sent(
      { messages: [user('one two'), assistant('three'), user('four five six')], options: { seed: 1 } },
      { strategy: 'messages', onCut: (cut) => cuts.push(cut) },
    );
    expect(request).toEqual(createRequest({ messages: [user('four five six')], options: { seed: 1 } }));
    expect(cuts).toEqual([{ callId: 'call', modelId: 'acme/able', tokens: 3, contextSize: 6, cut: { tokens: 3, messages: 2 } }]);
  });

  test('or sent with a warning', async () => {
    const warnings: string[] = [];
    const messages = [user('one two three four five six')];
    expect((await sent({ messages }, { strategy: 'warn', onWarning: (message) => warnings.push(message) })).messages).toEqual(messages);
    expect(warnings).toHaveLength(1);
  });
});

test('raw prompts are texts or tokens', async () => {
  expect((await sent({ messages: [raw('a bb ccc dddd eeeee ffffff')] }, { strategy: 'left' })).messages).toEqual([
    raw('xx xxx xxxx xxxxx xxxxxx'),
  ]);
  expect((await sent({ messages: [raw([1, 2, 3, 4, 5, 6])] }, { strategy: 'right' })).messages).toEqual([raw([1, 2, 3, 4, 5])]);
});

test('a score passes, however long', async () => {
  const request = createRequest({ messages: [user('one two three four five six')], continuation: 'x' });
  expect(await sent(request)).toEqual(request);
});

test('what the model does not say is given, or missed', async () => {
  const messages = [user('one two three')];
  expect((await sent({ messages }, { tokenizer, contextSize: 4 }, bare)).messages).toEqual(messages);
  await expect(sent({ messages }, { contextSize: 4 }, bare)).rejects.toMatchObject({
    code: 'capability',
    message: expect.stringContaining('(tokenizer)'),
  });
  await expect(sent({ messages }, { tokenizer }, bare)).rejects.toMatchObject({
    code: 'capability',
    message: expect.stringContaining('(contextSize)'),
  });
  expect((await sent({ messages }, { tokenizer, contextSize: 4, count: () => 1 }, bare)).messages).toEqual(messages);
});
