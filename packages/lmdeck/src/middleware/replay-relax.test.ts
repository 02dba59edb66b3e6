import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type CallStore,
  languageModel,
  type Message,
  messageText,
  type Model,
  type ModelRequest,
  type PromptOptions,
  type ToolDefinition,
  toolResult,
  user,
} from '../core/index.ts';
import { mock } from '../models/index.ts';
import { openTape, type Tape } from '../tape/index.ts';
import { record } from './record.ts';
import type { Relaxation } from './replay-key.ts';
import { replay } from './replay.ts';
import { failure, recorded, replayed, saying, silent } from './test-support/replayed.ts';

describe('relaxed', () => {
  const ask = (tape: Tape, relax: readonly Relaxation[], prompt = 'Hi', options: PromptOptions = {}, model: Partial<Model> = {}) =>
    languageModel({ ...silent, ...model }, replay(tape, { relax }))
      .prompt(prompt, options)
      .text();

  test('what need not agree is passed over, everything else still counts', async () => {
    await using tape = openTape(':memory:');
    const model = languageModel({ ...saying('Hello'), endpoint: 'http://a', revision: '1' }, record(tape));
    const tool: ToolDefinition = { name: 'look', parameters: { type: 'object' } };
    await model
      .prompt('Hi', { system: 'Be brief.', options: { temperature: 1, seed: 3 }, tools: [tool], schema: { type: 'string' } })
      .text();

    const same: PromptOptions = { system: 'Be brief.', options: { temperature: 1, seed: 3 }, tools: [tool], schema: { type: 'string' } };
    const place = { endpoint: 'http://a', revision: '1' };
    const variants: readonly (readonly [Relaxation, PromptOptions, Partial<Model>, string?])[] = [
      ['model', same, { ...place, id: 'other' }],
      ['endpoint', same, { ...place, endpoint: 'http://b' }],
      ['revision', same, { ...place, revision: '2' }],
      ['options', { ...same, options: {} }, place],
      ['options.seed', { ...same, options: { temperature: 1, seed: 4 } }, place],
      ['tools', { ...same, tools: [{ ...tool, description: 'new' }], toolChoice: 'auto' }, place],
      ['schema', { ...same, schema: { type: 'number' } }, place],
      ['samples', { ...same, samples: 2, sample: 3 }, place],
      ['system', { ...same, system: 'Be long.' }, place],
      ['whitespace', same, place, '  Hi\n'],
    ];
    for (const [relaxation, options, identity, prompt] of variants) {
      expect(await ask(tape, [relaxation], prompt, options, identity), relaxation).toBe('Hello');
      const others = variants.map(([each]) => each).filter((each) => !each.startsWith(relaxation) && !relaxation.startsWith(each));
      await expect(ask(tape, others, prompt, options, identity), relaxation).rejects.toMatchObject({ code: 'replay-miss' });
    }
  });

  test('what providers made up: metadata and ids of tool calls', async () => {
    await using tape = openTape(':memory:');
    const history = (id: string): Message[] => [
      user('Look'),
      { role: 'assistant', parts: [{ type: 'tool-call', id, name: 'look', arguments: '{}', providerMetadata: { a: { item: id } } }] },
      toolResult(id, 'A pelican'),
    ];
    await languageModel(saying('Nice'), record(tape)).prompt(history('call_1')).text();
    const asked = (...relax: Relaxation[]) => languageModel(silent, replay(tape, { relax })).prompt(history('call_2')).text();
    expect(await asked('metadata', 'tool-call-ids')).toBe('Nice');
    await expect(asked('metadata')).rejects.toMatchObject({ code: 'replay-miss' });
    await expect(asked('tool-call-ids')).rejects.toMatchObject({ code: 'replay-miss' });
  });

  test('normalize takes out of both what differs each time', async () => {
    await using tape = openTape(':memory:');
    await recorded(tape, 'Today is 2026-01-01.', 'Hello');
    const normalize = (request: ModelRequest): ModelRequest => ({
      ...request,
      messages: request.messages.map((message) => user(messageText(message).replaceAll(/\d{4}-\d\d-\d\d/g, 'DATE'))),
    });
    expect(await replayed(tape, { normalize }).prompt('Today is 2027-02-03.').text()).toBe('Hello');
    const error = await failure(replayed(tape, { normalize }).prompt('Yesterday was 2027-02-02.').text());
    expect(error.message).toContain('message 1 (user): [-Today-]{+Yesterday+} [-is-]{+was+} DATE.');
  });

  test('calls that were recorded meanwhile are found, from this process and from others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lmdeck-replay-'));
    try {
      await using tape = openTape(join(folder, 'tape.db'));
      const model = languageModel({ ...silent, id: 'other' }, replay(tape, { relax: ['model'] }));
      await expect(model.prompt('Hi').text()).rejects.toMatchObject({ code: 'replay-miss' });
      await recorded(tape, 'Hi', 'Hello');
      expect(await model.prompt('Hi').text()).toBe('Hello');
      await recorded(tape, 'Hi', 'Hello again');
      expect(await model.prompt('Hi').text()).toBe('Hello again');

      // Another connection is to the tape what another process is.
      await using other = openTape(join(folder, 'tape.db'));
      const open = languageModel(mock({ id: 'saying', outputs: [{ text: 'Late', delayMs: 30 }] }), record(other)).prompt('Wait');
      const end = open.text();
      await recorded(other, 'Bye', 'See you');
      await other.flush();
      expect(await model.prompt('Bye').text()).toBe('See you');
      await expect(model.prompt('Wait').text()).rejects.toMatchObject({ code: 'replay-miss' });
      await end;
      await other.flush();
      expect(await model.prompt('Wait').text()).toBe('Late');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a tape that is only read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lmdeck-replay-'));
    try {
      const path = join(folder, 'tape.db');
      await using written = openTape(path);
      await recorded(written, 'Hi', 'Hello');
      await written.flush();
      await using tape = openTape(path, { readOnly: true });
      const model = languageModel({ ...silent, id: 'other' }, replay(tape, { relax: ['model'] }));
      expect(await model.prompt('Hi').text()).toBe('Hello');
      await recorded(written, 'Bye', 'See you');
      await written.flush();
      expect(await model.prompt('Bye').text()).toBe('See you');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('only the calls of a run', async () => {
    await using tape = openTape(':memory:');
    for (const runId of ['a', 'b'])
      await languageModel(saying(`of ${runId}`), record(tape, { runId }))
        .prompt('Hi')
        .text();
    await recorded(tape, 'Hi', 'of none');
    expect(await replayed(tape, { runId: 'a' }).prompt('Hi').text()).toBe('of a');
    expect((await failure(replayed(tape, { runId: 'c' }).prompt('Hi').text())).code).toBe('replay-miss');
  });

  test('a relaxation that there is not is refused, and so is a store that cannot', () => {
    const tape = openTape(':memory:');
    // @ts-expect-error: what JavaScript, or an environment variable, may say.
    expect(() => replay(tape, { relax: ['modell'] })).toThrow('there is no relaxation "modell". Did you mean model');
    const store = withoutFeed(tape);
    expect(() => replay(store, { order: 'sequence' })).toThrow('this store looks up whole requests alone');
    expect(() => replay(store)).not.toThrow();
  });
});

function withoutFeed(tape: Tape): CallStore {
  return {
    start: (call) => tape.start(call),
    checkpoint: (id, samples) => tape.checkpoint(id, samples),
    finish: (id, end) => tape.finish(id, end),
    find: (key, which) => tape.find(key, which),
    closest: (request, options) => tape.closest(request, options),
    flush: () => tape.flush(),
  };
}
