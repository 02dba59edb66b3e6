import { describe, expect, test } from 'vitest';
import { LmdeckError } from './error.ts';
import { languageModel } from './language-model.ts';
import type { ModelEvent } from './model-event.ts';
import type { CallContext, Capabilities, Model } from './model.ts';
import { assistant, user } from './message.ts';

interface Probe {
  readonly model: Model;
  readonly contexts: CallContext[];
  pulled: number;
  closed: number;
}

/** A model that yields the given items, counting what is pulled and whether it is closed. */
function probe(
  items: readonly (ModelEvent | readonly ModelEvent[] | Error)[],
  capabilities: Capabilities = { streaming: true, samples: true },
): Probe {
  const seen: Probe = {
    contexts: [],
    pulled: 0,
    closed: 0,
    model: {
      id: 'probe',
      capabilities,
      async *generate(_request, context) {
        seen.contexts.push(context);
        try {
          for (const item of items) {
            if (item instanceof Error) throw item;
            seen.pulled += 1;
            yield item;
          }
        } finally {
          seen.closed += 1;
        }
      },
    },
  };
  return seen;
}

const text = (value: string): ModelEvent => ({ type: 'text-delta', text: value });
const stop: ModelEvent = { type: 'finish', reason: 'stop' };
const hello = [text('Hel'), [text('lo'), text(' there')], stop] as const;

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('reading', () => {
  test('nothing is sent until the response is read', async () => {
    const { model, contexts } = probe(hello);
    const response = languageModel(model).prompt('hi');
    expect(response.callId).toBeUndefined();
    expect(contexts).toHaveLength(0);
    await response.text();
    expect(contexts).toHaveLength(1);
  });

  test('pieces as they come, the whole afterwards, the pieces again on a second read: one call', async () => {
    const { model, contexts } = probe(hello);
    const response = languageModel(model).prompt('hi');
    expect(await collect(response)).toEqual(['Hel', 'lo', ' there']);
    expect(await response.text()).toBe('Hello there');
    expect(await collect(response)).toEqual(['Hel', 'lo', ' there']);
    expect(await collect(response.events())).toEqual([text('Hel'), text('lo'), text(' there'), stop]);
    expect(contexts).toHaveLength(1);
  });

  test('a second consumer at the same time is told what to do instead', async () => {
    const response = languageModel(probe(hello).model).prompt('hi');
    const first = response[Symbol.asyncIterator]();
    await first.next();
    expect(() => response[Symbol.asyncIterator]()).toThrow(/being read already.*Await text\(\)/s);
  });

  test('whoever awaits the whole while another reads pieces gets it at the end', async () => {
    const { model, contexts } = probe(hello);
    const response = languageModel(model).prompt('hi');
    const pieces = response[Symbol.asyncIterator]();
    await pieces.next();
    const whole = response.text();
    while ((await pieces.next()).done !== true);
    expect(await whole).toBe('Hello there');
    expect(contexts).toHaveLength(1);
  });

  test('streams exactly when it is read in pieces, unless told otherwise', async () => {
    const { model, contexts } = probe(hello);
    await languageModel(model).prompt('hi').text();
    await collect(languageModel(model).prompt('hi'));
    await collect(languageModel(model).prompt('hi', { stream: false }));
    expect(contexts.map((context) => context.stream)).toEqual([false, true, false]);
  });

  test('holds the model back while nobody reads on', async () => {
    const seen = probe(Array.from({ length: 1000 }, () => text('x')));
    const pieces = languageModel(seen.model).prompt('hi')[Symbol.asyncIterator]();
    await pieces.next();
    await pieces.next();
    expect(seen.pulled).toBe(2);
  });

  test('whoever asks again before the answer is there gets what follows, in order', async () => {
    const pieces = languageModel(probe(hello).model).prompt('hi')[Symbol.asyncIterator]();
    const asked = [pieces.next(), pieces.next(), pieces.next(), pieces.next(), pieces.next()];
    expect((await Promise.all(asked)).map(({ value }) => value)).toEqual(['Hel', 'lo', ' there', undefined, undefined]);
    const events = languageModel(probe([text('a'), new LmdeckError('server', 'down')]).model)
      .prompt('hi')
      .events();
    const types = (await Promise.all([events.next(), events.next(), events.next()])).map(({ value }) => value?.type);
    expect(types).toEqual(['text-delta', 'error', undefined]);
  });

  test('events() begins when it is read', async () => {
    const { model, contexts } = probe(hello);
    const response = languageModel(model).prompt('hi');
    const events = response.events();
    await response.events().return();
    expect(contexts).toHaveLength(0);
    expect((await events.next()).value).toEqual(text('Hel'));
    await expect(response.events().next()).rejects.toMatchObject({ code: 'usage' });
    expect(await collect(events)).toEqual([text('lo'), text(' there'), stop]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test('pieces of other kinds are passed over without a stop', async () => {
    const usage: ModelEvent = { type: 'usage', usage: {} };
    const items = [
      usage,
      [usage, usage],
      [],
      text(''),
      { ...text('b'), sample: 1 },
      [usage, text('a')],
      ...Array.from({ length: 20_000 }, () => usage),
    ];
    const response = languageModel(probe(items).model).prompt('hi');
    expect(await collect(response)).toEqual(['a']);
    // Once more, from what was kept.
    expect(await collect(response)).toEqual(['a']);
  });

  test('an empty answer is an empty text, not an error', async () => {
    const response = languageModel(probe([stop]).model).prompt('hi');
    expect(await response.text()).toBe('');
    expect(await response.message()).toEqual({ role: 'assistant', parts: [] });
    expect(await response.usage()).toEqual({});
  });
});

describe('leaving', () => {
  test('leaving the loop closes the model, aborts the signal and keeps what came', async () => {
    const seen = probe(hello);
    const response = languageModel(seen.model).prompt('hi');
    for await (const _piece of response) break;
    expect(seen.closed).toBe(1);
    expect(seen.contexts[0]?.signal.aborted).toBe(true);
    expect(response.partial).toEqual(assistant('Hel'));
    await expect(response.text()).rejects.toMatchObject({ code: 'aborted' });
  });

  test('abort() ends the wait even when the model ignores the signal', async () => {
    const deaf = languageModel({
      id: 'deaf',
      capabilities: {},
      async *generate() {
        yield text('one');
        await new Promise(() => {});
      },
    });
    const response = deaf.prompt('hi');
    const pieces = response[Symbol.asyncIterator]();
    await pieces.next();
    const next = pieces.next();
    response.abort('enough');
    await expect(next).rejects.toMatchObject({ code: 'aborted', message: 'enough' });
    expect(response.partial).toEqual(assistant('one'));
  });

  test("the caller's signal aborts, and is let go when the call has ended", async () => {
    const controller = new AbortController();
    const seen = probe(hello);
    const done = languageModel(seen.model).prompt('hi', { signal: controller.signal });
    await done.text();
    controller.abort();
    expect(seen.contexts[0]?.signal.aborted).toBe(false);
    const never = languageModel(seen.model).prompt('hi', { signal: controller.signal });
    await expect(never.text()).rejects.toMatchObject({ code: 'aborted' });
  });

  test('abort before the start means that nothing is sent', async () => {
    const seen = probe(hello);
    const response = languageModel(seen.model).prompt('hi');
    response.abort();
    await expect(response.text()).rejects.toMatchObject({ code: 'aborted' });
    expect(seen.contexts).toHaveLength(0);
  });

  test('leaving events() closes the model, also by throw() and await using', async () => {
    const seen = probe(hello);
    for await (const _event of languageModel(seen.model).prompt('hi').events()) break;
    expect(seen.closed).toBe(1);
    const thrown = languageModel(seen.model).prompt('hi').events();
    await thrown.next();
    await expect(thrown.throw(new Error('mine'))).rejects.toThrow('mine');
    expect(seen.closed).toBe(2);
    {
      await using events = languageModel(seen.model).prompt('hi').events();
      await events.next();
    }
    expect(seen.closed).toBe(3);
  });

  test('leaving ends the wait of whoever still reads', async () => {
    const waiting = languageModel({
      id: 'waiting',
      capabilities: {},
      generate: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }),
    });
    const pieces = waiting.prompt('hi')[Symbol.asyncIterator]();
    const next = pieces.next();
    await pieces.return?.();
    await expect(next).rejects.toMatchObject({ code: 'aborted' });
  });

  test('await using ends a call that is still running', async () => {
    const seen = probe(hello);
    {
      await using response = languageModel(seen.model).prompt('hi');
      await response[Symbol.asyncIterator]().next();
    }
    expect(seen.closed).toBe(1);
  });
});

describe('failing', () => {
  const broken = [text('par'), text('tial'), new LmdeckError('network', 'reset', { retryable: true })] as const;

  test('pieces come first, then the error; the partial answer stays', async () => {
    const response = languageModel(probe(broken).model).prompt('hi');
    const pieces: string[] = [];
    await expect(async () => {
      for await (const piece of response) pieces.push(piece);
    }).rejects.toMatchObject({ code: 'network' });
    expect(pieces).toEqual(['par', 'tial']);
    expect(response.partial).toEqual(assistant('partial'));
    expect(response.error?.code).toBe('network');
    await expect(response.text()).rejects.toBe(response.error);
  });

  test('events() ends with an error event instead of a throw, again on the second read', async () => {
    const response = languageModel(probe(broken).model).prompt('hi');
    const expected = [text('par'), text('tial'), { type: 'error', error: { code: 'network', message: 'reset', retryable: true } }];
    expect(await collect(response.events())).toEqual(expected);
    expect(await collect(response.events())).toEqual(expected);
  });

  test('an error event of a model is an error like any other', async () => {
    const model = probe([[text('a'), { type: 'error', error: { code: 'server', message: 'overloaded', retryable: true } }]]).model;
    await expect(languageModel(model).prompt('hi').text()).rejects.toMatchObject({ code: 'server', retryable: true });
  });

  test('what is thrown and is no LmdeckError names the model', async () => {
    await expect(
      languageModel(probe([new TypeError('x is undefined')]).model)
        .prompt('hi')
        .text(),
    ).rejects.toMatchObject({
      code: 'internal',
      message: 'probe: x is undefined',
    });
  });

  test('json() says what came instead, and that it was cut off', async () => {
    const model = probe([text('{"a":'), { type: 'finish', reason: 'length' }]).model;
    await expect(languageModel(model).prompt('hi').json()).rejects.toThrow(/not JSON: "{\\"a\\":".*token limit/s);
  });
});

describe('what an answer has', () => {
  test('samples, tool calls, usage, logprobs, finish, resolved model', async () => {
    const { model } = probe([
      { type: 'metadata', responseId: 'r1', resolvedModel: 'probe-2026' },
      [text('a'), { type: 'text-delta', text: 'b', sample: 1 }],
      { type: 'tool-call-start', index: 0, id: 'c1', name: 'add' },
      { type: 'tool-call-delta', index: 0, arguments: '{"a":1' },
      { type: 'tool-call-delta', index: 0, arguments: '}' },
      { type: 'tool-call-start', index: 2, id: 'c2', name: 'now' },
      { type: 'tool-call-start', index: 3, id: 'c3', name: 'bad' },
      { type: 'tool-call-delta', index: 3, arguments: '[1]' },
      { type: 'logprobs', tokens: [{ token: 'a', logprob: -0.5 }] },
      { type: 'usage', usage: { inputTokens: 1 } },
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
      { type: 'finish', reason: 'tool-calls', raw: 'tool_calls' },
      { type: 'finish', reason: 'stop', sample: 1 },
    ]);
    const response = languageModel(model).prompt('hi', { samples: 2 });
    expect(await response.text(1)).toBe('b');
    expect(await response.toolCalls()).toEqual([
      { id: 'c1', name: 'add', arguments: { a: 1 }, argumentsText: '{"a":1}' },
      { id: 'c2', name: 'now', arguments: {}, argumentsText: '' },
      { id: 'c3', name: 'bad', argumentsText: '[1]', error: 'the arguments are not a JSON object: [1]' },
    ]);
    expect(await response.usage()).toEqual({ inputTokens: 3, outputTokens: 2 });
    expect(await response.logprobs()).toEqual([{ token: 'a', logprob: -0.5 }]);
    expect(await response.finish()).toEqual({ reason: 'tool-calls', raw: 'tool_calls' });
    expect(await response.resolvedModel()).toBe('probe-2026');
    await expect(response.text(5)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('reply', () => {
  const parrot = languageModel({
    id: 'parrot',
    capabilities: { streaming: true },
    async *generate(request) {
      yield text(`${request.messages.length}:${request.messages.map((message) => message.role[0]).join('')}`);
      yield stop;
    },
  });

  test('has the exchange as its history and stays in the conversation', async () => {
    const first = parrot.prompt('a', { system: 's' });
    await first.text();
    const second = first.reply('b');
    expect(second.prompt.messages).toHaveLength(4);
    expect(await second.text()).toBe('4:suau');
    expect(second.conversationId).toBe(first.callId);
    const third = second.reply('c');
    await third.text();
    expect(third.conversationId).toBe(first.callId);
  });

  test('to an answer that was not read yet reads it first', async () => {
    const reply = parrot.prompt('a').reply('b');
    expect(() => reply.prompt).toThrow(/not complete yet/);
    expect(await reply.text()).toBe('3:uau');
    expect(reply.prompt.messages[1]).toEqual(assistant('1:u'));
  });

  test('keeps the options, not the schema', async () => {
    const first = parrot.prompt('a', { options: { temperature: 0 }, schema: { type: 'object' } });
    const second = first.reply('b', { options: { seed: 1 } });
    await second.text();
    expect(second.prompt.options).toEqual({ temperature: 0, seed: 1 });
    expect(second.prompt.schema).toBeUndefined();
  });

  test('to a failed answer fails with its error', async () => {
    const failing = languageModel(probe([new LmdeckError('server', 'down')]).model);
    await expect(failing.prompt('a').reply('b').text()).rejects.toMatchObject({ code: 'server' });
  });
});

describe('conversation', () => {
  const counter = (): ReturnType<typeof languageModel> =>
    languageModel({
      id: 'counter',
      capabilities: { streaming: true },
      async *generate(request) {
        const said = request.messages.at(-1)?.parts[0];
        if (said?.type === 'text' && said.text === 'fail') throw new LmdeckError('server', 'down');
        yield text(String(request.messages.length));
        if (said?.type === 'text' && said.text === 'break') throw new LmdeckError('network', 'reset');
        yield stop;
      },
    });

  test('turns build on each other under one id, the system prompt first and once', async () => {
    const conversation = counter().conversation({ system: 's' });
    expect(await conversation.prompt('a').text()).toBe('2');
    const second = conversation.prompt('b');
    expect(await second.text()).toBe('4');
    expect(second.conversationId).toBe(conversation.id);
    expect((await conversation.messages()).map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'user', 'assistant']);
  });

  test('continues a given history', async () => {
    const conversation = counter().conversation({ id: '01j', messages: [user('a'), assistant('1')], system: 's' });
    expect(conversation.id).toBe('01j');
    expect(await conversation.prompt('b').text()).toBe('4');
  });

  test('a failed turn is left out, a broken one counts as far as it came', async () => {
    const conversation = counter().conversation();
    await conversation.prompt('a').text();
    await expect(conversation.prompt('fail').text()).rejects.toThrow('down');
    expect(await conversation.prompt('b').text()).toBe('3');
    await expect(conversation.prompt('break').text()).rejects.toThrow('reset');
    expect(await conversation.prompt('c').text()).toBe('7');
  });
});
