import { describe, expect, test } from 'vitest';
import { languageModel, LmdeckError, type Model } from '../core/index.ts';
import { mock } from '../models/index.ts';
import { openTape, type Tape } from '../tape/index.ts';
import { record } from './record.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { failure, recorded, replayed, saying, silent } from './test-support/replayed.ts';

test('what was recorded is given again, in the pieces in which it came, without the model', async () => {
  await using tape = openTape(':memory:');
  await recorded(tape, 'Hi', 'Hel', 'lo, ', 'you');
  const model = languageModel(silent, replay(tape));
  const pieces = [];
  for await (const text of model.prompt('Hi')) pieces.push(text);
  expect(pieces).toEqual(['Hel', 'lo, ', 'you']);
  const response = model.prompt('Hi');
  expect(await response.text()).toBe('Hello, you');
  expect(await response.finish()).toEqual({ reason: 'length' });
});

test('of several recordings the last counts, or the first', async () => {
  await using tape = openTape(':memory:');
  await recorded(tape, 'Hi', 'one');
  await recorded(tape, 'Hi', 'two');
  expect(await replayed(tape).prompt('Hi').text()).toBe('two');
  expect(await replayed(tape, { order: 'first' }).prompt('Hi').text()).toBe('one');
});

describe('what becomes of a miss', () => {
  test('fail: an error, and the model is not asked', async () => {
    await using tape = openTape(':memory:');
    expect((await failure(replayed(tape, { on: 'fail' }).prompt('Hi').text())).code).toBe('replay-miss');
  });

  test('miss: the model is asked each time, nothing is recorded', async () => {
    await using tape = openTape(':memory:');
    const model = mock({ outputs: ['one', 'two'] });
    const replaying = languageModel(model, replay(tape, { on: 'miss' }));
    expect(await replaying.prompt('Hi').text()).toBe('one');
    expect(await replaying.prompt('Hi').text()).toBe('two');
    expect(tape.count()).toBe(0);
  });

  test('record: the model is asked once, then the answer is replayed', async () => {
    await using tape = openTape(':memory:');
    const wrapper = replay(tape, { on: 'record' });
    expect(await languageModel(saying('new'), wrapper).prompt('Hi').text()).toBe('new');
    expect(await languageModel(silent, wrapper).prompt('Hi').text()).toBe('new');
    expect(tape.count()).toBe(1);
  });

  test('record below a record of the same tape writes once', async () => {
    await using tape = openTape(':memory:');
    const model = languageModel(saying('new'), record(tape), replay(tape, { on: 'record' }));
    expect(await model.prompt('Hi').text()).toBe('new');
    expect(tape.count()).toBe(1);
    expect(await model.prompt('Hi').text()).toBe('new');
    // The replayed call is a call too.
    expect(tape.calls().map((call) => call.cachedFrom !== undefined)).toEqual([true, false]);
  });

  test('a reply to an answer that is not there yet fails as any other', async () => {
    await using tape = openTape(':memory:');
    await recorded(tape, 'Hi', 'one');
    const reply = replayed(tape).prompt('Hi').reply('And now?');
    expect((await failure(reply.text())).code).toBe('replay-miss');
  });
});

describe('in sequence', () => {
  const asked = async (tape: Tape, options: ReplayOptions, count: number): Promise<string[]> => {
    const model = replayed(tape, { ...options, order: 'sequence' });
    const answers: string[] = [];
    for (let i = 0; i < count; i++) answers.push(await model.prompt('Hi').text());
    return answers;
  };

  test('the n-th question gets the n-th answer, for each replay anew', async () => {
    await using tape = openTape(':memory:');
    for (const text of ['one', 'two', 'three']) await recorded(tape, 'Hi', text);
    await recorded(tape, 'Bye', 'other');
    expect(await asked(tape, {}, 3)).toEqual(['one', 'two', 'three']);
    expect(await asked(tape, {}, 2)).toEqual(['one', 'two']);
  });

  test('after the last one: an error that says how many there were, the last again, or the first', async () => {
    await using tape = openTape(':memory:');
    for (const text of ['one', 'two']) await recorded(tape, 'Hi', text);
    const error = await failure(asked(tape, { advice: 'Do it again.' }, 3));
    expect(error.message).toBe('This request to saying was recorded 2 times and is asked 3 times now (order: sequence).\nDo it again.');
    expect(error.data).toMatchObject({ recorded: 2, asked: 3 });
    expect(await asked(tape, { afterLast: 'repeat' }, 4)).toEqual(['one', 'two', 'two', 'two']);
    expect(await asked(tape, { afterLast: 'restart' }, 5)).toEqual(['one', 'two', 'one', 'two', 'one']);
  });

  test('what is missing at the end is recorded, and comes in its place the next time', async () => {
    await using tape = openTape(':memory:');
    await recorded(tape, 'Hi', 'one');
    const source = mock({ id: 'saying', outputs: ['two', 'three'] });
    const wrapper = replay(tape, { on: 'record', order: 'sequence' });
    const model = languageModel(source, wrapper);
    const first = [];
    for (let i = 0; i < 3; i++) first.push(await model.prompt('Hi').text());
    expect(first).toEqual(['one', 'two', 'three']);
    expect(await asked(tape, {}, 3)).toEqual(first);
  });

  test('questions at the same time get their answers in the order in which they began', async () => {
    await using tape = openTape(':memory:');
    const words = Array.from({ length: 20 }, (_, i) => `answer ${i}`);
    for (const text of words) await recorded(tape, 'Hi', text);
    const model = replayed(tape, { order: 'sequence' });
    expect(await Promise.all(words.map(() => model.prompt('Hi').text()))).toEqual(words);
  });

  test('calls that ran at the same time come in the order in which they began, not in that in which they ended', async () => {
    await using tape = openTape(':memory:');
    const source = languageModel(mock({ id: 'saying', outputs: [{ text: 'slow', delayMs: 40 }, 'quick', 'quicker'] }), record(tape));
    const following = replayed(tape, { order: 'sequence' });
    const first = source.prompt('Hi').text();
    for (let i = 0; i < 2; i++) await source.prompt('Hi').text();
    // At this point only the other two are there.
    expect(await following.prompt('Hi').text()).toBe('quick');
    expect(await following.prompt('Hi').text()).toBe('quicker');
    await first;
    // Now that one is the third.
    expect(await following.prompt('Hi').text()).toBe('quicker');
    expect(await asked(tape, {}, 3)).toEqual(['slow', 'quick', 'quicker']);
  });
});

describe('calls that did not end well', () => {
  const failing = (...pieces: string[]): Model => ({
    ...silent,
    async *generate() {
      for (const text of pieces) yield { type: 'text-delta', text };
      throw new LmdeckError('rate-limit', 'saying: 429 slow down', { status: 429, retryAfterMs: 2000, data: { limit: 5 } });
    },
  });

  test('an API error comes again, after what had come before it', async () => {
    await using tape = openTape(':memory:');
    await expect(languageModel(failing('Hel', 'lo'), record(tape)).prompt('Hi', { stream: true }).text()).rejects.toThrow('slow down');
    const response = replayed(tape).prompt('Hi');
    const pieces: string[] = [];
    await expect(
      (async () => {
        for await (const text of response) pieces.push(text);
      })(),
    ).rejects.toMatchObject({ code: 'rate-limit', status: 429, retryAfterMs: 2000, retryable: true, data: { limit: 5 } });
    expect(pieces).toEqual(['Hel', 'lo']);
  });

  test('an answer that ended well comes first, in sequence each in its turn', async () => {
    await using tape = openTape(':memory:');
    await recorded(tape, 'Hi', 'good');
    await languageModel(failing(), record(tape))
      .prompt('Hi')
      .text()
      .catch(() => undefined);
    expect(await replayed(tape).prompt('Hi').text()).toBe('good');
    expect(
      await replayed(tape, { relax: ['model'] })
        .prompt('Hi')
        .text(),
    ).toBe('good');
    const inTurn = replayed(tape, { order: 'sequence' });
    expect(await inTurn.prompt('Hi').text()).toBe('good');
    await expect(inTurn.prompt('Hi').text()).rejects.toMatchObject({ code: 'rate-limit' });
  });

  test('where the model may be asked instead, it is', async () => {
    await using tape = openTape(':memory:');
    await languageModel(failing(), record(tape))
      .prompt('Hi')
      .text()
      .catch(() => undefined);
    for (const on of ['miss', 'record'] as const)
      expect(await languageModel(saying(on), replay(tape, { on })).prompt('Hi').text()).toBe(on === 'miss' ? 'miss' : 'record');
  });

  test('errors: false passes over them, and the miss says so', async () => {
    await using tape = openTape(':memory:');
    await languageModel(failing(), record(tape))
      .prompt('Hi')
      .text()
      .catch(() => undefined);
    const error = await failure(replayed(tape, { errors: false }).prompt('Hi').text());
    expect(error.message).toContain('The prompts are the same.\nThat call ended with status error: such calls are not replayed here.');
  });

  test('an answer that its reader left is given as far as it was read', async () => {
    await using tape = openTape(':memory:');
    for await (const text of languageModel(saying('one ', 'two ', 'three'), record(tape)).prompt('Count')) if (text === 'two ') break;
    const read: string[] = [];
    for await (const text of replayed(tape).prompt('Count')) {
      read.push(text);
      if (text === 'two ') break;
    }
    expect(read).toEqual(['one ', 'two ']);
    expect((await failure(replayed(tape).prompt('Count').text())).message).toContain('ends here: its reader left');
  });
});
