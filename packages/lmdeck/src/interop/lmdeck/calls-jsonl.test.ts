import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRequest, type StoredCall } from '../../core/index.ts';
import { openTape } from '../../tape/index.ts';
import { end, jsonObject, request, text } from '../../tape/test-support/arbitraries.ts';
import { callStart, put } from '../../tape/test-support/calls.ts';
import { exportCalls } from '../export-calls.ts';
import { importCalls } from '../import-calls.ts';
import { temporaryFolder } from '../test-support/temporary-folder.ts';
import { callLine, parseCallLine } from './call-line.ts';

const facts = fc.record(
  {
    endpoint: text,
    revision: text,
    runId: text,
    parentCallId: text,
    metadata: jsonObject,
    stream: fc.boolean(),
    conversationId: fc.constant('c1'),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const calls = fc.array(
  fc.record({
    request,
    end,
    facts,
    tags: fc.dictionary(fc.constantFrom('reward', 'label'), fc.oneof(fc.integer(), text), { noNullPrototype: true }),
  }),
  {
    minLength: 1,
    maxLength: 4,
  },
);

describe('the exchange format', () => {
  test('keeps everything that a tape has of a call', async () => {
    const path = join(temporaryFolder(), 'calls.jsonl.gz');
    await fc.assert(
      fc.asyncProperty(calls, async (given) => {
        await using tape = openTape(':memory:');
        for (const [i, each] of given.entries()) {
          const start = callStart('', { ...each.facts, request: each.request, startedAt: 1_700_000_000_000 + i });
          tape.start(start);
          tape.finish(start.id, each.end);
          tape.tag(start.id, each.tags);
        }
        await exportCalls(tape, path, { overwrite: true });
        await using copy = openTape(':memory:');
        const report = await importCalls(copy, path);
        expect(report).toMatchObject({ format: 'lmdeck', calls: given.length, failedCount: 0 });
        expect(copy.calls({ order: 'oldest' })).toEqual(tape.calls({ order: 'oldest' }));
        expect([...copy.verify()]).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('an interrupted call comes with what had arrived; one that runs stays where it is', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'calls.jsonl');
    const half: StoredCall = {
      ...callStart('half', { startedAt: 5 }),
      status: 'interrupted',
      samples: [{ message: { role: 'assistant', parts: [{ type: 'text', text: 'so f' }] } }],
    };
    writeFileSync(path, callLine(half));
    {
      await using tape = openTape(join(folder, 'tape.db'));
      expect(await importCalls(tape, path)).toMatchObject({ calls: 1 });
    }
    await using tape = openTape(join(folder, 'tape.db'));
    expect(tape.calls()[0]).toMatchObject({ status: 'interrupted', samples: half.samples });
    tape.start(callStart('running'));
    let out = '';
    const report = await exportCalls(tape, (piece) => void (out += piece));
    expect(report).toMatchObject({ calls: 2, lines: 1, passedOver: [{ what: 'calls that are still running', count: 1 }] });
    expect(parseCallLine(out).start.id).toBe(half.id);
  });

  test('merges tapes, by lines or the file itself', async () => {
    const folder = temporaryFolder();
    const [one, two] = [join(folder, 'one.db'), join(folder, 'two.db')];
    {
      await using a = openTape(one);
      await using b = openTape(two);
      put(a, 'only here', 'x', { startedAt: 1 });
      const shared = callStart('both', { startedAt: 2 });
      for (const tape of [a, b]) {
        tape.start(shared);
        tape.finish(shared.id, { status: 'ok', samples: [] });
      }
      a.tag(shared.id, { reward: 1 });
      put(b, 'only there', 'y', { startedAt: 3, conversationId: shared.id });
    }
    await using tape = openTape(one);
    expect(await importCalls(tape, two)).toMatchObject({ format: 'tape', calls: 1, skipped: 1 });
    expect(tape.calls({ order: 'oldest' }).map((call) => call.startedAt)).toEqual([1, 2, 3]);
    expect(tape.calls({ order: 'oldest' })[2]?.conversationId).toBe(tape.calls({ order: 'oldest' })[1]?.id);
    expect([...tape.verify()]).toEqual([]);
  });
});

describe('a line that is no call is named and left out', () => {
  const good = JSON.parse(callLine({ ...callStart('x', { request: createRequest({ messages: [] }) }), status: 'ok', samples: [] }));
  test.each<[string, unknown, string]>([
    ['no JSON', '{"lmdeck": 1', 'no JSON'],
    ['another version', { ...good, lmdeck: 2 }, 'version 2 of the format; this lmdeck knows version 1: update lmdeck'],
    ['no version', { id: 'x' }, 'no "lmdeck": 1'],
    ['no id', { ...good, id: 'x' }, 'id "x" is no ULID'],
    ['no time', { ...good, startedAt: '2024' }, 'startedAt is no number'],
    ['no model', { ...good, model: undefined }, 'no model'],
    ['a running call', { ...good, status: 'started' }, 'still running'],
    ['another status', { ...good, status: 'fine' }, 'status "fine" is unknown'],
    ['bad messages', { ...good, request: { messages: [{ role: 'robot', parts: [] }] } }, 'messages of its request'],
    ['an unknown part', { ...good, request: { messages: [{ role: 'user', parts: [{ type: 'smell' }] }] } }, 'messages of its request'],
    ['bad samples', { ...good, samples: [{}] }, 'samples are none'],
    ['bad error', { ...good, error: 'oops' }, 'error is none'],
    ['bad usage', { ...good, usage: { inputTokens: '5' } }, 'usage is none'],
    ['a request that was edited', { ...good, id: '01jex3m8mkcd3phpq18x2gds5z', model: 'other' }, 'its request was changed'],
  ])('%s', async (_name, value, reason) => {
    const path = join(temporaryFolder(), 'calls.jsonl');
    writeFileSync(path, `${JSON.stringify(good)}\n\n${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
    await using tape = openTape(':memory:');
    const { calls, failed } = await importCalls(tape, path);
    expect([calls, failed]).toEqual([1, [{ where: 'line 3', reason: expect.stringContaining(reason) }]]);
  });

  test('without its request key an edited line is a call of its own', async () => {
    const path = join(temporaryFolder(), 'calls.jsonl');
    writeFileSync(path, JSON.stringify({ ...good, model: 'other', requestKey: undefined }));
    await using tape = openTape(':memory:');
    expect(await importCalls(tape, path)).toMatchObject({ calls: 1, failedCount: 0 });
    expect([...tape.verify()]).toEqual([]);
  });
});
